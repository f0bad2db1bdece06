"""A check with a past, its engine, and the screen that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from textual.pilot import Pilot

from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.domain.checks.outages import Outage
from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.logs import CheckLogs
from artisan_tui.engine.checks.outages import OutageHistory, OutageQuery
from artisan_tui.engine.checks.slice import About, CheckView
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.checks.detail import Detail
from support.screens import drawn, settled, show
from support.snapshots import NOW, FakeHost, check, happenings, snapshot

ABOUT = About(
    "platform",
    ("tier-1", "edge"),
    (("dashboard", "https://grafana.example/d/api"), ("runbook", "api_down")),
    "docker api",
)
QUEUE = check(
    "queue.depth", State.DOWN, reason=Reason.VALUE, detail="value 120, expected <= 100", kind="measure"
)._replace(
    value="120",
    limit="100",
    unit="jobs",
    about=ABOUT,
    findings=(ConditionResult("value <= 100", False, "120", Reason.VALUE),),
)


def values(check_id: str, numbers: Sequence[float | None], every: float = 30.0) -> tuple[CheckSample, ...]:
    first = NOW - timedelta(seconds=every * (len(numbers) - 1))
    return tuple(
        CheckSample(check_id, first + timedelta(seconds=every * n), State.UP, "ok", 0.01, None if v is None else str(v))
        for n, v in enumerate(numbers)
    )


def texts(rows: Sequence[Sequence[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _role in row).rstrip() for row in rows]


def roles(row: Sequence[tuple[str, str]], sign: str) -> set[str]:
    return {role for text, role in row if sign in text}


def outage(minutes: float, lasted: float | None = 5, **more: Any) -> Outage:
    start = NOW - timedelta(minutes=minutes)
    end = None if lasted is None else start + timedelta(minutes=lasted)
    return Outage(more.pop("check_ids", ("api.health",)), start, end, **more)


@dataclass
class Engine(FakeHost):
    """Answers what the details ask: ``tails`` and ``outages`` are given out in order, the last again and again."""

    tails: list[LogTail | Exception | None] = field(default_factory=lambda: [None])
    outages: tuple[Outage, ...] = ()
    queries: list[Any] = field(default_factory=list)
    unreadable: bool = False

    def ask(self, query: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if not isinstance(query, CheckHistory):
            self.queries.append(query)
        if isinstance(query, CheckLogs):
            answer = self.tails[0] if len(self.tails) == 1 else self.tails.pop(0)
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
            return future
        if isinstance(query, OutageQuery) and not self.unreadable:
            future.set_result(OutageHistory(self.outages, NOW - timedelta(days=90)))
            return future
        return super().ask(query)

    def asked_for(self, kind: type) -> list[Any]:
        return [query for query in self.queries if isinstance(query, kind)]


def with_slices(before: Snapshot, *slices: object) -> Snapshot:
    return replace(before, slices={**before.slices, **{type(each): each for each in slices}})


async def opened(pilot: Pilot[Any], view: CheckView, *slices: object) -> list[str]:
    await show(pilot, with_slices(snapshot([view], happenings()), *slices))
    pilot.app.open("check", check_id=view.id)  # type: ignore[attr-defined]
    await settled(pilot)
    return drawn(pilot.app.screen.query_one(Detail))


DAYS = (*[None] * 10, *[1.0] * 60, 0.995, *[1.0] * 10, 0.4, *[1.0] * 8)
