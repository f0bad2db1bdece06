"""What systemctl says about a unit."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.restarts import Starts, since

PROPERTIES = (
    *("Id", "Names", "LoadState", "LoadError", "ActiveState", "SubState", "Result", "NRestarts", "MainPID"),
    *("ExecMainStatus", "ExecMainCode", "ExecMainStartTimestamp", "StateChangeTimestamp", "StatusText"),
)
#: Seconds after a start for which too many restarts mean that it still crashes.
_SETTLED = 60.0
#: States on the way from one to another.
_CHANGING = frozenset({"activating", "reloading", "deactivating", "refreshing", "maintenance"})
_RESULTS = {
    "oom-kill": "out of memory",
    "timeout": "it took too long to start or stop",
    "watchdog": "it sent no sign of life to systemd's watchdog",
    "start-limit-hit": "it was started too often in a short time, and systemd gave up",
    "resources": "systemd could not give it what it needs",
    "protocol": "it did not report its start as its unit file says",
    "exec-condition": "its ExecCondition does not hold",
}
#: `ExecMainCode`: CLD_EXITED, CLD_KILLED and CLD_DUMPED of the kernel.
_KILLED = frozenset({"2", "3"})
#: How systemd's own lines in the log of a unit begin.
_OWN_LINES = ("Start", "Stopp", "Failed to start", "Scheduled restart", "Reload", "Main process exited")


@dataclass(frozen=True, slots=True)
class Unit:
    """``properties`` are those that systemctl printed, with printable values."""

    name: str
    properties: dict[str, str]

    @classmethod
    def read(cls, name: str, text: str) -> Unit:
        """Parse ``systemctl show``. Lines that are no known property are skipped."""
        found: dict[str, str] = {}
        for line in text.splitlines():
            key, equals, value = line.partition("=")
            if equals and key in PROPERTIES:
                found.setdefault(key, printable(value, 1000))
        return cls(name, found)

    def get(self, key: str) -> str:
        """The property, empty if it is not there."""
        return self.properties.get(key, "")

    @property
    def is_named(self) -> bool:
        """Whether the answer is about the unit that was asked for, by its name or an alias."""
        return self.name in (self.get("Id"), *self.get("Names").split())

    @property
    def starts(self) -> Starts:
        restarts = self.get("NRestarts")
        count = int(restarts) if restarts.isdecimal() and len(restarts) < 10 else 0
        return Starts(count, _moment(self.get("ExecMainStartTimestamp")), None)

    def body(self, recent: int) -> dict[str, object]:
        """What conditions read. ``recent`` restarts happened within the window."""
        status, pid = self.get("ExecMainStatus"), self.get("MainPID")
        return {
            "unit": self.get("Id") or self.name,
            "load": self.get("LoadState"),
            "active": self.get("ActiveState"),
            "sub": self.get("SubState"),
            "result": self.get("Result"),
            "restarts": self.starts.count,
            "restarts_lately": recent,
            "exit_status": int(status) if status.isdecimal() and len(status) < 10 else None,
            "pid": int(pid) if pid.isdecimal() and len(pid) < 12 else None,
            "status": self.get("StatusText"),
        }

    def failure(self, recent: int, most: int, within: float, now: float) -> Failure | None:
        """Why the unit is not well, or None. The arguments are those of the kind docker."""
        name, active, sub, load = self.name, self.get("ActiveState"), self.get("SubState"), self.get("LoadState")
        at = since(_moment(self.get("StateChangeTimestamp")))
        if load == "not-found" and active in ("inactive", ""):
            return Failure(Reason.ABSENT, f"unit {name} does not exist on this machine: check its name, or install it")
        if active == "failed":
            return Failure(Reason.EXITED, f"{name} failed: {self._why()}{at}")
        if sub.startswith("auto-restart"):
            return Failure(Reason.RESTARTING, f"{name} crashed and waits for its restart: {self._why()}")
        if active == "inactive":
            if load == "masked":
                return Failure(Reason.EXITED, f"{name} is masked, so it cannot be started: systemctl unmask {name}")
            if load in ("error", "bad-setting"):
                why = self.get("LoadError").partition('"')[2].rstrip('"') or load
                return Failure(Reason.EXITED, f"the file of {name} cannot be loaded: {why}")
            return Failure(Reason.EXITED, f"{name} is not running (inactive{_brackets(sub, 'dead')}){at}")
        if active == "active":
            started = self.starts.started
            if recent > most and started is not None and now - started < _SETTLED:
                return Failure(Reason.RESTARTING, self._restarted(recent, most, within))
            return None
        if active in _CHANGING:
            return None
        return Failure(Reason.PROTOCOL, f"systemctl reports {active or 'no state'} for {name}", blind=True)

    def notes(self, recent: int, most: int, within: float) -> Iterator[str]:
        """The notes that degrade the check."""
        active = self.get("ActiveState")
        if active in _CHANGING:
            yield f"{self.name} is {active} ({self.get('SubState')}){since(_moment(self.get('StateChangeTimestamp')))}"
        if recent > most:
            yield self._restarted(recent, most, within)

    def _restarted(self, recent: int, most: int, within: float) -> str:
        return f"{self.name} restarted {recent} times within {span_text(within)}, at most {most} expected"

    def _why(self) -> str:
        """The result in words, with the exit status or the signal."""
        result, status = self.get("Result"), self.get("ExecMainStatus")
        said = _RESULTS.get(result, result or "no reason given")
        if status.isdecimal() and status != "0" and result not in _RESULTS:
            how = _signal_name(status) if self.get("ExecMainCode") in _KILLED else f"exit status {status}"
            said = how if result in ("exit-code", "signal", "core-dump") else f"{said}, {how}"
            said += " with a core dump" if result == "core-dump" else ""
        return said


def last_words(name: str, status: str) -> tuple[str, str]:
    """(the last line that the unit itself wrote, all lines) of ``systemctl status --output=cat``."""
    lines = [line.strip() for line in status.partition("\n\n")[2].splitlines() if line.strip()]
    own = [line for line in lines if not line.startswith((f"{name}: ", *_OWN_LINES))]
    return printable((own or lines or [""])[-1], 300), printable("\n".join(lines), 4096, lines=True)


def _brackets(sub: str, usual: str) -> str:
    return f", {sub}" if sub and sub != usual else ""


def _signal_name(number: str) -> str:
    try:
        return f"killed by {signal.Signals(int(number)).name}"
    except ValueError:
        return f"killed by signal {number}"


def _moment(text: str) -> float | None:
    """Unix seconds of a time such as ``Mon 2026-11-30 12:00:00 UTC``, None if unknown."""
    try:
        return datetime.strptime(text.partition(" ")[2], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
