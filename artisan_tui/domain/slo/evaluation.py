"""One SLO at one moment: everything that is said about it anywhere, worked out once from its ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.budget import Budget, BudgetStatus, UnknownReason
from artisan_tui.domain.slo.burn import Pair, Plan, Severity, burn, firing
from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.forecast import Forecast, RecentBurn, forecast
from artisan_tui.domain.slo.minimums import USUAL, Minimums
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.slo.windows import BURN_WINDOWS, SloWindow, Span, burn_spans, latest_end, slo_window_at
from artisan_tui.domain.span import span_text

#: Recent windows whose burns are taken for what comes next.
_RECENT = {"1h": 60, "6h": 360}
#: Minutes named as the costliest.
COSTLIEST = 20


@dataclass(frozen=True, slots=True)
class Slo:
    """What an SLO says. ``window`` is "30d" or "month" (in ``zone``); ``unit`` is what is counted."""

    id: str
    name: str
    objective: Objective
    window: str
    zone: ZoneInfo
    plan: Plan
    minimums: Minimums = USUAL
    unit: str = "events"


@dataclass(frozen=True, slots=True)
class SloEvaluation:
    """``end`` is the minute (since the epoch) up to which it was judged.

    ``burned`` and ``excluded`` are the own window's counts, without and under maintenance. ``windows`` are the
    counts of each burn window by name, those of the SLO's own alerts too ("90m" is "1h30m"). ``recent_burns`` are
    what the forecast rests on, by the name of the recent window. ``points`` is the budget's course: (minute, remaining) from the window's
    start on, None where nothing was known yet. ``costliest`` are ledger rows, worst first.
    """

    slo: Slo
    end: int
    slo_window: SloWindow
    burned: Counts
    excluded: Counts
    partial: bool
    windows: Mapping[str, Counts]
    firing: tuple[Pair, ...]
    forecast: Forecast | None
    costliest: tuple[Row, ...] = ()
    points: tuple[tuple[int, Fraction | None], ...] = ()
    recent_burns: Mapping[str, RecentBurn] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        return Budget(self.slo.objective, self.burned, self.slo.minimums, self.partial)

    @property
    def status(self) -> BudgetStatus:
        return self.budget.status

    @property
    def unknown_reason(self) -> UnknownReason | None:
        return self.budget.unknown_reason

    @property
    def severity(self) -> Severity | None:
        """The gravest of what fires."""
        found = {pair.severity for pair in self.firing}
        return next((severity for severity in Severity if severity in found), None)

    def burn(self, window: str) -> Fraction | None:
        """The burn rate of one of `BURN_WINDOWS`, None without enough to tell."""
        counts = self.windows[window]
        return burn(self.slo.objective, counts) if self.slo.minimums.enough_for_burn(counts) else None


def evaluate_slo(
    slo: Slo,
    ledger: MinuteSeries,
    now_ms: int,
    interval_ms: int,
    *,
    excluded: Collection[Span] = (),
    firing_before: Collection[Pair] = (),
    partial: bool = False,
    course: int = 0,
) -> SloEvaluation:
    """Evaluator ``ledger`` at ``now_ms``.

    ``excluded`` are minutes under maintenance, ``firing_before`` the pairs that fired before, ``partial`` says that
    the newest answers were incomplete. ``course`` is the number of points of the budget's course.
    """
    end = latest_end(now_ms, interval_ms)
    slo_window = slo_window_at(slo.window, end, slo.zone)
    whole = ledger.read(slo_window.span, excluded)

    def counts(span: Span) -> Counts:
        return ledger.read(span, excluded).burned

    spans = burn_spans(end)
    windows = {name: counts(span) for name, span in spans.items()}
    known = {BURN_WINDOWS[name]: each for name, each in windows.items()}
    for pair in slo.plan.pairs:
        for length in (pair.long, pair.short):
            if length not in known:
                known[length] = windows[span_text(length * 60)] = counts(Span(end - length, end))
    budget = Budget(slo.objective, whole.burned, slo.minimums, partial)
    recent_burns = {
        name: RecentBurn(counts(Span(end - length, end)), _leaving(slo_window, length, ledger, excluded))
        for name, length in _RECENT.items()
        if length < slo_window.whole
    }
    return SloEvaluation(
        slo,
        end,
        slo_window,
        whole.burned,
        whole.excluded,
        partial,
        windows,
        firing(slo.objective, slo.plan.pairs, known, firing_before, slo.minimums),
        forecast(budget, slo_window, recent_burns.values()),
        tuple(ledger.costliest(slo_window.span, COSTLIEST, excluded)) if course else (),
        _course(slo, ledger, slo_window, excluded, course) if course else (),
        recent_burns,
    )


def _leaving(slo_window: SloWindow, length: int, ledger: MinuteSeries, excluded: Collection[Span]) -> Counts | None:
    if slo_window.calendar:
        return None
    return ledger.read(Span(slo_window.span.start, slo_window.span.start + length), excluded).burned


def _course(
    slo: Slo, ledger: MinuteSeries, slo_window: SloWindow, excluded: Collection[Span], points: int
) -> tuple[tuple[int, Fraction | None], ...]:
    """How much of the whole window's budget was left after each of ``points`` equal parts of it.

    Against the budget that the window's events allow *so far as it is known now*, so the course ends at what
    remains, and every event is drawn where it happened.
    """
    total = ledger.read(slo_window.span, excluded).burned.total
    allowance = total * slo.objective.allowed
    out: list[tuple[int, Fraction | None]] = []
    for index in range(1, points + 1):
        minute = slo_window.span.start + slo_window.whole * index // points
        if minute > slo_window.span.end:
            break
        so_far = ledger.read(Span(slo_window.span.start, minute), excluded).burned
        out.append((minute, 1 - max(so_far.bad, 0) / allowance if allowance and so_far.measured else None))
    return tuple(out)
