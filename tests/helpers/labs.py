"""A lab for tests: a server in a thread, ways to ask it, and requests that nobody should send."""

import json
import random
import socket
import string
import threading
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from sim.config.folders import ConfFolders
from sim.lab.server import Lab

FOLDERS = ConfFolders(Path(__file__).resolve().parents[2] / "conf")


@contextmanager
def open_lab():
    """Serve at a free port until the block ends."""
    with Lab(FOLDERS) as lab:
        thread = threading.Thread(target=lab.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield lab
        finally:
            lab.shutdown()
            thread.join(10)


def ask(lab, plan, question="run", headers=None, body=None):
    """Return status and answer to a question."""
    connection = HTTPConnection("127.0.0.1", lab.server_address[1], timeout=30)
    try:
        body = json.dumps(plan) if body is None else body
        connection.request("POST", f"/api/{question}", body, {"Content-Type": "application/json"} | (headers or {}))
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


def raw(lab, message, timeout=2.0):
    """Send bytes and return the first bytes of what comes back; nothing when the door is shut."""
    with socket.create_connection(("127.0.0.1", lab.server_address[1]), timeout=timeout) as wire:
        try:
            wire.sendall(message)
            wire.shutdown(socket.SHUT_WR)
            return wire.recv(4096)
        except OSError:
            return b""


def malformed(luck: random.Random, host: str) -> bytes:
    """Return one request that is wrong in some way: noise, a broken head, a broken body, or a plan out of range."""
    kind = luck.randrange(6)
    if kind == 0:
        return luck.randbytes(luck.randrange(1, 300))
    if kind == 1:
        verb = luck.choice(["GET", "PUT", "DELETE", "TRACE", "POST", "get", "", "G" * 500])
        path = luck.choice(["/../../etc/passwd", "/api/run/../..", "/%2e%2e/", "*", "/" + "a" * 5000, "/api/x"])
        return f"{verb} {path} HTTP/{luck.choice(['1.1', '1.0', '9.9', 'x'])}\r\nHost: {host}\r\n\r\n".encode()
    if kind == 2:
        length = luck.choice(["-1", "x", "99999999999", "1e9", "", "33000", "+5", "\u0663"])
        return f"POST /api/run HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{{}}".encode()
    if kind == 3:
        wrong = luck.choice(["evil.example", "127.0.0.1:1", "", "localhost", f"{host}.evil.example", "[::1]"])
        return _post(wrong, b"{}")
    if kind == 4:
        text = json.dumps(wild_plan(luck)).encode()
        return _post(host, text[: luck.randrange(len(text))] + luck.randbytes(luck.randrange(6)))
    return _post(host, json.dumps(wild_plan(luck)).encode(), luck.choice(["run", "fan"]))


def _post(host: str, body: bytes, question: str = "run") -> bytes:
    head = f"POST /api/{question} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    return f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def wild_value(luck: random.Random, depth: int = 0):
    """Return a JSON value of any kind."""
    numbers = (-1, 0, 1e308, -1e-308, float("nan"), float("inf"), 2**70)
    plain = (None, True, False, *numbers, "", "null", "../x.yaml", "é\u0000")
    kind = luck.randrange(4 if depth < 3 else 2)
    if kind == 0:
        return luck.choice(plain)
    if kind == 1:
        return "".join(luck.choices(string.printable, k=luck.randrange(20)))
    if kind == 2:
        return [wild_value(luck, depth + 1) for _ in range(luck.randrange(4))]
    return {str(wild_value(luck, 3)): wild_value(luck, depth + 1) for _ in range(luck.randrange(4))}


NAMES = (
    *("enabling.leadership", "weeks", "shocks.a", "shocks.a.week", "schedule.b", "rules.exchange", "shocks"),
    *("enabling", "", ".", "..", "shocks..week", "shocks.reform_2014", "turnover.cause", "output", "name"),
)


def wild_plan(luck: random.Random):
    """Return a plan that has at least one part that it must not have."""
    plan = {key: wild_value(luck) for key in luck.sample(("case", "scenario", "seed", "replicate"), luck.randrange(3))}
    plan["settings"] = {luck.choice(NAMES): wild_value(luck) for _ in range(luck.randrange(1, 5))}
    plan["nonsense"] = wild_value(luck)
    return plan
