"""A tmux server of its own for tests. It runs in the foreground, so that it ends with the tests however they end."""

from __future__ import annotations

import contextlib
import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from support.processes import with_us
from support.servers import require, until

#: What a person's shell in tmux does not have; pytest-xdist sets the last two, and programs believe them.
_FOREIGN = ("TMUX", "NO_COLOR", "COLORTERM", "STY", "COLUMNS", "LINES")


@dataclass(frozen=True)
class TmuxServer:
    """A running server. ``command`` is what a client of it begins with; it never starts another server."""

    process: subprocess.Popen[bytes]
    command: tuple[str, ...]
    environment: dict[str, str]

    def do(self, *arguments: str) -> str:
        """What tmux prints for one of its commands."""
        done = subprocess.run(
            [*self.command, *arguments],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=10,
            check=False,
        )
        return done.stdout


@contextlib.contextmanager
def tmux_server() -> Iterator[TmuxServer]:
    program, name = require("tmux"), f"artisan-{uuid.uuid4().hex[:8]}"
    environment = {k: v for k, v in os.environ.items() if k not in _FOREIGN}
    environment |= {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        with_us([program, "-L", name, "-f", "/dev/null", "-D"]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    server = TmuxServer(process, (program, "-L", name, "-N"), environment)
    try:
        until(lambda: server.do("display-message", "-p", "#{pid}").strip() == str(process.pid), what="the tmux server")
        yield server
    finally:
        server.do("kill-server")
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
