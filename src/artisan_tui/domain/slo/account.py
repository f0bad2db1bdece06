"""One SLO at one moment: everything that is said about it anywhere, worked out once from its ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.budget import Budget, Doubt, Status
from artisan_tui.domain.slo.burn import Pair, Plan, Severity, burn, firing
from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.forecast import Forecast, Pace, forecast
from artisan_tui.domain.slo.ledger import Prefix
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.slo.terms import USUAL, Terms
from artisan_tui.domain.slo.windows import BURN_WINDOWS, Own, Span, burn_spans, latest_end, own_window
from artisan_tui.domain.span import span_text

#: Recent windows whose burns are taken for what comes next.
_PACES = {"1h": 60, "6h": 360}
#: Minutes named as the costliest.
COSTLIEST = 20


@dataclass(frozen=True, slots=True)
class Promise:
    """What an SLO says. ``window`` is "30d" or "month" (in ``zone``); ``unit`` is what is counted."""

    id: str
    name: str
    objective: Objective
    window: str
    zone: ZoneInfo
    plan: Plan
    terms: Terms = USUAL
    unit: str = "events"


@dataclass(frozen=True, slots=True)
class Account:
    """``end`` is the minute (since the epoch) up to which it was judged.

    ``burned`` and ``excluded`` are the own window's counts, without and under maintenance. ``windows`` are the
    counts of each burn window by name, those of the SLO's own alerts too ("90m" is "1h30m"). ``paces`` are
    what the forecast rests on, by the name of the recent window. ``points`` is the budget's course: (minute, remaining) from the window's
    start on, None where nothing was known yet. ``costliest`` are ledger rows, worst first.
    """

    promise: Promise
    end: int
    own: Own
    burned: Counts
    excluded: Counts
    partial: bool
    windows: Mapping[str, Counts]
    firing: tuple[Pair, ...]
    forecast: Forecast | None
    costliest: tuple[Row, ...] = ()
    points: tuple[tuple[int, Fraction | None], ...] = ()
    paces: Mapping[str, Pace] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        return Budget(self.promise.objective, self.burned, self.promise.terms, self.partial)

    @property
    def status(self) -> Status:
        return self.budget.status

    @property
    def doubt(self) -> Doubt | None:
        return self.budget.doubt

    @property
    def severity(self) -> Severity | None:
        """The gravest of what fires."""
        found = {pair.severity for pair in self.firing}
        return next((severity for severity in Severity if severity in found), None)

    def burn(self, window: str) -> Fraction | None:
        """The burn rate of one of `BURN_WINDOWS`, None without enough to tell."""
        counts = self.windows[window]
        return burn(self.promise.objective, counts) if self.promise.terms.tells_burn(counts) else None


def account(
    promise: Promise,
    ledger: Prefix,
    now_ms: int,
    interval_ms: int,
    *,
    excluded: Collection[Span] = (),
    held: Collection[Pair] = (),
    partial: bool = False,
    course: int = 0,
) -> Account:
    """Judge ``ledger`` at ``now_ms``.

    ``excluded`` are minutes under maintenance, ``held`` the pairs that fired before, ``partial`` says that
    the newest answers were incomplete. ``course`` is the number of points of the budget's course.
    """
    end = latest_end(now_ms, interval_ms)
    own = own_window(promise.window, end, promise.zone)
    whole = ledger.read(own.span, excluded)

    def counts(span: Span) -> Counts:
        return ledger.read(span, excluded).burned

    spans = burn_spans(end)
    windows = {name: counts(span) for name, span in spans.items()}
    known = {BURN_WINDOWS[name]: each for name, each in windows.items()}
    for pair in promise.plan.pairs:
        for length in (pair.long, pair.short):
            if length not in known:
                known[length] = windows[span_text(length * 60)] = counts(Span(end - length, end))
    budget = Budget(promise.objective, whole.burned, promise.terms, partial)
    paces = {
        name: Pace(counts(Span(end - length, end)), _leaving(own, length, ledger, excluded))
        for name, length in _PACES.items()
        if length < own.whole
    }
    return Account(
        promise,
        end,
        own,
        whole.burned,
        whole.excluded,
        partial,
        windows,
        firing(promise.objective, promise.plan.pairs, known, held, promise.terms),
        forecast(budget, own, paces.values()),
        tuple(ledger.costliest(own.span, COSTLIEST, excluded)) if course else (),
        _course(promise, ledger, own, excluded, course) if course else (),
        paces,
    )


def _leaving(own: Own, length: int, ledger: Prefix, excluded: Collection[Span]) -> Counts | None:
    if own.calendar:
        return None
    return ledger.read(Span(own.span.start, own.span.start + length), excluded).burned


def _course(
    promise: Promise, ledger: Prefix, own: Own, excluded: Collection[Span], points: int
) -> tuple[tuple[int, Fraction | None], ...]:
    """How much of the whole window's budget was left after each of ``points`` equal parts of it.

    Against the budget that the window's events allow *so far as it is known now*, so the course ends at what
    remains, and every event is drawn where it happened.
    """
    total = ledger.read(own.span, excluded).burned.total
    allowance = total * promise.objective.allowed
    out: list[tuple[int, Fraction | None]] = []
    for index in range(1, points + 1):
        minute = own.span.start + own.whole * index // points
        if minute > own.span.end:
            break
        so_far = ledger.read(Span(own.span.start, minute), excluded).burned
        out.append((minute, 1 - max(so_far.bad, 0) / allowance if allowance and so_far.measured else None))
    return tuple(out)
