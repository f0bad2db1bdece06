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
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from types import TracebackType
from typing import Self

import psutil
import pyte
from wcwidth import wcswidth

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
_SEQUENCE = re.compile(
    rb"\x1b(?:\[(?P<mark>[<=>?]?)(?P<args>[0-9;:]*)(?P<inter>[ -/]*)(?P<final>[@-~])"
    rb"|\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)|[PX^_](?:[^\x1b]|\x1b(?!\\))*\x1b\\|(?P<esc>[ -/]*[0-OQ-WYZ`-~=>78\\]))"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_](?:[^\x1b]|\x1b(?!\\))*\x1b?|[ -/]*)\Z")
_SCREEN_MODES = {5, 6, 7, 25}  # what pyte is told of; it takes some others wrongly
_RESIDUE = {
    9: "mouse", 1000: "mouse", 1001: "mouse", 1002: "mouse", 1003: "mouse", 1005: "mouse", 1006: "mouse",
    1015: "mouse", 1016: "mouse", 1004: "focus reports", 2004: "bracketed paste", 2026: "synchronized output",
    2048: "in-band resize", 1: "application cursor keys",
}  # fmt: skip


class Emulator:
    """What a terminal makes of a stream of bytes: two screens, modes, bells, and the answers it gives."""

    def __init__(self, cols: int, rows: int, *, synchronized: bool = True) -> None:
        self.synchronized = synchronized
        self.modes: dict[int, bool] = {7: True, 25: True}
        self.kitty: Counter[bool] = Counter()  # depth of the keyboard protocol's stack, per screen
        self.bells = 0
        self.osc: list[bytes] = []  #: operating system commands seen: titles, clipboards (52)
        self.alternate = False
        self._screens = {side: pyte.Screen(cols, rows) for side in (False, True)}
        self._streams = {side: pyte.ByteStream(self._screens[side]) for side in (False, True)}
        self._lines: dict[int, str] = {}
        self._rest = b""

    @property
    def screen(self) -> pyte.Screen:
        """The pyte screen in front."""
        return self._screens[self.alternate]

    def row(self, index: int) -> str:
        """One line as read, a wide character being one character; trailing blanks kept."""
        if self.screen.dirty:
            for line in self.screen.dirty:
                self._lines.pop(line, None)
            self.screen.dirty.clear()
        if index not in self._lines:
            cells, columns = self.screen.buffer[index], self.screen.columns
            out, column = [], 0
            while column < columns:
                data = cells[column].data or " "  # half a character whose other half was painted over
                wide = wcswidth(data) == 2
                whole = wide and column + 1 < columns and cells[column + 1].data == ""
                out.append(data if whole or not wide else " ")
                column += 2 if whole else 1
            self._lines[index] = "".join(out)
        return self._lines[index]

    def resize(self, cols: int, rows: int) -> None:
        """Take a new size; the program paints again."""
        for screen in self._screens.values():
            screen.resize(rows, cols)
        self._lines.clear()

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the program; return what the terminal answers."""
        data = self._rest + data
        self._rest = b""
        answers, position = b"", 0
        while position < len(data):
            escape = data.find(b"\x1b", position)
            plain = data[position:] if escape < 0 else data[position:escape]
            if plain:
                self.bells += plain.count(b"\x07")
                self._show(plain.replace(b"\x07", b""))
            if escape < 0:
                break
            match = _SEQUENCE.match(data, escape)
            if match:
                answers += self._sequence(match)
                position = match.end()
            elif _UNFINISHED.match(data, escape):
                self._rest = data[escape:]
                break
            else:
                position = escape + 1
        return answers

    def _show(self, data: bytes) -> None:
        self._streams[self.alternate].feed(data)

    def _sequence(self, match: re.Match[bytes]) -> bytes:
        if match["osc"] is not None:
            self.osc.append(match["osc"])
            colour = re.fullmatch(rb"(1[01]);\?", match["osc"])
            shade = b"ffff" if colour and colour[1] == b"10" else b"0000"
            return b"\x1b]%b;rgb:%b\x1b\\" % (colour[1], b"/".join([shade] * 3)) if colour else b""
        if match["final"] is None:
            if match["esc"] is not None and match["esc"] != b"\\":
                self._show(match[0])
            return b""
        mark, inter, final = match["mark"], match["inter"], match["final"]
        args = [int(number or 0) for number in re.split(rb"[;:]", match["args"])]
        if mark == b"?" and final in b"hl" and not inter:
            for mode in args:
                self._set(mode, final == b"h")
        elif mark in b"<>" and final == b"u":  # kitty keyboard: push and pop
            self.kitty[self.alternate] = max(0, self.kitty[self.alternate] + (1 if mark == b">" else -(args[0] or 1)))
        elif final in b"cnptuq" and (mark or inter or final in b"cnt"):
            return self._answer(mark + inter + final, args)
        elif not mark and not inter:
            self._show(match[0])
        return b""

    def _set(self, mode: int, on: bool) -> None:
        self.modes[mode] = on
        if mode in (47, 1047, 1049):
            self.alternate = on
            if on:
                self.screen.reset()
            self.screen.dirty.update(range(self.screen.lines))
        elif mode in _SCREEN_MODES:
            self._show(b"\x1b[?%d%c" % (mode, b"h" if on else b"l"))

    def _answer(self, question: bytes, args: list[int]) -> bytes:
        if question == b"?$p":  # is this mode known, and on?
            known = args[0] in self.modes or args[0] in _RESIDUE
            known = known and args[0] != 2048 and (args[0] != 2026 or self.synchronized)
            return b"\x1b[?%d;%d$y" % (args[0], (1 if self.modes.get(args[0]) else 2) if known else 0)
        if question in (b"n", b"?n"):
            where = b"%d;%d" % (self.screen.cursor.y + 1, self.screen.cursor.x + 1)
            return b"\x1b[0n" if args[0] == 5 else b"\x1b[%b%bR" % (question[:-1], where)
        if question == b"t" and args[0] == 18:
            return b"\x1b[8;%d;%dt" % (self.screen.lines, self.screen.columns)
        return {b"c": b"\x1b[?62;22c", b">c": b"\x1b[>41;0;0c", b">q": b"\x1bP>|harness\x1b\\"}.get(question, b"")

    def residue(self) -> set[str]:
        """What a program left switched on that a shell does not expect."""
        left = {name for mode, name in _RESIDUE.items() if self.modes.get(mode)}
        left |= {"alternate screen"} if self.alternate else set()
        left |= {"cursor hidden"} if not self.modes[25] else set()
        left |= {"line wrap off"} if not self.modes[7] else set()
        return left | ({"kitty keyboard"} if any(self.kitty.values()) else set())


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
    ) -> None:
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
            self.process = subprocess.Popen(
                [os.fspath(part) for part in command],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=environment,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  one call, nothing to lock
            )
            self.started = time.monotonic()  #: Popen returns when exec has succeeded
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
                self._look(at)
                self._changed.notify_all()
            if answer:
                with contextlib.suppress(OSError):
                    os.write(self._master, answer)
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def _look(self, at: float) -> None:
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
                    raise AssertionError(self._account(f"was not quiet for {seconds} s in {timeout} s"))
                self._changed.wait(min(seconds - (now - last), deadline - now))
            return self.reads[-1][0] if self.reads else self.started

    def wait_exit(self, timeout: float = 10.0) -> int:
        """Until the program has ended and its last words are on the screen; the exit code."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._account(f"did not end in {timeout} s")) from None
        with self._changed:  # a child that outlives it may hold the terminal open
            self._changed.wait_for(lambda: self.closed, 1.0)
        return code

    def _wait(self, test: Callable[[], bool], timeout: float, complaint: str) -> float:
        with self._changed:
            if test():
                return time.monotonic()
            self._watch, self._seen = test, None
            self._changed.wait_for(lambda: self._seen is not None or self.closed, timeout)
            seen, self._watch, self._seen = self._seen, None, None
            if isinstance(seen, float):
                return seen
            if seen is not None:
                raise seen
            if test():
                return time.monotonic()
            raise AssertionError(self._account(f"{complaint} in {timeout} s" + ", it ended" * self.closed))

    def _account(self, complaint: str) -> str:
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
