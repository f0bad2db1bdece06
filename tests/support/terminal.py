"""A real program in a real pty, and a person's view of it.

`Terminal` starts a command as leader of its own session, reads what it writes and shows it to
an `Emulator`, which keeps the screen (pyte), the modes, the bells, and answers what programs ask
their terminal. Every read carries its time, so bytes and latencies are measured, not guessed.
Nothing here sleeps: waiting is on a condition that the reader notifies.
"""

from __future__ import annotations

import bisect
import contextlib
import fcntl
import os
import pty
import queue
import re
import select
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from types import TracebackType
from typing import Self

import psutil

from support.emulator import Emulator
from support.forked import Forked
from support.processes import die_with_parent
from support.stopwatch import Stopwatch

KEYS = {
    "enter": "\r", "tab": "\t", "shift+tab": "\x1b[Z", "escape": "\x1b", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "insert": "\x1b[2~", "delete": "\x1b[3~", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f10": "\x1b[21~",
}  # fmt: skip

#: What a program may look at that is the harness's, not the person's.
_FOREIGN = re.compile(
    r"TMUX.*|STY|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR.*|SSH_.*|TERM.*|COLORTERM|LC_.*|LANG.*"
    r"|TEXTUAL.*|ARTISAN.*|PYTEST_.*|COLORFGBG|KITTY.*|VTE_.*|WT_SESSION"
)


def _as_a_person() -> None:
    """The terminal is its own, and no signal is ignored because whoever runs the tests ignores it."""
    die_with_parent()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Terminal:
    """A command in a pty of ``size`` (cols, rows). Use as a context manager; leaving kills what is left."""

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        *,
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        synchronized: bool = True,
        forked: bool = False,
    ) -> None:
        """``forked``: the command is arguments of the program, which `support.forked` starts; see there."""
        self.size = size
        self.emulator = Emulator(*size, synchronized=synchronized)
        self.reads: list[tuple[float, int]] = []  #: (monotonic time, bytes) of every read
        self.total = 0
        self.closed = False  #: the terminal's other end is gone
        self._raw = bytearray()
        self._changed = threading.Condition()
        self._watch: Callable[[], bool] | None = None
        self._seen: float | BaseException | None = None
        self._chunks: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
        base = {name: value for name, value in os.environ.items() if not _FOREIGN.fullmatch(name)}
        base |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        over = dict(env or {})
        environment = base | {name: value for name, value in over.items() if value is not None}
        for name in (name for name, value in over.items() if value is None):
            environment.pop(name, None)
        self._master, slave = pty.openpty()
        self._wake = os.pipe()
        try:
            termios.tcsetwinsize(slave, (size[1], size[0]))
            words = [os.fspath(part) for part in command]
            self.process: subprocess.Popen[bytes] | Forked
            if forked:
                self.process = Forked(
                    words, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=cwd, terminal=True
                )
            else:
                self.process = subprocess.Popen(
                    words,
                    stdin=slave,
                    stdout=slave,
                    stderr=slave,
                    env=environment,
                    cwd=cwd,
                    start_new_session=True,
                    preexec_fn=_as_a_person,  # noqa: PLW1509  some calls, nothing to lock
                )
            self.started = time.monotonic()  #: both return when the process is there
        except BaseException:
            for descriptor in (self._master, *self._wake):
                os.close(descriptor)
            raise
        finally:
            os.close(slave)
        self._threads = [threading.Thread(target=loop, daemon=True) for loop in (self._read, self._show)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in reversed(self._tree()):
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):  # orphans of its group
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.hang_up()
        for descriptor in self._wake:
            os.close(descriptor)

    # The reader and the screen

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._wake[0]], [], [])
            try:
                data = b"" if self._wake[0] in ready else os.read(self._master, 65536)
            except OSError:  # Linux says EIO where others say end of file
                data = b""
            if not data:
                self._chunks.put(None)
                return
            self._chunks.put((time.monotonic(), data))

    def _show(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            at, data = chunk
            with self._changed:
                answer = self.emulator.feed(data)
                self._raw += data
                self.total += len(data)
                self.reads.append((at, len(data)))
                self._check_watch(at)
                self._changed.notify_all()
            if answer:
                with contextlib.suppress(OSError):
                    os.write(self._master, answer)
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def _check_watch(self, at: float) -> None:
        if self._watch is not None and self._seen is None:
            try:
                self._seen = at if self._watch() else None
            except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
                self._seen = error

    # What a person does

    def send(self, keys: str | bytes) -> float:
        """Type; the time is just before."""
        assert self._master >= 0, "the terminal is closed"
        at = time.monotonic()
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self._master, data) :]
        return at

    def press(self, *names: str) -> float:
        """Press keys by name (``escape``, ``shift+tab``, ``ctrl+c``, ``a``); the time is before the last."""
        at = 0.0
        for name in names:
            control = re.fullmatch(r"ctrl\+([a-z@\[\\\]^_])", name)
            at = self.send(KEYS.get(name) or (chr(ord(control[1].upper()) & 0x1F) if control else name))
        return at

    def resize(self, cols: int, rows: int) -> None:
        """Drag the corner; the kernel sends SIGWINCH."""
        with self._changed:
            self.size = (cols, rows)
            self.emulator.resize(cols, rows)
        termios.tcsetwinsize(self._master, (rows, cols))

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Signal the program (not its children)."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal's window: the program gets SIGHUP, then errors on its terminal."""
        if self._master >= 0:
            os.write(self._wake[1], b"x")
            for thread in self._threads:
                thread.join()
            os.close(self._master)
            self._master = -1

    # What a person sees

    def row(self, index: int) -> str:
        """A line of the screen, negative from the bottom, without trailing blanks."""
        with self._changed:
            return self.emulator.row(index % self.size[1]).rstrip()

    def screen_text(self) -> str:
        """The screen's lines."""
        with self._changed:
            return "\n".join(self.emulator.row(index).rstrip() for index in range(self.size[1]))

    def raw(self) -> bytes:
        """Everything the program wrote so far."""
        with self._changed:
            return bytes(self._raw)

    @property
    def bells(self) -> int:
        """BEL outside of other sequences."""
        return self.emulator.bells

    def bytes_between(self, start: float, end: float = float("inf")) -> int:
        """Bytes read in ``start < time <= end``."""
        with self._changed:
            return sum(count for at, count in self.reads if start < at <= end)

    def left_behind(self) -> set[str]:
        """What the program did not restore: empty after a clean end. Also looks at the tty itself."""
        with self._changed:
            left = self.emulator.residue()
        if self._master >= 0:
            try:
                flags = termios.tcgetattr(self._master)[3]
            except termios.error:
                return left
            left |= {"echo off"} if not flags & termios.ECHO else set()
            left |= {"line editing off"} if not flags & termios.ICANON else set()
        return left

    # Waiting

    def wait_for(self, what: str | re.Pattern[str] | Callable[[], bool], timeout: float = 10.0) -> float:
        """Until the screen holds a text or pattern, or a predicate holds.

        Returns when the bytes that made it so were read (now, if it already was so). The
        predicate is asked after every read, under the lock: it must be quick.
        """
        if callable(what):
            test = what
        elif isinstance(what, str):
            test = lambda: what in self.screen_text()
        else:
            test = lambda: what.search(self.screen_text()) is not None
        return self._wait(test, timeout, f"{what!r} did not come")

    def wait_gone(self, text: str, timeout: float = 10.0) -> float:
        """Until the screen does not hold ``text``."""
        return self._wait(lambda: text not in self.screen_text(), timeout, f"{text!r} did not go")

    def wait_output(self, since: float, timeout: float = 10.0) -> float:
        """Until anything is written after ``since``; when that was read."""
        test = lambda: bool(self.reads) and self.reads[-1][0] > since
        self._wait(test, timeout, "nothing was written")
        return self.reads[bisect.bisect_right(self.reads, since, key=itemgetter(0))][0]

    def wait_quiet(self, seconds: float, timeout: float = 10.0) -> float:
        """Until nothing was written for ``seconds``; when the last bytes were read."""
        start, deadline = time.monotonic(), time.monotonic() + timeout
        with self._changed:
            while not self.closed:
                now, last = time.monotonic(), max(start, self.reads[-1][0] if self.reads else 0.0)
                if now - last >= seconds:
                    break
                if now >= deadline:
                    raise AssertionError(self._report(f"was not quiet for {seconds} s in {timeout} s"))
                self._changed.wait(min(seconds - (now - last), deadline - now))
            return self.reads[-1][0] if self.reads else self.started

    def wait_exit(self, timeout: float = 10.0) -> int:
        """Until the program has ended and its last words are on the screen; the exit code."""
        try:
            code = self._ended(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._report(f"did not end in {timeout} s")) from None
        clock = Stopwatch()
        with self._changed:  # a child that outlives it may hold the terminal open
            while not self.closed and (clock.seconds < 1 or not self._chunks.empty()):
                self._changed.wait(0.1)
        return code

    def _ended(self, timeout: float) -> int:
        clock = Stopwatch()
        while True:
            left = max(timeout - clock.seconds, 0.0)
            try:
                return self.process.wait(left)
            except subprocess.TimeoutExpired:
                if clock.seconds >= timeout:
                    raise

    def _wait(self, test: Callable[[], bool], timeout: float, complaint: str) -> float:
        with self._changed:
            if test():
                return time.monotonic()
            self._watch, self._seen = test, None
            clock = Stopwatch()
            while (left := timeout - clock.seconds) > 0:
                if self._changed.wait_for(lambda: self._seen is not None or self.closed, left):
                    break
            seen, self._watch, self._seen = self._seen, None, None
            if isinstance(seen, float):
                return seen
            if seen is not None:
                raise seen
            if test():
                return time.monotonic()
            raise AssertionError(self._report(f"{complaint} in {timeout} s" + ", it ended" * self.closed))

    def _report(self, complaint: str) -> str:
        screen = "\n".join(f"|{line:<{self.size[0]}}|" for line in self.screen_text().split("\n"))
        return f"{complaint} (exit {self.process.poll()}, {self.total} bytes)\n{screen}"

    # What it costs

    def _tree(self) -> list[psutil.Process]:
        try:
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_seconds(self) -> float:
        """Processor time of the program, its children, and the children that ended."""
        used = 0.0
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                used += sum(process.cpu_times()[:4])
        return used

    def rss_bytes(self) -> int:
        """Resident memory of the program and its children."""
        used = 0
        for process in self._tree():
            with contextlib.suppress(psutil.Error):
                used += process.memory_info().rss
        return used
