"""Real servers on loopback for tests: programs from Debian, raw sockets that misbehave, certificates.

Whatever is started here ends with its `with` block, or with the tests if they are killed. Waiting is polling with a deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.processes import with_us
from support.stopwatch import Stopwatch

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def require(binary: str) -> str:
    """The path of a program; without it the test skips on a laptop and fails in CI."""
    found = shutil.which(binary)
    if found is not None:
        return found
    why = f"{binary} is not installed (apt-get install {binary})"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on, and that nobody gets by asking for any port.

    Below the range from which the kernel gives ports to connections: else one of another test may have it before the
    server that it is for.
    """
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def until(condition: Callable[[], bool], seconds: float = 10.0, what: str = "the condition") -> None:
    """Poll until ``condition`` holds; AssertionError after ``seconds`` in which we had a processor."""
    clock = Stopwatch()
    while not condition():
        assert clock.seconds < seconds, f"{what} did not come within {seconds} s"
        time.sleep(0.02)


def answers(url: str) -> Callable[[], bool]:
    """A condition for `until`: the URL answers below 400."""

    def ask() -> bool:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1) as response:
                return bool(response.status < 400)
        except OSError:
            return False

    return ask


def listens(port: int) -> Callable[[], bool]:
    """A condition for `until`: something accepts connections there."""

    def ask() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    return ask


def answers_ping(port: int) -> bool:
    """Whether a Redis on loopback says PONG."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as talk:
        talk.sendall(b"PING\r\n")
        return talk.recv(16).startswith(b"+PONG")
    return False


@dataclass(frozen=True)
class Running:
    """A server that was started. ``url`` is its address without a path."""

    process: subprocess.Popen[bytes]
    url: str

    def stop(self) -> None:
        """At once, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@contextlib.contextmanager
def running(
    command: Sequence[str], url: str, ready: Callable[[], bool], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Start ``command`` and wait until ``ready``. Its output goes to ``log`` and into the error."""
    require(command[0])
    with log.open("wb") as output:
        process = subprocess.Popen(
            with_us(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
        try:

            def up() -> bool:
                if process.poll() is not None:
                    raise AssertionError(f"{command[0]} ended: {log.read_text('utf-8', 'replace')[-2000:]}")
                return ready()

            until(up, 20.0, f"{command[0]}: {log}")
            yield Running(process, url)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(5)


@contextlib.contextmanager
def prometheus(folder: Path, targets: Sequence[str], *, interval: str = "1s") -> Iterator[Running]:
    """A Prometheus that scrapes ``targets`` ("host:port"), its storage in ``folder``."""
    binary, port = require("prometheus"), free_port()
    config = folder / "prometheus.yml"
    listed = ", ".join(f'"{target}"' for target in targets)
    config.write_text(
        f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\n"
        f"scrape_configs:\n- job_name: test\n  static_configs: [{{targets: [{listed}]}}]\n",
        "utf-8",
    )
    url = f"http://127.0.0.1:{port}"
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with running(command, url, answers(f"{url}/-/ready"), folder / "prometheus.log") as server:
        yield server


@contextlib.contextmanager
def node_exporter(folder: Path) -> Iterator[Running]:
    binary, port = require("prometheus-node-exporter"), free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        binary,
        f"--web.listen-address=127.0.0.1:{port}",
        "--collector.disable-defaults",
        "--collector.loadavg",
        "--collector.meminfo",
        "--collector.stat",
    ]
    with running(command, url, answers(f"{url}/metrics"), folder / "node-exporter.log") as server:
        yield server


@contextlib.contextmanager
def page(text: Callable[[], str]) -> Iterator[str]:
    """A /metrics page in a thread of its own; gives "host:port". ``text`` is called for every request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.asynccontextmanager
async def talking(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A raw server on the running loop; gives its port. ``talk`` may do anything, or nothing."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(reader, writer)
        finally:
            tasks.discard(task)
            writer.transport.abort() if tls is not None else writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(*parts: bytes, keep: bool = False) -> Talk:
    """Reads one request's head, says ``parts``, and closes; with ``keep`` goes on to the next request."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await writer.drain()
            if not keep:
                return

    return talk


def http_answer(body: bytes | str, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """A whole HTTP/1.1 answer. ``more`` are further header lines, each ending in CRLF."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    return head.encode() + content


def certificate(folder: Path, *, host: str = "localhost", days: int = 30, expired: bool = False) -> tuple[Path, Path]:
    """(certificate, key): self-signed by the openssl program, for ``host`` and 127.0.0.1."""
    openssl = require("openssl")
    cert, key = folder / f"{host}-{days}-{expired}.pem", folder / f"{host}-{days}-{expired}.key"
    names = f"subjectAltName=DNS:{host}" + (",IP:127.0.0.1" if host == "localhost" else "")
    new = [openssl, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-subj", f"/CN={host}"]
    if not expired:
        subprocess.run(
            [*new, "-x509", "-days", str(days), "-addext", names, "-out", str(cert)], check=True, capture_output=True
        )
        return cert, key
    # `req -x509` cannot date back; a tiny authority of its own can.
    request, ca = folder / f"{host}.csr", folder / f"{host}-ca"
    ca.mkdir()
    (ca / "index.txt").touch()
    (ca / "serial").write_text("01")
    (ca / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={ca}/index.txt\nserial={ca}/serial\nnew_certs_dir={ca}\n"
        f"default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\n{names}\n"
    )
    subprocess.run([*new, "-out", str(request)], check=True, capture_output=True)
    sign = [openssl, "ca", "-selfsign", "-batch", "-notext", "-config", str(ca / "ca.cnf"), "-keyfile", str(key)]
    dated = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
    subprocess.run([*sign, *dated, "-in", str(request), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


def server_tls(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
