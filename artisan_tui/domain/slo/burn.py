"""Burn rates and multi-window, multi-burn-rate alerts (SRE Workbook ch. 5, recommendation 6).

A pair of windows fires when the share of bad events is greater than f·B in the long window *and* in the
short window, which is a twelfth of the long one. The factor f is the burn rate that uses a given part of
the budget within the long window: f = part·period/long. The workbook's parts are 2 % in 1 h and 5 % in
6 h (page), 10 % in 1 d and 10 % in 3 d (ticket).

Those parts suit SLO windows of about 30 days. For 7 days they give the factors 3.36/1.4/0.7/0.23. The
first would page for small errors. The last are below burn rate 1, at which the budget is never exhausted.
So the factors have minimums: those that Sloth uses for 7 days (13.44/3.5/1.4, which use 8/12.5/20 % of
the budget), and 1 for the last ticket (Sloth uses 0.98). From 28 days on, the workbook's factors are
larger than the minimums, except the last one, which is 1 at 28 and at 30 days.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.minimums import USUAL, Minimums
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.domain.span import span_text


class Severity(StrEnum):
    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Pair:
    """An alert on two windows (minutes). It fires above burn rate ``factor`` in both, or at it when ``inclusive``."""

    severity: Severity
    long: int
    short: int
    factor: Fraction
    inclusive: bool = False

    def exceeded(self, objective: Objective, counts: Counts) -> bool:
        """Whether bad/total > f·B (>= when inclusive), compared as integers."""
        bad = counts.bad * objective.den * self.factor.denominator
        allowed = counts.total * objective.num * self.factor.numerator
        return bad >= allowed if self.inclusive else bad > allowed

    def bad_share(self, objective: Objective) -> Fraction:
        """f·B, the share of bad events at which it fires."""
        return self.factor * objective.allowed

    def fires_after(self, objective: Objective, share: Fraction) -> Fraction | None:
        """Minutes until it fires when ``share`` of constant traffic becomes bad: f·B·long/share. None: it never fires."""
        needed = self.bad_share(objective)
        if share < needed or (share == needed and not self.inclusive):
            return None
        return needed * self.long / share


@dataclass(frozen=True, slots=True)
class Plan:
    """The alerts of an SLO, and the ones left out with the reason."""

    pairs: tuple[Pair, ...]
    refused: tuple[tuple[Pair, str], ...]


#: (severity, long window in minutes, part of the budget used in it, minimum factor).
_LADDER = (
    (Severity.PAGE, 60, Fraction(2, 100), Fraction(1344, 100)),
    (Severity.PAGE, 360, Fraction(5, 100), Fraction(35, 10)),
    (Severity.TICKET, 1440, Fraction(10, 100), Fraction(14, 10)),
    (Severity.TICKET, 4320, Fraction(10, 100), Fraction(1)),
)
#: The share of bad events that counts as a total failure.
_OUTAGE = Fraction(80, 100)
#: The minimum number of scrapes or slices in a short window.
_LEAST_SAMPLES = 4


def burn(objective: Objective, counts: Counts) -> Fraction | None:
    """The burn rate (bad/total)/B. At 1 the budget lasts exactly the SLO window. None without events."""
    if counts.total <= 0:
        return None
    return Fraction(max(counts.bad, 0) * objective.den, counts.total * objective.num)


def plan(objective: Objective, period: int, resolution: float) -> Plan:
    """The alerts of an SLO over ``period`` minutes, measured every ``resolution`` seconds (scrape or slice).

    Low objectives get one more page, on the shortest window alone, which fires at 80 % bad. It is added
    when the fastest page would need longer than that window for a total failure. Example: at 95 % over
    7 days, 13.44·B is 67 %, which a total failure reaches in the 1 h window after 40 minutes
    (`anchors/slo.md` §2.2).
    """
    kept, refused = [], []
    for severity, long, part, least in _LADDER:
        pair = Pair(severity, long, long // 12, max(part * period / long, least))
        reason = _left_out(pair, objective, period, resolution)
        if reason is None:
            kept.append(pair)
        else:
            refused.append((pair, reason))
    pages = [after for p in kept if p.severity is Severity.PAGE and (after := p.fires_after(objective, Fraction(1)))]
    shortest = next((w for w in BURN_WINDOWS.values() if _samples(w, resolution) >= _LEAST_SAMPLES), None)
    if shortest is not None and min(pages, default=period) > shortest:
        outage = Pair(Severity.PAGE, shortest, shortest, _OUTAGE / objective.allowed, inclusive=True)
        if outage.factor > 1:
            kept.insert(0, outage)
        else:
            refused.insert(0, (outage, f"the objective {objective} already allows {_percent(_OUTAGE)} bad"))
    return Plan(tuple(kept), tuple(refused))


def _left_out(pair: Pair, objective: Objective, period: int, resolution: float) -> str | None:
    """Why the pair is left out, None when it is used."""
    if pair.bad_share(objective) >= 1:
        return (
            f"it can never fire: burn rate {float(pair.factor):.4g} at {objective} means more than "
            f"{_percent(pair.bad_share(objective))} bad; use a stricter objective or a longer window"
        )
    if pair.factor * pair.long >= period:
        return (
            f"it would fire only after the error budget of {span_text(period * 60)} is exhausted: burn rate "
            f"{float(pair.factor):.4g} for {span_text(pair.long * 60)} uses all of it"
        )
    if _samples(pair.short, resolution) < _LEAST_SAMPLES:
        return (
            f"its short window of {span_text(pair.short * 60)} holds {_samples(pair.short, resolution)} samples at one "
            f"every {span_text(resolution)}, and needs {_LEAST_SAMPLES}: scrape more often or use shorter slices"
        )
    return None


def _samples(window: int, resolution: float) -> int:
    return int(window * 60 // resolution)


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.4g}%"


def firing(
    objective: Objective,
    pairs: Collection[Pair],
    windows: Mapping[int, Counts | None],
    firing_before: Collection[Pair] = (),
    minimums: Minimums = USUAL,
) -> tuple[Pair, ...]:
    """The pairs that fire. ``windows`` are the counts by window length (minutes).

    A window is unknown when it is missing, None, or has fewer events or less coverage than ``minimums``. A pair
    with an unknown window does not start to fire. It continues to fire when it is in ``firing_before``
    and its other window does not fall below the threshold.
    """
    out = []
    for pair in pairs:
        sides = [_exceeds(pair, objective, windows.get(length), minimums) for length in (pair.long, pair.short)]
        long = windows.get(pair.long)
        if long is not None and sides[0] and long.bad < minimums.burn_bad:
            sides[0] = False
        if all(sides) or (False not in sides and pair in firing_before):
            out.append(pair)
    return tuple(out)


def _exceeds(pair: Pair, objective: Objective, counts: Counts | None, minimums: Minimums) -> bool | None:
    if counts is None or not minimums.enough_for_burn(counts):
        return None
    return pair.exceeded(objective, counts)
