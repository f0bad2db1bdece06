"""A real redis-server on loopback for tests, with whatever trouble a test gives it."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.servers import free_port, require, running, until


@dataclass(frozen=True)
class Redis:
    """A running redis-server; its files are in ``folder``."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    password: str = ""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def do(self, *words: str | bytes) -> bytes:
        """One command and its reply, as it came."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as talk:
            auth = _packed("AUTH", self.password) if self.password else b""
            talk.sendall(auth + _packed(*words))
            talk.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda: talk.recv(65536), b""))
        return said.removeprefix(b"+OK\r\n") if auth else said

    def told(self, word: str) -> bool:
        """Whether INFO holds ``word``."""
        return word.encode() in self.do("INFO")

    def stop(self) -> None:
        """At once, as a crash would."""
        self.process.kill()
        self.process.wait(10)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile the kernel accepts connections and nobody answers them."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def lose_its_folder(self) -> None:
        """Background saves fail from now on; file permissions would not stop root."""
        target = self.folder / "dump.rdb"
        target.unlink(missing_ok=True)
        (target / "in the way").mkdir(parents=True)

    def find_its_folder(self) -> None:
        shutil.rmtree(self.folder / "dump.rdb")


def _packed(*words: str | bytes) -> bytes:
    parts = [word if isinstance(word, bytes) else word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


@contextlib.contextmanager
def redis_server(folder: Path, *options: str, password: str = "", ready: str = "+PONG") -> Iterator[Redis]:
    """A redis-server with these command-line ``options``; it is there once PING begins with ``ready``."""
    binary, port = require("redis-server"), free_port()
    folder.mkdir(exist_ok=True)
    more = ["--requirepass", password] if password else []
    command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--daemonize", "no"]
    said: list[Redis] = []

    def up() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as talk:
            talk.sendall((_packed("AUTH", password) if password else b"") + _packed("PING"))
            talk.settimeout(1)
            return ready.encode() in talk.recv(200)
        return False

    with running([*command, *more, *options], f"redis://127.0.0.1:{port}", up, folder / "redis.log") as server:
        said.append(Redis(server.process, port, folder, password))
        try:
            yield said[0]
        finally:
            with contextlib.suppress(ProcessLookupError):
                server.process.send_signal(signal.SIGCONT)


def until_it_says(server: Redis, word: str) -> None:
    until(lambda: server.told(word), what=word)
