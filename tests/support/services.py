"""Small real HTTP services on loopback, whose behaviour a test changes while the program watches."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Service:
    """Answers every path with ``status`` and ``body``; both may be changed at any time."""

    status: int = 200
    body: bytes = json.dumps({"status": "healthy"}).encode()
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    delay: threading.Event | None = None
    answer: Callable[[str], tuple[int, bytes]] | None = None
    port: int = 0
    requests: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def service(**changes: object) -> Iterator[Service]:
    """A running `Service` on a free port."""
    served = Service(**changes)  # type: ignore[arg-type]  # a test names its fields

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.requests += 1
            if served.delay is not None:
                served.delay.wait(60)
            status, body = served.answer(self.path) if served.answer else (served.status, served.body)
            self.send_response(status)
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Quiet: the test's output is for the test."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 256

        def handle_error(self, request: object, client_address: object) -> None:
            """Quiet: a client that gave up, or was ended, is what tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        if served.delay is not None:
            served.delay.set()
        server.shutdown()
        server.server_close()


def config_text(*checks: str, head: str = "") -> str:
    """An ``artisan.toml`` with one service ``s`` and these ``[[service.check]]`` bodies."""
    tables = "\n".join(f"[[service.check]]\n{check}\n" for check in checks)
    return f'[artisan]\nname = "Test"\nenvironment = "staging"\ntimezone = "Asia/Seoul"\n{head}\n[[service]]\nid = "s"\n{tables}'


def http_check(name: str, url: str, *, every: str = "1s", fall: int = 2, rise: int = 2, more: str = "") -> str:
    return f'id = "{name}"\nkind = "http"\nurl = "{url}"\nevery = "{every}"\ntimeout = "{every}"\nfall = {fall}\nrise = {rise}\n{more}'
