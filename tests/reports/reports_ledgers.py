"""Statuses from real ledgers, made by `evaluate_slo`: nothing here writes counts down by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.slo.burn import plan
from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.evaluation import Slo, evaluate_slo
from artisan_tui.domain.slo.gate import Gate, Override, gate
from artisan_tui.domain.slo.minimums import USUAL, Minimums
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.status import Evidence, SloStatus
from artisan_tui.domain.slo.windows import BY_MINUTE, DAY, MinuteGrid, Span
from artisan_tui.reports.slo.weekly import weekly_review

SEOUL = ZoneInfo("Asia/Seoul")
#: Friday, 21 November 2026, 18:42 in Seoul, and the minute that it is.
AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
END = int(AT.timestamp()) // 60
INTERVAL_MS = 15_000
WEEK, MINUTE = timedelta(days=7), timedelta(minutes=1)
#: Minutes of a month.
FULL = 43_200
API = "api-availability"
#: A quarter of a minute later: the newest minute that may be evaluated ends at `END`.
NOW_MS = END * 60_000 + INTERVAL_MS


def spread(total: int, bad: int, minutes: int) -> list[Row]:
    """``total`` events and ``bad`` ones as evenly as integers go over the last ``minutes``, all of them seen."""

    def share(of: int, index: int) -> int:
        return of * (index + 1) // minutes - of * index // minutes

    return [(END - minutes + i, share(bad, i), share(total, i), 1) for i in range(minutes)]


def days_of(window: str) -> int:
    return 30 if window == "month" else int(window[:-1])


def slo_status(
    rows: Iterable[Row],
    objective: str = "99.9%",
    window: str = "30d",
    *,
    id: str = "api-availability",
    name: str = "API availability",
    kind: str = "events",
    unit: str = "events",
    minimums: Minimums = USUAL,
    grid: MinuteGrid = BY_MINUTE,
    evidence: Evidence | None = None,
    excluded: Iterable[Span] = (),
    partial: bool = False,
    course: int = 0,
    zone: ZoneInfo = SEOUL,
    **more: Any,
) -> SloStatus:
    listed = list(rows)
    ledger = MinuteSeries(grid)
    ledger.put(listed)
    target = parse_objective(objective)
    slo = Slo(id, name, target, window, zone, plan(target, days_of(window) * DAY, INTERVAL_MS / 1000), minimums, unit)
    evaluation = evaluate_slo(
        slo, ledger, NOW_MS, INTERVAL_MS, excluded=tuple(excluded), partial=partial, course=course
    )
    usual = Evidence(
        kind,
        (("total", "api_requests_total"), ("bad", 'api_requests_total{status=~"5.."}')),
        "sum(increase(api_requests_total[1m]))",
        interval_ms=INTERVAL_MS,
    )
    more = {"since": listed[0][0] if listed else None, "read_at": AT} | more
    return SloStatus(evaluation, evidence or usual, **more)


def api(**more: Any) -> SloStatus:
    """The seed's first sample: 987 of 1,234,567."""
    return slo_status(spread(1_234_567, 987, 30 * DAY), **more)


def creative(**more: Any) -> SloStatus:
    """The seed's second one: 93.5 % against 95 %, here of 70,000 events."""
    usual: dict[str, Any] = {"id": "llm-creative-latency", "name": "LLM creative latency", "kind": "latency"}
    return slo_status(spread(70_000, 4_550, 7 * DAY), "95%", "7d", **usual | more)


def fresh(**more: Any) -> SloStatus:
    """Nothing was ever read."""
    usual: dict[str, Any] = {
        "id": "rl-reward",
        "name": "RL reward",
        "unit": "slices",
        "kind": "slices",
        "read_at": None,
    }
    return slo_status([], **usual | more)


def gated(slo_statuses: Iterable[SloStatus], override: Override | None = None) -> Gate:
    return gate(((each.id, each.evaluation.status) for each in slo_statuses), override, AT)


OVERRIDE = Override("j.park", "hotfix for the login page", AT + timedelta(hours=2))


class Journal:
    """Events one after the other."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, at: datetime, kind: str, subject: str = "", actor: str = "artisan", **body: object) -> Event:
        event = Event(at, actor, kind, subject, body, seq=len(self.events) + 1, recorded_at=at)
        self.events.append(event)
        return event

    def correct(self, event: Event, at: datetime) -> Event:
        fixed = replace(event, occurred_at=at, supersedes=event.seq, seq=len(self.events) + 1)
        self.events.append(fixed)
        return fixed


def month(bad: int, total: int, measured: int = FULL) -> Counts:
    return Counts(bad, total, FULL, measured)


def outage() -> tuple[SloStatus, Journal]:
    """Three minutes of 300 bad each, 200 minutes ago, and what was written about them."""
    rows = [
        (minute, bad + (300 if END - 200 <= minute < END - 197 else 0), total + 300, 1)
        for minute, bad, total, _ in spread(1_234_567, 100, 30 * DAY)
    ]
    journal, then = Journal(), AT - 200 * MINUTE
    down = {"from": "up", "to": "down", "reason": "timeout", "detail": "no answer within 5s"}
    journal.add(then - 3 * MINUTE, "check.state", "api.health", **down)
    journal.add(then - 2 * MINUTE, "session.start", actor="s.lee")
    page: dict[str, Any] = {"key": "k", "severity": "page", "name": "API availability", "labels": {"slo": API}}
    journal.add(then, "alert.raised", API, **page)
    journal.add(then + 4 * MINUTE, "note", actor="s.lee", text="rolled the deploy back")
    journal.add(then + 9 * MINUTE, "check.state", "api.health", **{"from": "down", "to": "up"})
    journal.add(then + 12 * MINUTE, "alert.resolved", API, **page, lasted=720)
    until = (then + 180 * MINUTE).isoformat()
    journal.add(then + 60 * MINUTE, "slo.override", actor="j.park", until=until, reason="hotfix for the login page")
    return slo_status(rows, course=10), journal


def weekly(slo_statuses: list[SloStatus], journal: Journal, **more: Any) -> str:
    override = more.pop("override", None)
    return weekly_review(slo_statuses, gated(slo_statuses, override), journal.events, AT - WEEK, AT, SEOUL, **more)
