"""The server of the lab: it answers this machine, refuses the rest, and is still there afterwards."""

import json
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from sim.commands.cli import main
from sim.lab import server
from tests.helpers.labs import ask, malformed, open_lab, raw


@pytest.fixture(scope="module")
def lab():
    with open_lab() as lab:
        # Else the first question waits for the compiler, on a slow machine longer than its patience.
        server.warm(lab)
        yield lab


def test_it_listens_on_this_machine_only(lab):
    assert lab.server_address[0] == "127.0.0.1"
    assert lab.socket.family is socket.AF_INET


def get(lab, path="/", host=None, headers=None):
    connection = HTTPConnection("127.0.0.1", lab.server_address[1], timeout=10)
    connection.putrequest("GET", path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{lab.server_address[1]}")
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    reply = connection.getresponse()
    try:
        return reply.status, reply.headers, reply.read()
    finally:
        connection.close()


def test_it_gives_one_page_that_may_use_nothing_else(lab):
    status, headers, page = get(lab)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert headers["X-Frame-Options"] == "DENY"
    assert page == lab.page
    assert b"default-src 'none'" in page


@pytest.mark.parametrize(
    "path", ["/index.html", "/main.js", "/../pyproject.toml", "/%2e%2e/pyproject.toml", "/api/run"]
)
def test_no_path_leads_to_a_file(lab, path):
    status, _, body = get(lab, path)
    assert (status, json.loads(body)) == (404, {"problems": ["there is one page, at /"]})


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "localhost"])
def test_a_foreign_host_is_refused(lab, host):
    assert get(lab, host=host.format(port=lab.server_address[1]))[0] == 403


def test_localhost_is_this_machine_too(lab):
    assert get(lab, host=f"localhost:{lab.server_address[1]}")[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_foreign_page_is_refused(lab, headers, status):
    assert ask(lab, {}, headers=headers)[0] == status


def test_its_own_origin_is_not_foreign(lab):
    assert ask(lab, {}, headers={"Origin": f"http://127.0.0.1:{lab.server_address[1]}"})[0] == 200


def test_a_mistake_is_told_in_the_words_of_the_command_line(lab):
    status, answer = ask(lab, {"settings": {"enabling.leadership": 7, "enabling.trust": 1}})
    assert status == 400
    assert answer["problems"][0].startswith("enabling.leadership must be a number from 0 to 1")
    assert len(answer["problems"]) == 2


def test_what_is_too_long_or_no_json_is_refused(lab):
    assert ask(lab, None, body="{" * 100_000)[0] == 413
    assert ask(lab, None, body="[" * 30_000) == (400, {"problems": ["a question must be JSON"]})
    assert ask(lab, None, body=b"\xff\xfe") == (400, {"problems": ["a question must be JSON"]})


def test_paths_of_files_are_refused(lab, tmp_path):
    secret = tmp_path / "secret.yaml"
    secret.write_text("sentence: secret\n", encoding="utf-8")
    for kind in ("case", "scenario"):
        status, answer = ask(lab, {kind: str(secret)})
        assert (status, answer) == (400, {"problems": [f"{kind} must be a name here, not a path"]})


def test_the_same_question_is_answered_from_memory(lab, monkeypatch):
    plan = {"settings": {"enabling.leadership": 0.31}}
    first = ask(lab, plan)
    monkeypatch.setitem(server.QUESTIONS, "/api/run", lambda _: 1 / 0)
    assert ask(lab, plan) == first
    status, answer = ask(lab, {"settings": {"enabling.leadership": 0.32}})
    assert (status, answer["problems"][0]) == (500, "something went wrong that is not your fault: ZeroDivisionError")


def test_memory_is_bounded(lab, monkeypatch):
    monkeypatch.setattr(server, "KEPT_ANSWERS", 3)
    for replicate in range(6):
        assert ask(lab, {"replicate": replicate, "settings": {"weeks": 5}})[0] == 200
    assert len(lab._kept) == 3


def test_thirty_questions_at_once_are_answered(lab):
    """A class of thirty, each with a plan of its own."""
    plans = [{"case": "chrp", "replicate": number, "settings": {"weeks": 104}} for number in range(30)]
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda plan: ask(lab, plan), plans))
    assert [status for status, _ in answers] == [200] * 30
    assert [answer["plan"]["replicate"] for _, answer in answers] == list(range(30))


def fuzz(lab, requests, seed):
    luck = random.Random(seed)
    host = f"127.0.0.1:{lab.server_address[1]}"
    statuses = {_status(lab, luck, host) for _ in range(requests)}
    assert b"500" not in statuses
    assert b"200" not in statuses
    assert ask(lab, {})[0] == 200
    assert get(lab)[0] == 200


def _status(lab, luck, host):
    reply = raw(lab, malformed(luck, host))
    return reply[9:12] if reply.startswith(b"HTTP/") else b""


def test_malformed_requests_leave_it_answering(lab):
    fuzz(lab, 400, seed=1)


@pytest.mark.slow
def test_ten_thousand_malformed_requests_leave_it_answering(lab):
    before = threading.active_count()
    fuzz(lab, 10_000, seed=2)
    assert threading.active_count() <= before + 2


def test_too_many_connections_are_closed_and_room_comes_back(lab):
    address = ("127.0.0.1", lab.server_address[1])
    silent = [socket.create_connection(address, timeout=5) for _ in range(server.MAX_AT_ONCE)]
    try:
        assert raw(lab, b"GET / HTTP/1.1\r\n\r\n") == b""
    finally:
        for wire in silent:
            wire.close()
    for _ in range(50):
        if raw(lab, f"GET / HTTP/1.1\r\nHost: localhost:{address[1]}\r\n\r\n".encode()).startswith(b"HTTP/1.1 200"):
            return
        threading.Event().wait(0.1)
    pytest.fail("no room came back")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["port=x"], "port must be a whole number from 0 to 65535; got 'x'"),
        (["port=70000"], "port must be a whole number from 0 to 65535; got 70000"),
        (["prt=8000"], "unknown setting 'prt'; did you mean 'port'?"),
        (["browser=maybe"], "browser must be one of yes, no"),
    ],
)
def test_mistakes_of_the_command_are_one_line(capsys, words, line):
    assert main(["lab", *words]) == 2
    assert line in capsys.readouterr().err


def test_a_port_in_use_is_told(lab, capsys):
    port = lab.server_address[1]
    assert main(["lab", f"port={port}", "browser=no"]) == 2
    assert f"port {port} is in use; give another one" in capsys.readouterr().err
