"""The forecast: when the budget is exhausted if the recent burn rates continue. It is a range over several burn rates.

All times are minutes after the end of the evaluated window. None is "never".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from artisan_tui.domain.slo.budget import Budget
from artisan_tui.domain.slo.burn import burn
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.windows import SloWindow


@dataclass(frozen=True, slots=True)
class RecentBurn:
    """The counts of a recent window (1 h, 6 h), and of the equally long part that leaves the SLO window next.

    ``leaving`` is the oldest part of a rolling window, None for a calendar month.
    """

    now: Counts
    leaving: Counts | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The budget is exhausted between ``earliest`` and ``latest``."""

    earliest: Fraction | None
    latest: Fraction | None


def rolling(remaining: Fraction, now: Fraction, leaving: Fraction, window: int) -> Fraction | None:
    """Minutes until a rolling window of ``window`` minutes is exhausted at burn ``now``.

    d(remaining)/dt = -(now - leaving)/W (`anchors/slo.md` §2.4), where ``leaving`` is the burn rate of the
    part that leaves the window. After one whole window, only the current burn rate is in it. So above
    burn rate 1 the budget is exhausted within one window, and at or below 1 it is not exhausted later.
    """
    if remaining <= 0:
        return Fraction(0)
    after = remaining * window / (now - leaving) if now > leaving else None
    if now > 1:
        return Fraction(window) if after is None else min(after, Fraction(window))
    return after if after is not None and after <= window else None


def calendar(remaining: Fraction, now: Fraction, window: int, elapsed: int | None = None) -> Fraction | None:
    """Minutes until a calendar window of ``window`` minutes is exhausted at burn ``now``: remaining·W/burn.

    ``remaining`` is a share of the budget of the whole window. None when the window ends before, of which ``elapsed``
    minutes are over.
    """
    if remaining <= 0:
        return Fraction(0)
    after = remaining * window / now if now > 0 else None
    return after if after is not None and (elapsed is None or after <= window - elapsed) else None


def forecast(budget: Budget, slo_window: SloWindow, recent_burns: Iterable[RecentBurn]) -> Forecast | None:
    """The range over ``recent_burns``. None when the budget is unknown or all recent burns have too little data."""
    remaining = budget.remaining
    if remaining is None or budget.unknown_reason is not None:
        return None
    times = [
        after(budget, slo_window, recent) for recent in recent_burns if budget.minimums.enough_for_burn(recent.now)
    ]
    if remaining <= 0:
        return Forecast(Fraction(0), Fraction(0))
    if not times:
        return None
    known = [time for time in times if time is not None]
    return Forecast(min(known, default=None), None if len(known) < len(times) else max(known))


def after(budget: Budget, slo_window: SloWindow, recent: RecentBurn) -> Fraction | None:
    """Minutes until the budget is exhausted at the burn rate ``recent``. None: never, or the budget is unknown."""
    now, remaining = burn(budget.objective, recent.now) or Fraction(0), budget.remaining
    if remaining is None:
        return None
    if slo_window.calendar:
        return calendar(remaining, now, slo_window.whole, len(slo_window.span))
    return rolling(remaining, now, leaving_burn(budget, recent), slo_window.whole)


def leaving_burn(budget: Budget, recent: RecentBurn) -> Fraction:
    """The burn rate of the part that leaves next. 0 with too little data, which gives the earlier forecast."""
    if recent.leaving is None or not budget.minimums.enough_for_burn(recent.leaving):
        return Fraction(0)
    return burn(budget.objective, recent.leaving) or Fraction(0)
