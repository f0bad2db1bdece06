"""The evaluation of one SLO at one time, computed once from its ledger for the screen and all reports."""

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

#: The windows (minutes) whose burn rates the forecast extrapolates.
_RECENT = {"1h": 60, "6h": 360}
#: The number of costliest minutes that are listed.
COSTLIEST = 20


@dataclass(frozen=True, slots=True)
class Slo:
    """The definition of an SLO. ``window`` is "30d" or "month" (in ``zone``), ``unit`` is the counted unit."""

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
    """The evaluation of ``slo`` up to the minute ``end``.

    - ``burned`` are the counts of the SLO window without maintenance, ``excluded`` those under maintenance.
    - ``windows`` are the counts by the name of a burn window, with those of configured alerts ("1h30m").
    - ``since`` is the minute from which a new SLO counts, None when it has the whole window.
    - ``recent_burns`` are the inputs of the forecast, by the name of the recent window.
    - ``points`` is the burn-down: (minute, remaining share), None where nothing is measured.
    - ``costliest`` are ledger rows, worst first.
    - ``unmatched``: a selector behind the counts can match nothing.
    - ``expected`` is the total that a calendar window will have at its end, None for a rolling window.
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
    expected: int | None = None
    unmatched: bool = False
    since: int | None = None

    @property
    def budget(self) -> Budget:
        return Budget(self.slo.objective, self.burned, self.slo.minimums, self.partial, self.expected, self.unmatched)

    @property
    def status(self) -> BudgetStatus:
        return self.budget.status

    @property
    def unknown_reason(self) -> UnknownReason | None:
        return self.budget.unknown_reason

    @property
    def severity(self) -> Severity | None:
        """The highest severity of the firing alerts, None without one."""
        found = {pair.severity for pair in self.firing}
        return next((severity for severity in Severity if severity in found), None)

    def burn(self, window: str) -> Fraction | None:
        """The burn rate over one of `BURN_WINDOWS`, None with too little data."""
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
    unmatched: bool = False,
    course: int = 0,
    grows: bool = False,
) -> SloEvaluation:
    """Evaluate ``slo`` on ``ledger`` at ``now_ms``. ``interval_ms`` is the scrape interval.

    ``excluded`` are the minutes under maintenance. ``firing_before`` are the pairs that fired in the last
    evaluation. ``partial`` means that the newest answers were incomplete. ``course`` is the number of
    points of the burn-down; 0 leaves out the burn-down and the costliest minutes. ``unmatched``: a
    selector behind the counts can match nothing. ``grows``: nobody can know the time before the first measured minute, so the SLO
    counts from there on.
    """
    end = latest_end(now_ms, interval_ms)
    slo_window = slo_window_at(slo.window, end, slo.zone)
    first = ledger.first if grows else None
    since = first if first is not None and slo_window.span.start < first < end else None
    whole = ledger.read(slo_window.span if since is None else Span(since, end), excluded)

    def counts(span: Span) -> Counts:
        return ledger.read(span, excluded).burned

    spans = burn_spans(end)
    windows = {name: counts(span) for name, span in spans.items()}
    known = {BURN_WINDOWS[name]: each for name, each in windows.items()}
    for pair in slo.plan.pairs:
        for length in (pair.long, pair.short):
            if length not in known:
                known[length] = windows[span_text(length * 60)] = counts(Span(end - length, end))
    expected = _expected(slo_window, whole.burned, ledger, excluded) if slo_window.calendar else None
    budget = Budget(slo.objective, whole.burned, slo.minimums, partial, expected, unmatched)
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
        # A forecast of a window that is not full yet would be about another budget.
        forecast(budget, slo_window, recent_burns.values()) if since is None else None,
        tuple(ledger.costliest(slo_window.span, COSTLIEST, excluded)) if course else (),
        _course(budget.allowance, ledger, slo_window, excluded, course) if course else (),
        recent_burns,
        expected,
        unmatched,
        since,
    )


def _expected(slo_window: SloWindow, so_far: Counts, ledger: MinuteSeries, excluded: Collection[Span]) -> int:
    """The total of a calendar window at its end: what was counted, and for the rest as much as in the past.

    The past is as long as the window, so that each day of the week and each night counts as often as it will.
    """
    end = slo_window.span.end
    past = ledger.read(Span(end - slo_window.whole, end), excluded).burned
    rest = ledger.grid.expected(Span(end, slo_window.span.start + slo_window.whole))
    return so_far.total + (past.total * rest // past.measured if past.measured > 0 else 0)


def _leaving(slo_window: SloWindow, length: int, ledger: MinuteSeries, excluded: Collection[Span]) -> Counts | None:
    if slo_window.calendar:
        return None
    return ledger.read(Span(slo_window.span.start, slo_window.span.start + length), excluded).burned


def _course(
    allowance: Fraction, ledger: MinuteSeries, slo_window: SloWindow, excluded: Collection[Span], points: int
) -> tuple[tuple[int, Fraction | None], ...]:
    """The burn-down: the remaining share of the budget after each of ``points`` equal parts of the window.

    The ``allowance`` is that of the status now. So the last point equals the remaining budget, and the
    line falls at the time of each bad event.
    """
    out: list[tuple[int, Fraction | None]] = []
    for index in range(1, points + 1):
        minute = slo_window.span.start + slo_window.whole * index // points
        if minute > slo_window.span.end:
            break
        so_far = ledger.read(Span(slo_window.span.start, minute), excluded).burned
        out.append((minute, 1 - max(so_far.bad, 0) / allowance if allowance and so_far.measured else None))
    return tuple(out)
