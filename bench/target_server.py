"""The server that the measured checks probe: one process that responds to N health checks.

On Linux every check has its own origin (127.0.x.y), as in production; elsewhere they share one. `TargetServer.answer`
and `TargetServer.hold` change its responses. Run as a program, it serves.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import select
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


class Answers:
    """The server's responses, and how often each was requested."""

    def __init__(self) -> None:
        self.status: dict[str, str] = {}
        self.held = False
        self.served = 0
        self.asked: Counter[str] = Counter()
        self.waiting: list[tuple[asyncio.Transport, str]] = []

    def health(self, check: str) -> bytes:
        """The response for one check: the same bytes for the same status."""
        self.served += 1
        self.asked[check] += 1
        return body({"status": self.status.get(check, "healthy")})

    def metrics(self) -> bytes:
        """Counters that grow with the responses: 50 services, one error in 10,000."""
        lines = ["# TYPE api_requests_total counter"]
        for service in range(50):
            total = 1_000_000 + self.served
            lines.append(f'api_requests_total{{service="s{service:04}",status="200"}} {total}')
            lines.append(f'api_requests_total{{service="s{service:04}",status="500"}} {total // 10_000}')
        return response("\n".join(lines).encode() + b"\n", b"text/plain; version=0.0.4")

    def lever(self, name: str, given: dict[str, str]) -> bytes:
        """Change the responses. Returns how many were sent."""
        if name == "answer":
            self.status[given["check"]] = given["status"]
        elif name == "hold":
            self.held = given["on"] == "1"
            if not self.held:
                for transport, check in self.waiting:
                    transport.write(self.health(check))
                self.waiting.clear()
        return body({"served": self.served, "checks": len(self.asked)})


class Connection(asyncio.Protocol):
    """A minimal HTTP/1.1 server protocol: keep-alive, GET only."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept connections from this machine only."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Respond to every complete request."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            target = urlsplit(head.split(b" ", 2)[1].decode())
            kind, _, name = target.path[1:].partition("/")
            if kind == "health" and self.answers.held:
                self.answers.waiting.append((self.transport, name))
            elif kind == "health":
                self.transport.write(self.answers.health(name))
            elif kind == "metrics":
                self.transport.write(self.answers.metrics())
            else:
                self.transport.write(self.answers.lever(name, dict(parse_qsl(target.query))))


def response(data: bytes, kind: bytes) -> bytes:
    """A response with status 200."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(data), data)


def body(value: object) -> bytes:
    """A JSON response."""
    return response(json.dumps(value).encode(), b"application/json")


async def serve() -> None:
    """Serve until killed. The first line of the output is the port."""
    answers = Answers()
    loop = asyncio.get_running_loop()
    everywhere = "0.0.0.0" if sys.platform == "linux" else "127.0.0.1"
    server = await loop.create_server(lambda: Connection(answers), everywhere, 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class TargetServer:
    """The server process, as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], 10)[0]:
            self._process.kill()
            raise RuntimeError("the server did not start")
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _lever(self, path: str) -> dict[str, int]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", f"/lever/{path}")
            said: dict[str, int] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return said

    def answer(self, check: int, status: str) -> None:
        """Set the status that one check reports: ``healthy``, ``unhealthy``."""
        self._lever(f"answer?check={check}&status={status}")

    def hold(self, on: bool) -> None:
        """Hold back all responses; ``on`` False sends those that wait."""
        self._lever(f"hold?on={int(on)}")

    def served(self) -> int:
        """Health responses sent so far."""
        return self._lever("served")["served"]

    def wait_served(self, count: int, timeout: float) -> None:
        """Wait until ``count`` responses have been sent in total."""
        deadline = time.monotonic() + timeout
        while (served := self.served()) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{served} of {count} probes in {timeout} s")
            time.sleep(0.05)

    def url(self, check: int) -> str:
        """The URL of a check."""
        host = f"127.0.{1 + check // 250}.{1 + check % 250}" if sys.platform == "linux" else "127.0.0.1"
        return f"http://{host}:{self.port}/health/{check}"

    def configure(self, folder: Path, checks: int, every: str, slos: int = 0) -> Path:
        """Write an ``artisan.toml`` with ``checks`` services of one check each, and an empty runbooks file. Returns
        its path.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["[artisan]", 'name = "Artisan"', 'environment = "staging"', 'timezone = "Asia/Seoul"', ""]
        if slos:
            lines += ["[metrics]", f'scrape = ["http://127.0.0.1:{self.port}/metrics"]', 'every = "15s"', ""]
        for check in range(checks):
            lines += ["[[service]]", f'id = "s{check:04}"', f'name = "Service {check:04}"', "[[service.check]]"]
            lines += ['id = "health"', 'kind = "http"', f'url = "{self.url(check)}"', f'every = "{every}"']
            lines += ['timeout = "1s"', "fall = 1", "rise = 1"]
            lines += ['expect = ["status == 200", "body.status == healthy"]', ""]
        for slo in range(slos):
            lines += ["[[slo]]", f'id = "slo-{slo:03}"', f'name = "Objective {slo:03}"']
            lines += ['objective = "99.9%"', 'window = "30d"']
            if slo % 2:
                lines.append(f'sli = {{ kind = "checks", checks = ["s{slo:04}.health"] }}')
            else:
                total = f'api_requests_total{{service="s{slo % 50:04}"}}'
                bad = total.replace("}", ',status=~"5.."}')
                lines.append(f"sli = {{ kind = \"events\", total = '{total}', bad = '{bad}' }}")
            lines.append("")
        (folder / "runbooks.toml").write_text("")
        path = folder / "artisan.toml"
        path.write_text("\n".join(lines))
        return path


if __name__ == "__main__":
    asyncio.run(serve())
