"""A server that answers like a Prometheus, exactly, or in one of the ways in which it fails.

For faults only: what a real one says is asked of a real one.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_RANGE = re.compile(r"(.*)\[(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?\]")
_UNITS = (86_400_000, 3_600_000, 60_000, 1000, 1)


@dataclass
class FakePrometheus:
    """Two counters, scraped every minute for ``days``: in the end ``total`` requests, of which ``bad`` failed.

    ``outage``: for so many minutes before it began, and ever since, 1,000 more requests a minute came, and all failed.
    ``fault`` is one of "", "down", "partial", "nan", "empty", "html", "busy" (503), "slow query" (422 as a timeout).
    """

    total: int
    bad: int
    days: int = 8
    fault: str = ""
    outage: int = 0
    began: float = field(default_factory=time.time)
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def values(self, failing: bool, start_ms: float, end_ms: float) -> list[list[object]]:
        first = (int(self.began) // 60 - self.days * 1440) * 60_000
        minutes = self.days * 1440
        end_of = self.bad if failing else self.total
        out: list[list[object]] = []
        at = max(first, -(-int(start_ms) // 60_000) * 60_000)
        while at <= end_ms:
            # The first samples are of a counter that stood at 0 before the window; everything happens on the last days.
            passed = min(1.0, max(0.0, ((at - first) / 60_000 - 1440) / (minutes - 1440 - 30)))
            failed = max(0, (at - first) // 60_000 - minutes + self.outage) * 1000 if self.outage else 0
            out.append([at / 1000, "NaN" if self.fault == "nan" else str(int(end_of * passed) + failed)])
            at += 60_000
        return out

    def answer(self, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        if self.fault == "html":
            return 200, b"<html><body>Sign in</body></html>"
        if self.fault == "busy":
            return 503, b"upstream is busy"
        if path.endswith("/status/runtimeinfo"):
            return 200, _success({"storageRetention": "15d"})
        query = fields.get("query", "")
        if query == "time()":
            return 200, _success({"resultType": "scalar", "result": [time.time(), str(time.time())]})
        if self.fault == "slow query":
            said = "query processing would load too many samples into memory: context deadline exceeded"
            return 422, json.dumps({"status": "error", "errorType": "execution", "error": said}).encode()
        match = _RANGE.fullmatch(query)
        if match is None:
            return 200, _success({"resultType": "vector", "result": []})
        length = sum(int(part or 0) * unit for part, unit in zip(match.groups()[1:], _UNITS, strict=True))
        end = float(fields.get("time", time.time())) * 1000
        failing = "5.." in match[1]
        result: list[object] = []
        if self.fault != "empty":
            labels = {
                "__name__": "requests_total",
                "job": "api",
                "instance": "a",
                "status": "500" if failing else "200",
            }
            result = [{"metric": labels, "values": self.values(failing, end - length, end)}]
        more = {"warnings": ["store gateway 10.0.0.7: no answer"]} if self.fault == "partial" else {}
        return 200, _success({"resultType": "matrix", "result": result}, more)


def _success(data: object, more: dict[str, Any] | None = None) -> bytes:
    return json.dumps({"status": "success", "data": data, **(more or {})}).encode()


@contextmanager
def fake_prometheus(
    total: int = 1000, bad: int = 0, fault: str = "", days: int = 8, outage: int = 0
) -> Iterator[tuple[str, FakePrometheus]]:
    """(its address, itself). With "down" nobody listens at the address."""
    fake = FakePrometheus(total, bad, days, fault, outage)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._say(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _say(self, form: str) -> None:
            fields = dict(parse_qsl(form))
            fake.asked.append(fields)
            fake.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, body = fake.answer(urlsplit(self.path).path, fields)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        log_message: Callable[..., None] = lambda *_: None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    if fault == "down":
        server.server_close()
        yield url, fake
        return
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield url, fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
