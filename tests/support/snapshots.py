"""A board without an engine: snapshots made by hand, a clock that stands, a host that only writes down.

`scene` is the board that the pictures show; everything else is built from `check`, `event` and
`snapshot`. `Wire` puts a terminal behind an app under test, so that bytes and bells can be counted
and the screen a person would see can be compared with the one the app believes it drew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from artisan_tui.domain.checks.health import Health, Policy
from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.event import Entry, Event, seal
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.access import Session
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.slice import CheckSlice, CheckView, Tick
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import confirmed, permit
from artisan_tui.engine.drills.slice import DrillSlice, StackFault
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.maintenance.slice import MaintenanceSlice
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import JournalSlice, SessionStatus, Snapshot
from artisan_tui.tui.app import ArtisanApp

if TYPE_CHECKING:
    from artisan_tui.engine.host import EngineHost


#: 18:42:10 in Seoul, on a Saturday.
NOW = datetime(2026, 11, 21, 9, 42, 10, tzinfo=UTC)


OPERATOR = Session("j.park")


READ_ONLY = Session("j.park", read_only=True)


DEMO = Session("j.park", demo=True)


class FakeClock:
    """Stands still until `tick` moves both hands."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at, self.seconds = at, 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def tick(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class FakeHost:
    """Stands in for the engine's thread: asks the real `permit` and `confirmed`, writes down what was asked, does nothing.

    ``submitted`` has every command as it was sent, ``done`` those that were permitted. ``replies`` says
    what comes of a permitted command, `Reply(True)` where it says nothing. ``asked`` has the probes asked for.
    """

    session: Session = OPERATOR
    environment: str = "production"
    samples: tuple[CheckSample, ...] = ()
    roll_ups: tuple[RollUp, ...] = ()
    replies: dict[str, Reply] = field(default_factory=dict)
    submitted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    done: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, float]] = field(default_factory=list)
    started: int = 0
    on_done: Callable[[str, dict[str, str]], None] | None = None

    def start(self) -> None:
        self.started += 1

    def stop(self, timeout: float = 0.8) -> bool:
        return True

    def submit(self, command_id: str, arguments: Mapping[str, str]) -> Future[Reply]:
        given = dict(arguments)
        self.submitted.append((command_id, given))
        future: Future[Reply] = Future()
        try:
            confirmed(permit(command_id, given, self.session), self.environment, given)
        except CommandRefused as refused:
            future.set_result(Reply(False, str(refused)))
            return future
        self.done.append((command_id, given))
        if self.on_done is not None:
            self.on_done(command_id, given)
        future.set_result(self.replies.get(command_id, Reply(True)))
        return future

    def ask(self, query: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if isinstance(query, CheckHistory):
            self.asked.append((query.check_id, query.seconds))
            future.set_result((self.samples, self.roll_ups))
        else:
            future.set_exception(LookupError("there is no journal here"))
        return future


def make_app(
    session: Session = OPERATOR, *, clock: FakeClock | None = None, host: FakeHost | None = None, **options: Any
) -> ArtisanApp:
    """An app with a standing clock, and with a host that has its session unless one is given."""
    app = ArtisanApp(session, clock=clock or FakeClock(), **options)
    app.host = cast("EngineHost", host if host is not None else FakeHost(session))
    return app


def health(state: State = State.UP, reason: Reason | None = None, *, minutes: float = 90, **more: Any) -> Health:
    """A health that has lasted ``minutes``, with a reason that fits the state unless one is given."""
    reason = reason if reason is not None else (Reason.OK if state is State.UP else Reason.TIMEOUT)
    detail = more.pop("detail", "" if state is State.UP else "no answer in 5s")
    since = NOW - timedelta(minutes=minutes)
    values: dict[str, Any] = {"seen_at": NOW - timedelta(seconds=4), "baseline": state, **more}
    return Health(state, reason, detail, since, **values)


def ticks(*latencies: float | State) -> tuple[Tick, ...]:
    """A strip: a number is a good probe that took so many seconds, a state a probe that said so."""
    return tuple(Tick(x) if isinstance(x, State) else Tick(State.UP, x) for x in latencies)


def check(check_id: str, state: State = State.UP, **more: Any) -> CheckView:
    """One check. Arguments that `Health` knows go there, the rest to `CheckView`."""
    known = {"reason", "minutes", "detail", "seen_at", "baseline", "downs", "lows", "blind", "stale"}
    check_status = health(state, **{name: more.pop(name) for name in known & more.keys()})
    latency = more.pop("latency", 0.142 if state is State.UP else None)
    strip = more.pop("strip", ticks(*([0.142] * 12 if state is State.UP else [0.142] * 9 + [State.DOWN] * 3)))
    values: dict[str, Any] = {
        "shown_latency": latency,
        "service_name": check_id.partition(".")[0],
        "name": check_id,
        "kind": "http",
        "target": f"http://127.0.0.1:8000/{check_id.replace('.', '/')}",
        "policy": Policy(3, 2),
        "every": 30.0,
        "timeout": 5.0,
        **more,
    }
    return CheckView(id=check_id, health=check_status, latency=latency, strip=strip, **values)


def event(
    kind: str, subject: str = "", *, minutes: float = 1, actor: str = "artisan", seq: int = 1, **body: Any
) -> Event:
    entry = Entry(NOW - timedelta(minutes=minutes), actor, kind, subject, body)
    return seal(entry, seq, entry.occurred_at, "0" * 64)


def session_status(**more: Any) -> SessionStatus:
    values: dict[str, Any] = {
        "name": "Artisan",
        "environment": "production",
        "zone": "Asia/Seoul",
        "config_path": "/etc/artisan.toml",
        "loaded_at": NOW - timedelta(hours=3),
        "actor": "j.park",
        **more,
    }
    return SessionStatus(**values)


#: What a test calls a part of a snapshot, and the slice that it is in; "" for the whole slice.
_PARTS: dict[str, tuple[type, str]] = {
    "session_status": (SessionStatus, ""),
    "checks": (CheckSlice, "views"),
    "answered_at": (CheckSlice, "answered_at"),
    "late": (CheckSlice, "late"),
    "suspicion": (CheckSlice, "suspicion"),
    "journal": (JournalSlice, "events"),
    "losses": (JournalSlice, "losses"),
    "faults": (DrillSlice, "faults"),
    "budgets": (SloSlice, ""),
    "alerts": (AlertSlice, "firing"),
    "incidents": (IncidentSlice, ""),
    "all_alerts": (AlertSlice, ""),
    "windows": (MaintenanceSlice, "windows"),
    "runs": (RunSlice, ""),
}


def snapshot(checks: Sequence[CheckView] = (), journal: Sequence[Event] = (), **more: Any) -> Snapshot:
    """Everything live; ``more`` are parts of slices, see `_PARTS`."""
    parts: dict[str, Any] = {"session_status": session_status(), "answered_at": NOW - timedelta(seconds=2), **more}
    at = parts.pop("at", NOW)
    return with_parts(Snapshot(at), checks=checks, journal=journal, **parts)


def with_parts(before: Snapshot, **parts: Any) -> Snapshot:
    """``before`` with other parts; the slices that they are in are new objects, the others are the same."""
    slices = dict(before.slices)
    for name, value in parts.items():
        kind, field = _PARTS[name]
        if isinstance(value, list):
            value = tuple(value)
        slices[kind] = value if not field else (slices.get(kind) or kind())._replace(**{field: value})
    return replace(before, slices=slices)


def newer(before: Snapshot, **parts: Any) -> Snapshot:
    """The snapshot after ``before``: what is named changes, and every slice is a new object but those of SLOs and alerts."""
    at = parts.pop("at", before.at)
    kept = {SloSlice, AlertSlice}
    slices = {kind: value if kind in kept else copy(value) for kind, value in before.slices.items()}
    return with_parts(Snapshot(at, slices), **parts)


def with_check(before: Snapshot, view: CheckView) -> Snapshot:
    """The snapshot after ``before`` in which the check of that id is ``view``."""
    return newer(before, checks=tuple(view if old.id == view.id else old for old in before[CheckSlice].views))


FAULTS = (
    StackFault("llm", "Qwen hangs", "The model accepts requests and never answers", True),
    StackFault("db", "Slow database", "Every query takes two seconds", False),
    StackFault("queue", "Queue backs up", "Workers stop taking jobs", False),
)


def scene() -> tuple[CheckView, ...]:
    """Sixteen checks in file order, one of each kind of trouble among them."""
    wave = [0.04, 0.05, 0.045, 0.2, 0.05, 0.04, 0.06, 0.05, 0.9, 0.05, 0.04, 0.05] * 2
    return (
        check(
            "api.health",
            name="API health",
            service_name="Artisan API",
            minutes=60 * 24 * 9,
            strip=ticks(*wave),
            findings=(
                ConditionResult("status == 200", True, "200"),
                ConditionResult("body.status ~ ^(healthy|degraded)$", True, "healthy"),
                ConditionResult("latency < 500ms", True, "142ms"),
            ),
            excerpt='{"status": "healthy", "services": {"database": "healthy", "cache": "healthy"}}',
            query="GET http://127.0.0.1:8000/health",
        ),
        check("api.ready", minutes=60 * 24 * 9, strip=ticks(*wave[3:], *wave[:3])),
        check("api.live", latency=0.0032, minutes=60 * 24 * 9, strip=ticks(*[0.003] * 24)),
        check("postgres.up", kind="tcp", target="127.0.0.1:5432", latency=0.0031, strip=ticks(*[0.003] * 24)),
        check("redis.up", kind="tcp", target="127.0.0.1:6379", latency=0.0004, strip=ticks(*[0.0005] * 24)),
        check(
            "cache.hit-rate",
            State.DEGRADED,
            reason=Reason.VALUE,
            detail="value >= 0.6, got 0.41",
            minutes=14,
            kind="metric",
            target="cache_hits_total / cache_requests_total over 5m",
            value="0.4137254901960784",
            latency=0.012,
            strip=ticks(*[0.012] * 24),
        ),
        check(
            "llm.qwen",
            State.DOWN,
            reason=Reason.TIMEOUT,
            detail="no answer in 5s",
            minutes=2.2,
            downs=5,
            lows=5,
            strip=ticks(*[0.8, 1.2, 1.9, 2.4, 3.1, 3.9] * 3, *[State.DOWN] * 6),
            findings=(
                ConditionResult("status == 200", False, "missing", Reason.MISSING),
                ConditionResult("body.services.llm == healthy", False, "unhealthy", Reason.BODY),
            ),
            excerpt='HTTP/1.1 503 Service Unavailable\n{"status": "unhealthy", "model": "qwen2.5-72b"}',
            remarks=("the certificate ends in 12 days",),
        ),
        check("llm.creative", downs=2, lows=2, reason=Reason.LATENCY, detail="latency < 2s, got 2.7s", latency=2.7),
        check(
            "queue.depth", kind="metric", target="queue_depth{queue=\"jobs\"}", value="37", latency=0.012,
            strip=ticks(*[0.012] * 24),
        ),
        check("worker.alive", State.UNKNOWN, reason=Reason.NO_DATA, detail="the server has no such series", minutes=31, blind=4,
              strip=ticks(*[0.01] * 20, *[State.UNKNOWN] * 4)),
        check("scheduler.beat", stale=True, blind=1, reason=Reason.UNREACHABLE, detail="Prometheus does not answer",
              kind="metric", value="12", latency=0.012),
        check("disk.data", kind="metric", target="disk_used_ratio{mount=\"/data\"}", value="0.618", latency=0.012),
        check("memory", kind="metric", target="memory_used_ratio", value="0.7204", latency=0.012),
        check("한국어-결제", name="결제 확인", service_name="결제", target="http://127.0.0.1:8000/결제"),
        check("tls.edge", kind="tls", target="artisan.example:443", value="61", latency=0.031),
        check("backup.age", State.MAINTENANCE, reason=Reason.OK, detail="", minutes=45, kind="metric", value="3600"),
    )  # fmt: skip


def happenings() -> tuple[Event, ...]:
    """The journal of `scene`, newest first."""
    return (
        event("note", minutes=0.5, actor="j.park", seq=7, text="모델 서버를 재시작합니다. ETA 5 min"),
        event("check.state", "llm.qwen", minutes=2.2, seq=6, **{"from": "up", "to": "down", "reason": "timeout", "detail": "no answer in 5s"}),
        event("check.state", "cache.hit-rate", minutes=14, seq=5, **{"from": "up", "to": "degraded", "reason": "value", "detail": "value >= 0.6, got 0.41"}),
        event("check.state", "worker.alive", minutes=31, seq=4, **{"from": "up", "to": "unknown", "reason": "no data", "detail": ""}),
        event("config.loaded", "artisan.toml", minutes=180, seq=3),
        event("session.start", minutes=181, actor="j.park", seq=2),
        event("check.state", "llm.qwen", minutes=60 * 30, seq=1, **{"from": "down", "to": "up", "reason": "ok", "detail": ""}),
    )  # fmt: skip


def check_samples(check_id: str, count: int = 120, *, every: float = 30.0, failing: int = 4) -> tuple[CheckSample, ...]:
    """The last ``count`` probes of a check, oldest first; the newest ``failing`` of them failed."""
    made = []
    for index in range(count):
        at = NOW - timedelta(seconds=every * (count - index - 1))
        failed = index >= count - failing
        latency = None if failed else 0.1 + 0.05 * (index % 7)
        made.append(
            CheckSample(check_id, at, State.DOWN if failed else State.UP, "timeout" if failed else "ok", latency)
        )
    return tuple(made)
