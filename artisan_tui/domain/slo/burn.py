"""Burn rates, and the alerts on them: multi-window, multi-burn-rate (SRE Workbook ch. 5, recommendation 6).

A pair fires when the share of bad events exceeds f·B in its long *and* in its short window (a twelfth of
it), both strictly. f is the burn that spends a given part of the budget within the long window:
f = part·period/long, with the workbook's 2 % in 1 h, 5 % in 6 h (page), 10 % in 1 d and 10 % in 3 d (ticket).

Those parts are made for about 30 days. On 7 days they give 3.36/1.4/0.7/0.23: pages for a trifle, and
tickets below burn 1, at which a budget lasts for ever. So no factor is smaller than the 7-day ones that
Sloth ships (13.44/3.5/1.4, which spend 8/12.5/20 %) and no ticket is below 1 (Sloth's own last is 0.98). From
28 days on the workbook's numbers are the larger ones, but for the last pair: 1 at 28 and 30 days.
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
    """Fires above burn ``factor`` in both windows (minutes); ``inclusive``: already at it."""

    severity: Severity
    long: int
    short: int
    factor: Fraction
    inclusive: bool = False

    def exceeded(self, objective: Objective, counts: Counts) -> bool:
        """bad/total > f·B, in integers."""
        bad = counts.bad * objective.den * self.factor.denominator
        allowed = counts.total * objective.num * self.factor.numerator
        return bad >= allowed if self.inclusive else bad > allowed

    def bad_share(self, objective: Objective) -> Fraction:
        """f·B, the share of bad events that it waits for."""
        return self.factor * objective.allowed

    def fires_after(self, objective: Objective, share: Fraction) -> Fraction | None:
        """Minutes until it fires when ``share`` of an even traffic turns bad after a clean time: f·B·long/share."""
        needed = self.bad_share(objective)
        if share < needed or (share == needed and not self.inclusive):
            return None
        return needed * self.long / share


@dataclass(frozen=True, slots=True)
class Plan:
    """The pairs to watch, and those left out with a sentence that says why."""

    pairs: tuple[Pair, ...]
    refused: tuple[tuple[Pair, str], ...]


#: (severity, long window, part of the budget spent in it, least factor). Short windows are a twelfth.
_LADDER = (
    (Severity.PAGE, 60, Fraction(2, 100), Fraction(1344, 100)),
    (Severity.PAGE, 360, Fraction(5, 100), Fraction(35, 10)),
    (Severity.TICKET, 1440, Fraction(10, 100), Fraction(14, 10)),
    (Severity.TICKET, 4320, Fraction(10, 100), Fraction(1)),
)
#: The share of bad events that is a total failure for all anybody can tell.
_OUTAGE = Fraction(80, 100)
#: Scrapes or slices that a short window must hold.
_LEAST_SAMPLES = 4


def burn(objective: Objective, counts: Counts) -> Fraction | None:
    """How many times faster than allowed, (bad/total)/B; None without events."""
    if counts.total <= 0:
        return None
    return Fraction(max(counts.bad, 0) * objective.den, counts.total * objective.num)


def plan(objective: Objective, period: int, resolution: float) -> Plan:
    """The alerts of an SLO over ``period`` minutes, seen once every ``resolution`` seconds (scrape or slice).

    Where a total failure would take the quickest page longer than the shortest window, another page
    looks at that window alone and comes when 80 % of it are bad: at 95 % over 7 days 13.44·B is
    67 %, which a failure reaches in an hour's window after 40 minutes (`anchors/slo.md` §2.2).
    """
    kept, refused = [], []
    for severity, long, part, least in _LADDER:
        pair = Pair(severity, long, long // 12, max(part * period / long, least))
        reason = _useless(pair, objective, period, resolution)
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


def _useless(pair: Pair, objective: Objective, period: int, resolution: float) -> str | None:
    """Why the pair is not worth watching, None when it is."""
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
    """The pairs that fire, given the counts of each window (by its minutes).

    A window that is missing, None (no answer or a partial one), hardly covered or almost without events is
    unknown: it makes nothing fire and nothing stop, so a pair stays as in ``firing_before``, those that fired
    before. What decides is what is known: one window clearly below its threshold ends the alert,
    whatever the other would say.
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
