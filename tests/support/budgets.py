"""SLOs for tests of the screen: real ledgers, evaluated by the real rules, at the fixed clock of `support.snapshots`.

`example_slos` is what the pictures show: one of each status, with numbers that a person can check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from textual.pilot import Pilot

from artisan_tui.domain.alerts.book import Alert
from artisan_tui.domain.slo.burn import plan
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.evaluation import Slo, evaluate_slo
from artisan_tui.domain.slo.gate import Gate, Override, gate
from artisan_tui.domain.slo.minimums import USUAL, Minimums
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.status import Evidence, Progress, SloStatus
from artisan_tui.domain.slo.windows import DAY, Span, latest_end
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from support.screens import show
from support.snapshots import NOW, happenings, newer, scene, snapshot

SEOUL = ZoneInfo("Asia/Seoul")
#: Milliseconds between two scrapes.
INTERVAL = 15_000
#: The minute up to which everything is evaluated.
END = latest_end(int(NOW.timestamp() * 1000), INTERVAL)


@dataclass(frozen=True, slots=True)
class Burst:
    """``share`` of the events were bad for ``minutes``, beginning ``ago`` minutes before the end."""

    ago: int
    minutes: int
    share: float


def rows(days: float, traffic: int, share: float, bursts: Sequence[Burst] = (), *, until: int = 0) -> Iterator[Row]:
    """``traffic`` events a minute for ``days`` up to ``until`` minutes before the end, ``share`` of them bad."""
    owed = 0.0
    for ago in range(int(days * DAY), until, -1):
        now = next((burst.share for burst in bursts if burst.ago - burst.minutes < ago <= burst.ago), share)
        owed += traffic * now
        bad = int(owed)
        owed -= bad
        yield END - ago, bad, traffic, 1


def slo_status(
    slo_id: str,
    objective: str,
    window: str,
    minutes: Iterable[Row],
    *,
    name: str = "",
    minimums: Minimums = USUAL,
    excluded: Sequence[Span] = (),
    partial: bool = False,
    course: int = 120,
    zone: ZoneInfo = SEOUL,
    now: datetime = NOW,
    **more: Any,
) -> SloStatus:
    """An SLO evaluated at ``now`` from these minutes; what `Evidence` and `SloStatus` know besides goes in by name."""
    target = parse_objective(objective)
    period = 30 * DAY if window == "month" else int(window[:-1]) * DAY
    slo = Slo(slo_id, name or slo_id, target, window, zone, plan(target, period, INTERVAL / 1000), minimums, "events")
    ledger = MinuteSeries()
    held = list(minutes)
    ledger.put(held)
    now_ms = int(now.timestamp() * 1000)
    evaluation = evaluate_slo(slo, ledger, now_ms, INTERVAL, excluded=excluded, partial=partial, course=course)
    of_evidence = {each: more.pop(each) for each in ("estimated", "estimated_why", "unclaimed") if each in more}
    evidence = Evidence(
        more.pop("kind", "events"),
        more.pop("selectors", (("total", "api_requests_total"), ("bad", 'api_requests_total{status=~"5.."}'))),
        more.pop("query", "api_requests_total[3m]"),
        **of_evidence,
    )
    since = min((row[0] for row in held), default=None)
    values: dict[str, Any] = {"since": since, "read_at": now - timedelta(seconds=8), **more}
    return SloStatus(evaluation, evidence, **values)


@lru_cache(1)
def example_slos() -> tuple[SloStatus, ...]:
    """The five of the SRE guide, in file order: well, warned, exhausted and paging, well and estimated, unknown."""
    return (
        slo_status("api-availability", "99.9%", "30d", rows(30, 85, 0.0002), name="API availability", kept_seconds=15 * 86400.0),
        slo_status("llm-fast", "95%", "7d", rows(7, 40, 0.043), name="LLM fast latency", kind="latency"),
        slo_status(
            "llm-creative", "95%", "7d",
            rows(7, 36, 0.03, [Burst(3000, 1500, 0.16), Burst(40, 40, 0.85)]),
            name="LLM creative latency", kind="latency",
        ),
        slo_status(
            "llm-balanced", "95%", "7d", rows(7, 20, 0.02), name="LLM 균형 모드 지연", kind="promql",
            estimated=True, estimated_why="every minute weighs the same",
        ),
        slo_status(
            "rl-reward", "99%", "7d", rows(3, 1, 0.002), name="RL reward stability", kind="slices",
            progress=Progress(4_334, 10_080), kept_seconds=15 * 86400.0,
        ),
    )  # fmt: skip


def gate_of(slo_statuses: Sequence[SloStatus], override: Override | None = None) -> Gate:
    return gate(((each.id, each.evaluation.status) for each in slo_statuses), override, NOW)


def slo_slice(slo_statuses: Sequence[SloStatus] | None = None, **more: Any) -> SloSlice:
    """What the engine would publish about these, by default `example_slos`."""
    told = example_slos() if slo_statuses is None else tuple(slo_statuses)
    return SloSlice(told, more.pop("gate", gate_of(told, more.pop("override", None))), **more)


def board(**more: Any) -> Snapshot:
    """The whole scene with its budgets."""
    return snapshot(scene(), happenings(), **{"budgets": slo_slice(), "alerts": (), **more})


def later(before: Snapshot, **changes: Any) -> Snapshot:
    """`newer`, with new objects for the slices of SLOs and alerts too."""
    after = newer(before, **changes)
    return replace(after, slices={kind: copy(value) for kind, value in after.slices.items()})


def alert(slo_id: str, severity: str = "page", *, minutes: float = 0, resolved: bool = False, key: str = "") -> Alert:
    """An alert raised ``minutes`` ago."""
    since = NOW - timedelta(minutes=minutes)
    return Alert(key or slo_id, "slo", {"slo": slo_id}, severity, f"{slo_id} burns", since, NOW if resolved else None)


async def on_board(pilot: Pilot[Any], picture: Snapshot | None = None) -> Snapshot:
    """`show`, by default `board`, until the panel is mounted and every scrollbar drawn, which takes turns of the loop."""
    shown = await show(pilot, picture or board())
    for _turn in range(8):
        await pilot.pause()
    return shown
