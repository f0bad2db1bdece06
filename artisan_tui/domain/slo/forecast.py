"""When the budget will be gone, if what happens now goes on: a range, because nobody knows.

All times are minutes after the end of the window that was judged; None is "never".
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
    """What a recent window (1 h, 6 h) counted, and what the equally long one counted that leaves next.

    ``leaving`` are the first minutes of a rolling window; a calendar month has none.
    """

    now: Counts
    leaving: Counts | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The budget is gone between ``earliest`` and ``latest``."""

    earliest: Fraction | None
    latest: Fraction | None


def rolling(remaining: Fraction, now: Fraction, leaving: Fraction, window: int) -> Fraction | None:
    """Minutes until a rolling window of ``window`` minutes is exhausted at burn ``now``.

    d(remaining)/dt = -(now - leaving)/W (`anchors/slo.md` §2.4): what enters, less what leaves at the other
    end. That holds while old minutes leave; after a whole window only the present burn is left in
    it, so above burn 1 it is exhausted by then whatever leaves first, and at or below 1 not at all.
    """
    if remaining <= 0:
        return Fraction(0)
    after = remaining * window / (now - leaving) if now > leaving else None
    if now > 1:
        return Fraction(window) if after is None else min(after, Fraction(window))
    return after if after is not None and after <= window else None


def calendar(remaining: Fraction, now: Fraction, window: int, elapsed: int | None = None) -> Fraction | None:
    """Minutes until a calendar window of ``window`` minutes is exhausted at burn ``now``.

    remaining·W/burn, when ``remaining`` is the share of the whole window's budget. The ledger knows only
    what came so far, and a status compares against that: with ``elapsed`` minutes behind it, more
    traffic brings more budget, and what is left is gone after remaining·elapsed/(burn - 1). None when
    the window is over before.
    """
    if remaining <= 0:
        return Fraction(0)
    if elapsed is None:
        return remaining * window / now if now > 0 else None
    after = remaining * elapsed / (now - 1) if now > 1 else None
    return after if after is not None and after <= window - elapsed else None


def forecast(budget: Budget, slo_window: SloWindow, recent_burns: Iterable[RecentBurn]) -> Forecast | None:
    """The range over ``recent_burns``; None where the budget or all the recent_burns rest on too little to say."""
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
    """Minutes until the budget is gone at ``recent``; None is "never", and where nothing is known of the budget."""
    now, remaining = burn(budget.objective, recent.now) or Fraction(0), budget.remaining
    if remaining is None:
        return None
    if slo_window.calendar:
        return calendar(remaining, now, slo_window.whole, len(slo_window.span))
    return rolling(remaining, now, leaving_burn(budget, recent), slo_window.whole)


def leaving_burn(budget: Budget, recent: RecentBurn) -> Fraction:
    """The burn of what leaves next; 0 where too little leaves to tell: then nothing is hoped for."""
    if recent.leaving is None or not budget.minimums.enough_for_burn(recent.leaving):
        return Fraction(0)
    return burn(budget.objective, recent.leaving) or Fraction(0)
