"""Processes of the program, started by `support.fork_server`: like `subprocess.Popen`, for arguments of the program.

For tests of what the program does once it runs. What is tested about its start (imports, the interpreter's own
environment, limits set before it, another user) is started by its command.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from support.processes import with_us

TESTS = Path(__file__).parents[1]
#: What is read when an interpreter starts or imports. The server has read it: another value needs a real start.
_AT_START = re.compile(r"PYTHON.*|LC_ALL|LC_CTYPE|LANG|TEXTUAL.*")
_LOCALE = {"LANG": "C.UTF-8"}
SERVE = "import sys; sys.path.append(sys.argv[1])\nfrom support.fork_server import serve\nserve(int(sys.argv[2]))\n"
RUN = "from artisan_tui.main import main\nmain()\n"


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if _AT_START.fullmatch(name)}


@functools.cache
def _server_environment() -> dict[str, str]:
    read = _at_start(os.environ)
    ours = {name: value for name, value in os.environ.items() if name not in read}
    return ours | {name: value for name, value in read.items() if name.startswith("PYTHON")} | _LOCALE


def forkable(environment: Mapping[str, str]) -> bool:
    """Whether a process of the server is what a real start in ``environment`` would be."""
    return _at_start(environment) == _at_start(_server_environment())


def ordinary(environment: Mapping[str, str]) -> dict[str, str]:
    """``environment`` in the locale that the server has."""
    read = _at_start(environment)
    return {k: v for k, v in environment.items() if k not in read or k.startswith("PYTHON")} | _LOCALE


@functools.cache
def _server() -> socket.socket:
    """Where requests go. It is started by the first and ends with this process."""
    assert threading.current_thread() is threading.main_thread(), "it ends with the thread that starts it"
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        server = subprocess.Popen(
            with_us([sys.executable, "-c", SERVE + RUN, str(TESTS), str(theirs.fileno())]),
            stdin=subprocess.DEVNULL,
            env=_server_environment(),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        server.kill()
        server.wait()

    atexit.register(end)
    return ours


_sending = threading.Lock()


class Forked:
    """A running program. ``terminal``: descriptor 0 becomes the controlling terminal of its session."""

    def __init__(
        self,
        arguments: Sequence[str | os.PathLike[str]],
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        text: bool = False,
        session: bool = False,
        terminal: bool = False,
    ) -> None:
        environment = ordinary(os.environ) if env is None else dict(env)
        assert forkable(environment), f"read at the start, so start it by its command: {_at_start(environment)}"
        self.args = ["artisan-tui", *(os.fspath(word) for word in arguments)]
        self.returncode: int | None = None
        request = {
            "arguments": self.args[1:],
            "env": environment,
            "cwd": os.fspath(cwd or os.getcwd()),
            "session": session or terminal,
            "terminal": terminal,
        }
        with contextlib.ExitStack() as theirs:
            ends: list[int] = []
            pipes: list[IO[Any] | None] = []
            for number, wanted in enumerate((stdin, stdout, stderr)):
                end, pipe = self._end(number, wanted, text, theirs)
                ends.append(end)
                pipes.append(pipe)
            self.stdin, self.stdout, self.stderr = pipes
            self._report, theirs_report = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            theirs.callback(theirs_report.close)
            with _sending:
                socket.send_fds(_server(), [json.dumps(request).encode()], [*ends, theirs_report.fileno()])
        self.pid = int.from_bytes(self._report.recv(8), "little")
        assert self.pid, "the fork server has ended"

    @staticmethod
    def _end(
        number: int, wanted: int | IO[Any] | None, text: bool, theirs: contextlib.ExitStack
    ) -> tuple[int, IO[Any] | None]:
        """The program's end of a stream and, of a pipe, ours."""
        if wanted == subprocess.PIPE:
            read, write = os.pipe()
            end, own = (read, write) if number == 0 else (write, read)
            theirs.callback(os.close, end)
            mode = "w" if number == 0 else "r"
            return end, open(own, mode, encoding="utf-8") if text else open(own, mode + "b")
        if wanted == subprocess.DEVNULL:
            end = os.open(os.devnull, os.O_RDWR)
            theirs.callback(os.close, end)
            return end, None
        if wanted is None:
            return number, None
        return wanted if isinstance(wanted, int) else wanted.fileno(), None

    def poll(self) -> int | None:
        """The exit code, the negative number of the signal that ended it, or None while it runs."""
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._ended()
        assert self.returncode is not None
        return self.returncode

    def _ended(self) -> None:
        said = self._report.recv(8)
        assert said, "the fork server has ended"
        self.returncode = int.from_bytes(said, "little", signed=True)
        self._report.close()  # from here on the number may be another process's

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def communicate(self, timeout: float | None = None) -> tuple[Any, Any]:
        """What it writes until it ends."""
        deadline = None if timeout is None else time.monotonic() + timeout
        found: list[Any] = [None, None]
        threads = []
        if self.stdin is not None:
            self.stdin.close()
        for index, pipe in enumerate((self.stdout, self.stderr)):
            if pipe is not None:
                read = functools.partial(_read, pipe, found, index)
                threads.append(threading.Thread(target=read, daemon=True))
                threads[-1].start()
        for thread in threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        self.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return found[0], found[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pipe in (self.stdout, self.stderr, self.stdin):
            if pipe is not None:
                pipe.close()
        self.wait()


def _read(pipe: IO[Any], found: list[Any], index: int) -> None:
    found[index] = pipe.read()


def run_program(
    *arguments: str | os.PathLike[str],
    timeout: float = 60,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the program to its end; its output as text."""
    process = Forked(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=cwd, text=True)
    with process:
        try:
            out, err = process.communicate(timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.wait(), out, err)
