"""``python -m artisan_tui.engine.runbooks.shim FOLDER LOCK``: run one attempt of a step, and record how it ended.

``LOCK`` is the number of the inherited descriptor that holds the attempt's lock. Secrets come on standard input, as JSON
``{"environ": {name: value}, "masks": [value], "input": text or null}``, and are never on disk nor in an argument.

Signals to the shim: SIGTERM ends the step (TERM, after the grace KILL), SIGUSR1 kills at once. Hang-ups are ignored.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.child import Child, fork_child
from artisan_tui.engine.runbooks.shim.log import CAP, CappedLog, Printed
from artisan_tui.engine.runbooks.shim.masking import Masker
from artisan_tui.engine.runbooks.shim.processes import (
    ProcessId,
    become_subreaper,
    boot_id,
    descendants,
    name_of,
    send_all,
    start_of,
)

_PIECE: Final = 256 * 1024
#: Seconds for which output is read on after the program has ended: something it started may hold the pipe open.
_DRAIN: Final = 0.5
_LISTED_SURVIVORS: Final = 50


class Shim:
    """One attempt."""

    def __init__(self, folder: Path, lock: int) -> None:
        self._folder, self._lock = folder, lock
        request = files.read_json(folder, files.REQUEST)
        if request is None:
            raise ValueError("there is no request")
        self._request: dict[str, Any] = request
        self._secrets: dict[str, Any] = json.loads(sys.stdin.buffer.read())
        self._masker = Masker(self._secrets["masks"])
        self._wakes, self._woken = os.pipe()
        self._asked = False
        self._kill = False
        self._aborted = self._timed_out = False
        self._terminated_at: float | None = None

    def run(self) -> None:
        """Until the program has ended and that is recorded."""
        self._settle()
        files.reserve(self._folder)
        log = CappedLog(self._folder, int(self._request.get("cap") or CAP))
        environ = {**os.environ, "PYTHONUNBUFFERED": "1", **self._request["environ"], **self._secrets["environ"]}
        child = fork_child(
            self._request["argv"],
            environ,
            self._request.get("cwd"),
            terminal=bool(self._request.get("pty")),
            wants_input=self._secrets.get("input") is not None,
        )
        began, wall = time.monotonic(), time.time()
        files.write_json(
            self._folder,
            files.START,
            {
                "pid": child.pid,
                "start": start_of(child.pid),
                "shim": os.getpid(),
                "shim_start": start_of(os.getpid()),
                "boot": boot_id(),
                "at": wall,
            },
        )
        child.go()
        failed = child.error()
        status = self._attend(child, log, began, str(self._secrets.get("input") or ""))
        printed = log.close()
        survivors = descendants(os.getpid())
        self._record(status, failed, began, survivors, printed)
        if self._asked and not self._aborted:
            # Told to end while it was recording: what it lists may not stay.
            send_all(survivors, signal.SIGKILL)

    def _record(self, status: int, failed: int, began: float, survivors: list[ProcessId], printed: Printed) -> None:
        files.write_exit(
            self._folder,
            {
                **_ended(status, failed),
                "timed_out": self._timed_out,
                "aborted": self._aborted,
                "at": time.time(),
                "lasted": time.monotonic() - began,
                "survivors": [
                    {"pid": each.pid, "start": each.start, "name": name_of(each.pid)}
                    for each in survivors[:_LISTED_SURVIVORS]
                ],
                "output": {
                    "total": printed.total,
                    "kept": printed.kept,
                    "sha256": printed.sha256,
                    "lost": printed.lost,
                },
            },
        )

    def _settle(self) -> None:
        with contextlib.suppress(PermissionError):
            os.setsid()  # already a leader: the same
        become_subreaper()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.close(null)
        os.set_inheritable(self._lock, True)
        for descriptor in (self._wakes, self._woken):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGTSTP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGTERM, self._told)
        signal.signal(signal.SIGUSR1, self._told)

    def _told(self, number: int, frame: object) -> None:
        self._asked = True
        self._kill = self._kill or number == signal.SIGUSR1

    # -- while it runs

    def _attend(self, child: Child, log: CappedLog, began: float, given: str) -> int:
        """Read what it prints, end it when it is told to or the time is up; the status that it ended with."""
        timeout, grace = float(self._request["timeout"]), float(self._request["grace"])
        selector = selectors.DefaultSelector()
        os.set_blocking(child.output, False)
        selector.register(child.output, selectors.EVENT_READ)
        selector.register(self._wakes, selectors.EVENT_READ)
        waiting = given.encode("utf-8", "surrogateescape")
        if child.input is not None:
            os.set_blocking(child.input, False)
            selector.register(child.input, selectors.EVENT_WRITE)
        status: int | None = None
        drain_until = float("inf")
        reading = True
        while status is None or (reading and time.monotonic() < drain_until):
            now = time.monotonic()
            until = [began + timeout, drain_until]
            if self._terminated_at is not None:
                until = [self._terminated_at + grace, drain_until]
            for key, _events in selector.select(max(0.0, min(min(until) - now, 3600.0))):
                if key.fd == self._wakes:
                    _drain(self._wakes)
                elif key.fd == child.output:
                    reading = self._read(child.output, log)
                    if not reading:
                        selector.unregister(child.output)
                elif child.input is not None:
                    waiting = _feed(child.input, waiting)
                    if not waiting:
                        selector.unregister(child.input)
                        os.close(child.input)
                        child.input = None
            if status is None:
                status = _reaped(child.pid)
                if status is not None:
                    drain_until = time.monotonic() + _DRAIN
            self._end_in_time(child, began + timeout, grace, ended=status is not None)
        log.write(self._masker.rest())
        self._reap_others()
        return status

    def _read(self, descriptor: int, log: CappedLog) -> bool:
        """Keep what there is; whether more may come."""
        try:
            piece = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return True
        except OSError as error:
            if error.errno == errno.EIO:
                return False  # a terminal whose other end is closed
            raise
        log.write(self._masker.feed(piece))
        return bool(piece)

    def _end_in_time(self, child: Child, deadline: float, grace: float, *, ended: bool) -> None:
        now = time.monotonic()
        if self._asked and not self._aborted:
            self._aborted = True
        if not ended and now >= deadline and not self._aborted:
            self._timed_out = True
        if not (self._aborted or self._timed_out):
            return
        if self._terminated_at is None:
            self._terminated_at = now
            if not ended:
                _signal_group(child.pid, signal.SIGTERM)
            send_all(_below(), signal.SIGTERM)
        if self._kill or now >= self._terminated_at + grace:
            if not ended:
                _signal_group(child.pid, signal.SIGKILL)
            send_all(_below(), signal.SIGKILL)
            self._terminated_at = now  # what is left, once more after another grace

    def _reap_others(self) -> None:
        """After an end by force nothing may stay. Otherwise what was left behind is only counted."""
        if self._aborted or self._timed_out:
            until = time.monotonic() + float(self._request["grace"])
            while (left := _below()) and time.monotonic() < until and not self._kill:
                time.sleep(0.02)
                _reap_any()
            send_all(left, signal.SIGKILL)
            until = time.monotonic() + 1.0
            while _below() and time.monotonic() < until:
                _reap_any()
                time.sleep(0.01)
        _reap_any()


def _below() -> list[ProcessId]:
    return descendants(os.getpid())


def _signal_group(pid: int, number: signal.Signals) -> None:
    """The child has not been reaped, so its number, and that of its group, is still its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _reaped(pid: int) -> int | None:
    """The status of the child when it has ended. Others are left to `_reap_any`: theirs are not told apart then."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return status if found else None


def _reap_any() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _feed(descriptor: int, waiting: bytes) -> bytes:
    """What is left to be written; nothing when the program does not read it."""
    try:
        return waiting[os.write(descriptor, waiting) :] if waiting else b""
    except BlockingIOError:
        return waiting
    except OSError:
        return b""


def _drain(descriptor: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(descriptor, 4096):
            pass


def _ended(status: int, failed: int) -> dict[str, Any]:
    if failed:
        return {"code": None, "signal": None, "error": os.strerror(failed)}
    if os.WIFSIGNALED(status):
        return {"code": None, "signal": os.WTERMSIG(status), "error": ""}
    return {"code": os.WEXITSTATUS(status), "signal": None, "error": ""}


if __name__ == "__main__":
    Shim(Path(sys.argv[1]), int(sys.argv[2])).run()
