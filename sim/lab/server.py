"""A small server on this machine only: one page, and two questions that are answered by the compiled core.

Nothing from outside reaches the file system: there is one page, made at the start, and every plan passes the gate in
``sim.lab.plan``. Foreign hosts and origins are refused, so that no other page in the browser can ask.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from sim.config.folders import ConfFolders
from sim.core.errors import UserError
from sim.lab.answer import fan_answer, run_answer, shock_answer
from sim.lab.page import assemble, catalogue
from sim.lab.plan import LabPlan, read_plan

HOST = "127.0.0.1"
MAX_BODY = 32_768
MAX_AT_ONCE = 64
KEPT_ANSWERS = 100
PATIENCE = 15.0
"""Seconds that a request may take to arrive, and to wait for its turn."""

QUESTIONS: dict[str, Callable[[LabPlan], dict[str, Any]]] = {
    "/api/run": run_answer,
    "/api/shocks": shock_answer,
    "/api/fan": fan_answer,
}


class RefusedError(Exception):
    """A request that is not answered: a status and a line that says why."""

    def __init__(self, status: HTTPStatus, line: str) -> None:
        self.status, self.line = status, line
        super().__init__(line)


class Lab(ThreadingHTTPServer):
    """The server: the page, and answers kept for plans that were asked about before.

    Parameters
    ----------
    folders : ConfFolders
        Where names of cases and scenarios are looked for.
    port : int
        Port to listen at; 0 takes any that is free.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, folders: ConfFolders, port: int = 0) -> None:
        self.folders = folders
        self.page = assemble({"mode": "live", "catalogue": catalogue(folders)}).encode()
        self._room = threading.BoundedSemaphore(MAX_AT_ONCE)
        # A run takes milliseconds: asking for many at once only queues. A fan has a queue of its own, so that the hand
        # on a slider does not wait for it.
        self._turn = {question: threading.Lock() for question in QUESTIONS}
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        super().__init__((HOST, port), Handler)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def hosts(self) -> tuple[str, ...]:
        """Return how a browser on this machine may call the server."""
        port = self.server_address[1]
        return (f"{HOST}:{port}", f"localhost:{port}")

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection when there is room for it, else close it."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection, and make room again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a browser goes away in the middle of an answer."""

    def answer(self, question: str, asked: object) -> bytes:
        """Return the answer to a question about a plan, as JSON.

        Parameters
        ----------
        question : str
            One of ``QUESTIONS``.
        asked : object
            The plan as it came from outside.

        Raises
        ------
        UserError
            When the plan does not pass the gate.
        RefusedError
            When the engine was busy for too long.
        """
        plan = read_plan(asked, self.folders)
        key = (question, plan.key())
        if key not in self._kept:
            if not self._turn[question].acquire(timeout=PATIENCE):
                raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, "too many questions at once; try again")
            try:
                if key not in self._kept:
                    self._keep(key, to_json(QUESTIONS[question](plan)))
            finally:
                self._turn[question].release()
        return self._kept.get(key) or to_json(QUESTIONS[question](plan))

    def _keep(self, key: tuple[str, str], answer: bytes) -> None:
        self._kept[key] = answer
        while len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)


def to_json(content: object) -> bytes:
    """Return plain values as compact JSON; a number that is not finite would be our fault."""
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


class Handler(BaseHTTPRequestHandler):
    """One connection: looks at where a request comes from, then at what it asks."""

    server: Lab
    protocol_version = "HTTP/1.1"
    server_version = "partnersim"
    sys_version = ""
    timeout = PATIENCE
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Give the page, or nothing."""
        self._serve(self._get)

    def do_POST(self) -> None:
        """Answer a question about a plan."""
        self._serve(self._post)

    def _serve(self, work: Callable[[], tuple[str, bytes]]) -> None:
        try:
            self._check_origin()
            kind, body = work()
            self._send(HTTPStatus.OK, kind, body)
        except UserError as error:
            self._send(HTTPStatus.BAD_REQUEST, "application/json", to_json({"problems": list(error.problems)}))
        except RefusedError as refused:
            self.close_connection = True
            self._send(refused.status, "application/json", to_json({"problems": [refused.line]}))
        except OSError:
            self.close_connection = True
        except Exception as error:
            line = f"something went wrong that is not your fault: {type(error).__name__}"
            self.close_connection = True
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, "application/json", to_json({"problems": [line]}))

    def _check_origin(self) -> None:
        """Refuse a request that was sent to another name, or by another page."""
        host = self.headers.get("Host", "")
        if host not in self.server.hosts():
            raise RefusedError(HTTPStatus.FORBIDDEN, "this page is for this machine only")
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != host:
            raise RefusedError(HTTPStatus.FORBIDDEN, "another page may not ask")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
            raise RefusedError(HTTPStatus.FORBIDDEN, "another page may not ask")

    def _get(self) -> tuple[str, bytes]:
        if urlsplit(self.path).path != "/":
            raise RefusedError(HTTPStatus.NOT_FOUND, "there is one page, at /")
        return "text/html; charset=utf-8", self.server.page

    def _post(self) -> tuple[str, bytes]:
        if self.path not in QUESTIONS:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"questions are {', '.join(QUESTIONS)}")
        if self.headers.get_content_type() != "application/json":
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a question is application/json")
        return "application/json", self.server.answer(self.path, self._body())

    def _body(self) -> object:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "a question needs its length")
        if len(length) > 9 or int(length) > MAX_BODY:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a question has at most {MAX_BODY} bytes")
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise UserError("a question must be JSON") from error

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("X-Frame-Options", "DENY")
            self.send_header("Referrer-Policy", "no-referrer")
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Write no line per request."""


def warm(lab: Lab) -> None:
    """Answer the questions with which the page opens, so that the first visitor does not wait for the compiler.

    Parameters
    ----------
    lab : Lab
        The server, not yet serving.
    """
    for question in QUESTIONS:
        for scenario in ("baseline", "coordinator_leaves"):
            lab.answer(question, {"scenario": scenario})
