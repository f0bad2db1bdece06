"""Checks as they were shown at a past moment.

What a view says besides measured values is kept whenever it changes. Between two such pieces come probes that changed
nothing else: their values are those of the samples, which are kept for two days, and of the roll-ups before that.

What is not known to the last digit: latencies are kept in whole microseconds. ``well_at`` of a check that does not fail is
the moment of its last sample less its latency; the session of then had it from its monotonic clock, which may differ by
what passed between two readings of clocks, some microseconds. Of a check that fails it is kept. Older than two days, the
strip and the measured values are those of five minutes, since the samples are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.health import Health, Policy, aged
from artisan_tui.domain.checks.observer import Suspicion
from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS, ROLL_UP_SECONDS, CheckSample, RollUp
from artisan_tui.domain.condition import ConditionResult, shown_value
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.past_journal import STATES, from_journal, told_views
from artisan_tui.engine.checks.past_uptime import KEPT as UPTIME_KEPT
from artisan_tui.engine.checks.past_uptime import past_uptimes, read_ahead
from artisan_tui.engine.checks.slice import (
    STRIP,
    About,
    CheckSlice,
    CheckView,
    Mute,
    ServicesSlice,
    Tick,
)
from artisan_tui.engine.past.kinds import PieceKind, Then, Weighed
from artisan_tui.engine.past.packing import Packing

if TYPE_CHECKING:
    from artisan_tui.store.checks.then import ChecksThen

__all__ = ["KEPT", "STATES", "ahead", "past"]

_CLASSES = (CheckView, Health, Policy, Tick, ConditionResult, Mute, About, State, Reason, Suspicion, CheckSlice)
_PACKING = Packing((*_CLASSES, ServicesSlice))
#: Checks that are read ahead in one part.
_AT_ONCE = 10


def _weigh(view: CheckView, at: datetime) -> Weighed:
    """What a probe changes every time is left out: `_with_probes` gets it from the samples."""
    health = _without_counts(view.health)
    failing = view.failed_at is not None
    same = view._replace(
        health=health,
        underneath=None if view.underneath is None else _without_counts(view.underneath),
        latency=None,
        value=None if view.value is None else "",
        strip=(),
        findings=(),
        excerpt="",
        query="",
        well_at=view.well_at if failing else None,
    )
    # A sentence with a measured number in it changes with every probe of a check that fails.
    calm = replace(health, detail="", blind=min(health.blind, 1))
    return Weighed(view, same, same._replace(health=calm, shown_latency=None, remarks=(), underneath=None))


def _without_counts(health: Health) -> Health:
    """Of the counts only on which side of nothing they are: as long as that holds, they grow by one with each probe."""
    return replace(health, seen_at=None, downs=int(health.downs > 0), lows=int(health.lows > 0))


_VIEW = PieceKind("check", CheckSlice, lambda found: ((view.id, view) for view in found.views), _weigh, _PACKING)
#: Which checks there were, in their order, and whether this machine's own network was suspected.
_ALL = PieceKind(
    "checks",
    CheckSlice,
    lambda found: (("", (tuple(view.id for view in found.views), found.suspicion)),),
    packing=_PACKING,
)
_SERVICES = PieceKind("services", ServicesSlice, lambda found: (("", found),), packing=_PACKING)
KEPT = (_VIEW, _ALL, _SERVICES, *UPTIME_KEPT)


def past(then: Then) -> Sequence[object]:
    from artisan_tui.store.checks.then import checks_then  # heavy, and there by now

    kept = then.piece(_ALL)
    suspicion: Suspicion | None = None
    told = told_views(then) if kept is None else {}
    with checks_then(then.store) as stored:
        if kept is not None:
            ids, suspicion = kept
            views = _views(then, stored, ids)
        else:
            views = list(from_journal(then, stored, told, brought_on))
        seen = [view.health.seen_at for view in views if view.health.seen_at is not None and not view.restored]
        answered = max(seen, default=None)
        uptimes = past_uptimes(then, stored, [view.id for view in views], answered)
    services = then.piece(_SERVICES) or then.now[ServicesSlice]
    late = any(view.health.stale or view.health.reason is Reason.STALE for view in views)
    return (CheckSlice(tuple(views), answered, late, suspicion), services, uptimes)


def ahead(then: Then) -> Iterator[None]:
    from artisan_tui.store.checks.then import checks_then  # heavy, and there by now

    kept = then.piece(_ALL)
    ids = [view.id for view in then.now[CheckSlice].views] if kept is None else kept[0]
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        with checks_then(then.store) as stored:
            _views(then, stored, some)
            read_ahead(then, stored, some)
        yield


def _views(then: Then, stored: ChecksThen, ids: Sequence[str]) -> list[CheckView]:
    """The views as they were kept, with the probes since."""
    found: dict[str, tuple[CheckView, datetime | None]] = {}
    for check_id in ids:
        view = then.piece(_VIEW, check_id)
        if view is not None:
            found[check_id] = (view, then.piece_at(_VIEW, check_id))
    views = []
    for view in brought_on(then, stored, found):
        if view.muted is not None and view.muted.until <= then.at:
            view = view._replace(muted=None)
        views.append(view)
    return views


def brought_on(
    then: Then, stored: ChecksThen, views: Mapping[str, tuple[CheckView, datetime | None]]
) -> list[CheckView]:
    """Each view, shown since then (None: nobody knows), with what was measured up to the moment, and as old as it was."""
    if (then.now.at - then.at).total_seconds() < RAW_KEPT_SECONDS:
        probes = stored.probes({name: since for name, (_, since) in views.items()}, then.at, STRIP)
        found = [with_probes(view, *probes.get(name, ((), 0))) for name, (view, _) in views.items()]
    else:
        rolled = stored.roll_ups(list(views), then.at, STRIP)
        found = [with_roll_ups(view, rolled.get(name, ()), then.at) for name, (view, _) in views.items()]
    return [view._replace(health=aged(view.health, then.at, view.every, view.timeout)) for view in found]


def with_probes(view: CheckView, newest: Sequence[CheckSample], count: int) -> CheckView:
    """The view after ``count`` more probes that changed nothing but measured values; the ``newest`` of them, oldest first."""
    if not newest:
        return view
    last = newest[-1]
    ticks = tuple(Tick(each.verdict, view.shown_latency, each.number) for each in newest)
    view = view._replace(
        health=_probed(view.health, last.at, count),
        underneath=None if view.underneath is None else _probed(view.underneath, last.at, count),
        latency=last.latency,
        value=view.value if last.value is None else printable(last.value, 40),
        strip=(*view.strip, *ticks)[-STRIP:],
        findings=tuple(_found(each, last) for each in view.findings),
    )
    if view.failed_at is None and last.verdict is not State.UNKNOWN and view.health.state is not State.MAINTENANCE:
        view = view._replace(well_at=last.at - timedelta(seconds=last.latency or 0.0))
    return view


def _found(finding: ConditionResult, sample: CheckSample) -> ConditionResult:
    """What a condition found: values and latencies are in the samples; all else was the same."""
    root = finding.condition.split()[0] if finding.condition else ""
    if root == "value" and sample.value is not None:
        return replace(finding, actual=shown_value(_number(sample.value)))
    if root == "latency" and sample.latency is not None:
        return replace(finding, actual=shown_value(Decimal(str(sample.latency)), duration=True))
    return finding


def _number(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _probed(health: Health, at: datetime, count: int) -> Health:
    if health.state is State.MAINTENANCE:
        return replace(health, seen_at=at)
    return replace(health, seen_at=at, downs=_grown(health.downs, count), lows=_grown(health.lows, count))


def _grown(counted: int, by: int) -> int:
    return counted + by if counted > 0 else counted - by


def with_roll_ups(view: CheckView, rolled: Sequence[RollUp], at: datetime) -> CheckView:
    """The view in steps of five minutes, where the samples are no longer kept. ``rolled`` are those up to the moment."""
    if not rolled:
        return view._replace(strip=())
    last = rolled[-1]
    latency = last.latency_sum / last.latency_count if last.latency_count else None
    value = view.value
    if last.value_max is not None:
        value = f"{last.value_max:g}" if last.value_min == last.value_max else f"{last.value_min:g}..{last.value_max:g}"
    seen = min(last.start + timedelta(seconds=ROLL_UP_SECONDS), at)
    known = last.up + last.degraded + last.down > 0
    health = view.health if not known else replace(view.health, seen_at=max(seen, view.health.seen_at or seen))
    return view._replace(
        health=health, latency=latency, shown_latency=latency, value=value, strip=tuple(map(_tick, rolled))[-STRIP:]
    )


def _tick(rolled: RollUp) -> Tick:
    """The worst of five minutes."""
    counted = ((rolled.down, State.DOWN), (rolled.degraded, State.DEGRADED), (rolled.up, State.UP))
    verdict = next((state for count, state in counted if count), State.UNKNOWN)
    latency = rolled.latency_sum / rolled.latency_count if rolled.latency_count else None
    return Tick(verdict, latency, rolled.value_max)
