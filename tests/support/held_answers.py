"""A server in front of another one that holds back: a request before it arrives, or its answer after it was obeyed.

Whoever waits for the answer can be killed meanwhile, between an effect and their knowledge of it.
"""

from __future__ import annotations

import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BEFORE, AFTER = "before it arrives", "after it was obeyed"


@dataclass
class Between:
    """``holds`` is BEFORE or AFTER while writes are to be held back, "" otherwise."""

    url: str
    holds: str = ""
    #: Set when a write is held back.
    held: threading.Event = field(default_factory=threading.Event)
    #: Whoever is held goes on when this is set: the tests' end.
    released: threading.Event = field(default_factory=threading.Event)


@contextmanager
def in_front_of(url: str) -> Iterator[Between]:
    """Every request is passed on to ``url``; those that write are held back where that is asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(*self._passed_on())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if found.holds == BEFORE:
                self._hold()
                return
            answer = self._passed_on(body)
            if found.holds == AFTER:
                self._hold()
                return
            self._answer(*answer)

        do_DELETE = do_POST

        def _hold(self) -> None:
            found.held.set()
            found.released.wait()
            self.close_connection = True

        def _passed_on(self, body: bytes | None = None) -> tuple[int, bytes]:
            request = urllib.request.Request(url + self.path, body or None, method=self.command)
            if body:
                request.add_header("Content-Type", "application/json")
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            try:
                with opener.open(request, timeout=10) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Between(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        found.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
