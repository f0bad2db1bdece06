"""Which process is which: a number alone is used again, so it counts together with its start and the boot."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class ProcessId:
    """``start`` is when it began, in the kernel's ticks since the boot; "" where that is not known."""

    pid: int
    start: str

    def lives(self) -> bool:
        """Whether this very process lives. A zombie does not."""
        return bool(self.start) and start_of(self.pid) == self.start

    def send(self, number: signal.Signals) -> bool:
        """Signal this very process and no other; whether it was there."""
        if not self.lives():
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, number)
            return True
        return False


def boot_id() -> str:
    """Another one after every boot, "" where that is not known."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_of(pid: int) -> str:
    """When the process began, "" when it does not live."""
    fields = _stat(pid)
    if fields is None:
        return "" if sys.platform == "linux" else _start_by_psutil(pid)
    return "" if fields[0] in ("Z", "X") else fields[19]


def session_of(leader: ProcessId) -> list[ProcessId]:
    """``leader`` and all that lives in its session; nothing when its number belongs to another process by now.

    A number stays taken while a session has it, so that what is there after the leader's end is its own.
    """
    now = start_of(leader.pid)
    if now not in ("", leader.start):
        return []
    found = [leader] if now else []
    for entry in _PROC.iterdir() if sys.platform == "linux" else ():
        if entry.name.isdecimal() and int(entry.name) != leader.pid:
            fields = _stat(int(entry.name))
            if fields is not None and fields[3] == str(leader.pid) and fields[0] not in ("Z", "X"):
                found.append(ProcessId(int(entry.name), fields[19]))
    return found


def lasted_since(start: str) -> float | None:
    """Seconds since `start_of` of this boot, whatever became of the clock; None where that cannot be told."""
    if sys.platform != "linux" or not start.isdecimal():
        return None
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(start) / os.sysconf("SC_CLK_TCK")


def _start_by_psutil(pid: int) -> str:
    import psutil  # where there is no /proc

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
    except psutil.Error:
        return ""


def _stat(pid: int) -> list[str] | None:
    """What follows the name in /proc/PID/stat: state, parent, group, session, ..."""
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    return text[text.rindex(")") + 2 :].split()


def become_subreaper() -> bool:
    """Descendants whose parent ends become this process's children; whether the system can do that."""
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        return bool(ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def descendants(root: int) -> list[ProcessId]:
    """Every living process below ``root``, whatever session or group it is in."""
    children: dict[int, list[int]] = {}
    starts: dict[int, str] = {}
    for pid in _pids():
        fields = _stat(pid)
        if fields is not None:
            children.setdefault(int(fields[1]), []).append(pid)
            if fields[0] not in ("Z", "X"):
                starts[pid] = fields[19]
    found: list[ProcessId] = []
    waiting = list(children.get(root, ()))
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, ())
        if pid in starts:
            found.append(ProcessId(pid, starts[pid]))
    return found


def name_of(pid: int) -> str:
    """The first word of its command line, "" when it is not known."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[0].decode("utf-8", "replace")[:200]
    except OSError:
        return ""


def send_all(processes: Iterable[ProcessId], number: signal.Signals) -> None:
    for each in processes:
        each.send(number)


def _pids() -> Iterator[int]:
    try:
        names = os.listdir(_PROC)
    except OSError:
        return
    yield from (int(name) for name in names if name.isdecimal())
