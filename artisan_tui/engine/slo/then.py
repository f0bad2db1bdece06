"""Error budgets as they were shown at a past moment: evaluated again from the ledgers, as a round of then did it.

What no ledger says is kept: the definition, which alerts fired, why nothing could be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS
from artisan_tui.domain.shown import LASTING_KEPT_SECONDS
from artisan_tui.domain.slo.burn import Pair, Plan, Severity
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.evaluation import Slo
from artisan_tui.domain.slo.gate import gate
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.slo.status import Evidence, Progress, SloStatus, Unmatched
from artisan_tui.domain.slo.windows import DAY, Span, latest_end
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.past.kinds import PieceKind, Then, Weighed
from artisan_tui.engine.past.packing import Packing
from artisan_tui.engine.publisher import GATHER
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.slo.ledger import COURSE, SloLedger, since_of
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.engine.slo.slice import SloSlice

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core

#: When a session evaluates a minute after it is over, see `service.AFTER`; and until that is on the screen.
_AFTER, _SHOWN = timedelta(seconds=2), timedelta(seconds=GATHER)
_MINUTE_MS = 60_000
#: Minutes that are read beyond what is needed, for the moments beside.
_MARGIN = DAY
#: Minutes that may not be in the store yet.
_UNWRITTEN = 30
#: Minutes of all ledgers that are remembered for the next moment, and how many of them are read ahead.
_MOST, _MOST_AHEAD = 6_000_000, 2_000_000
#: Days that are read ahead in one part.
_AHEAD_DAYS = 23


@dataclass(frozen=True, slots=True)
class BesideLedger:
    """What is shown of an SLO and is in no ledger. ``ahead`` is how many minutes its evaluation is ahead of the usual."""

    slo: Slo
    ahead: int
    firing: tuple[Pair, ...]
    partial: bool
    evidence: Evidence
    problem: str
    notes: tuple[str, ...]
    remarks: tuple[str, ...]
    kept_seconds: float | None
    since: int | None
    progress: Progress | None
    read_at: datetime | None


def _beside(found: SloStatus, at: datetime) -> Weighed:
    evaluation = found.evaluation
    beside = BesideLedger(
        evaluation.slo,
        evaluation.end - _usual_end(at, found.evidence.interval_ms),
        evaluation.firing,
        evaluation.partial,
        found.evidence,
        found.problem,
        found.notes,
        found.remarks,
        found.kept_seconds,
        found.since,
        found.progress,
        found.read_at,
    )
    # These change with every round; the retention moves with the clock.
    still = replace(
        beside,
        evidence=replace(found.evidence, query=""),
        since=None if found.since is None else 0,
        kept_seconds=None,
        progress=None if found.progress is None else Progress(0, 0),
        read_at=None,
    )
    return Weighed(beside, still, still)


_CLASSES = (BesideLedger, Slo, Objective, Plan, Pair, Severity, Minimums, Evidence, Unmatched, Progress)
_ONE = PieceKind(
    "slo", SloSlice, lambda found: ((each.id, each) for each in found.slo_statuses), _beside, Packing(_CLASSES)
)
#: Which SLOs there were, in their order, and whether their ledgers were still being read.
_ALL = PieceKind("slos", SloSlice, lambda found: (("", (tuple(e.id for e in found.slo_statuses), found.reading)),))
#: The minute up to which each was evaluated. Every round is another one, and is kept for two days only.
_ROUND = PieceKind(
    "round",
    SloSlice,
    lambda found: (("", {each.id: (each.evaluation.end, each.read_at) for each in found.slo_statuses}),),
    lambda found, at: Weighed(found, found, None),
)
KEPT: Final = (_ONE, _ALL, _ROUND)
STATES: Final = (Overrides, BurnAlerts, MaintenanceWindows)


def fresh(core: Core) -> Mapping[str, Sequence[Row]]:
    """The newest minutes of each SLO: they are written when they can no longer change."""
    from artisan_tui.engine.slo.wing import SloWing

    end = int(core.clock.now().timestamp()) // 60 + 1
    ledgers = core.wing(SloWing).service.ledgers
    return {each.spec.id: each.rows.rows(Span(end - _UNWRITTEN, end)) for each in ledgers}


def past(then: Then) -> Sequence[object]:
    from artisan_tui.engine.slo.wing import SloWing

    live = {each.spec.id: each for each in then.core.wing(SloWing).service.ledgers}
    ids, reading = then.piece(_ALL) or (tuple(live), False)
    if reading:
        return (SloSlice(reading=True),)
    ledgers = [live[name] for name in ids if name in live]
    if not ledgers:
        return (SloSlice(),)
    instant = _instant(then.at)
    since = since_of(ledgers, int(then.at.timestamp() * 1000))
    windows = then.states.get(MaintenanceWindows).history(since, then.at)
    statuses = tuple(_status(then, each, instant, windows) for each in ledgers)
    overrides = then.states.get(Overrides)
    evaluated = overrides.shown_since(datetime.fromtimestamp(instant / 1000, UTC))
    override = overrides.override_at(evaluated)
    verdict = gate(((each.id, each.evaluation.status) for each in statuses), override, evaluated)
    return (SloSlice(statuses, verdict),)


def ahead(then: Then) -> Iterator[None]:
    """The budgets of the moment; and the minutes before it, as far back as moments are kept."""
    from artisan_tui.engine.slo.wing import SloWing

    ledgers = then.core.wing(SloWing).service.ledgers
    instant, minutes = _instant(then.at), 0
    windows = then.states.get(MaintenanceWindows).history(since_of(ledgers, instant), then.at) if ledgers else ()
    for live in ledgers:
        _status(then, live, instant, windows)
        yield
    for live in ledgers:
        wanted = live.wanted(latest_end(instant, 0))
        for days in range(_AHEAD_DAYS, LASTING_KEPT_SECONDS // 86400 + _AHEAD_DAYS, _AHEAD_DAYS):
            minutes += _AHEAD_DAYS * DAY
            if minutes > _MOST_AHEAD:
                return
            _rows(then, live, Span(wanted.start - days * DAY, wanted.end)).read(wanted)
            yield


def _instant(at: datetime) -> int:
    """When the round was that this moment shows, in ms."""
    whole = int((at - _AFTER - _SHOWN).timestamp()) // 60 * 60
    return (whole + int(_AFTER.total_seconds())) * 1000


def _usual_end(at: datetime, interval_ms: int) -> int:
    return latest_end(_instant(at), interval_ms)


def _status(then: Then, live: SloLedger, instant: int, windows: Any) -> SloStatus:
    beside: BesideLedger | None = then.piece(_ONE, live.spec.id)
    ledger = SloLedger(live.spec, live.indicator, live.slo.zone)
    read_at = datetime.fromtimestamp(instant / 1000, UTC)
    if beside is None:
        ledger.held = then.states.get(BurnAlerts).held(live.spec.id, live.slo.plan.pairs)
    else:
        ledger.slo, ledger.held = beside.slo, beside.firing
        instant += beside.ahead * _MINUTE_MS
        read_at = (beside.read_at or read_at) if beside.problem else read_at
    kept = (then.piece(_ROUND) or {}).get(live.spec.id) if _is_recent(then) else None
    if kept is not None:
        end, read_at = kept
        instant = end * _MINUTE_MS + ledger.interval_ms
    ledger.rows = _rows(then, ledger, ledger.wanted(latest_end(instant, 0)))
    partial = beside is not None and beside.partial
    status = ledger.slo_status(instant, windows, stale=partial, course=COURSE if then.course else 0)
    if beside is None:
        return replace(status, read_at=read_at)
    return replace(
        status,
        evidence=beside.evidence,
        problem=beside.problem,
        notes=beside.notes,
        remarks=beside.remarks,
        kept_seconds=beside.kept_seconds,
        since=beside.since,
        progress=beside.progress,
        read_at=read_at,
    )


def _is_recent(then: Then) -> bool:
    return (then.now.at - then.at).total_seconds() < RAW_KEPT_SECONDS


class _Held:
    """Minutes of one ledger that were read: all of ``span``, as of the stamp ``known``."""

    __slots__ = ("known", "rows", "span")

    def __init__(self, rows: MinuteSeries, span: Span, known: int) -> None:
        self.rows, self.span, self.known = rows, span, known


def _rows(then: Then, ledger: SloLedger, wanted: Span) -> MinuteSeries:
    """At least the minutes ``wanted``; those that were read for another moment are not read again."""
    from artisan_tui.store.slo.part import SloStore  # heavy, and there by now

    store, definition = then.store.part(SloStore), ledger.indicator.definition
    held: dict[tuple[str, str], _Held] = then.kept.setdefault("ledgers", {})
    key = (ledger.spec.id, definition)
    found = held.get(key)
    if found is not None:
        stamp, news = store.changes(*key, found.known)
        found.rows.put(then.fresh[__name__].get(ledger.spec.id, ()))
        found.rows.put(news)
        found.known = stamp
    now = int(then.now.at.timestamp()) // 60
    if found is None or wanted.start > found.span.end or wanted.end < found.span.start:
        if sum(len(each.span) for each in held.values()) > _MOST:
            held.clear()
        rows = MinuteSeries(ledger.indicator.grid)
        span = Span(wanted.start - _MARGIN, min(wanted.end + _MARGIN, now))
        span = span if span.end > wanted.start else wanted
        rows.put(then.fresh[__name__].get(ledger.spec.id, ()))
        found = held[key] = _Held(rows, span, store.load(*key, span, rows))
        return found.rows
    if wanted.start < found.span.start:
        more = Span(wanted.start - _MARGIN, found.span.start)
        store.load(*key, more, found.rows)
        found.span = Span(more.start, found.span.end)
    if wanted.end > found.span.end:
        more = Span(found.span.end, max(wanted.end, min(wanted.end + _MARGIN, now)))
        store.load(*key, more, found.rows)
        found.span = Span(found.span.start, more.end)
    return found.rows
