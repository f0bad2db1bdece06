"""Bad minutes -> episodes: what a person calls one outage, with all of its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.objective import Objective

#: Good minutes, at most, between two bad ones of the same episode.
GAP = 5


@dataclass(frozen=True, slots=True)
class Episode:
    """The minutes [start, end), in which ``bad`` of ``total`` events were bad."""

    start: int
    end: int
    bad: int
    total: int


def episodes(rows: Iterable[Row], objective: Objective) -> tuple[Episode, ...]:
    """The episodes in ``rows``, which are in order. A minute is bad when it burns faster than the budget lasts.

    Minutes with few bad events among many good ones are no episode: a service with one error an hour would
    have one that never ends.
    """
    found: list[Episode] = []
    between: list[Row] = []
    for row in rows:
        minute, bad, total = row[:3]
        is_bad = bad > 0 and bad * objective.den > total * objective.num
        if found and minute - found[-1].end > GAP:
            between = []
        if not is_bad:
            between.append(row)
            continue
        if found and minute - found[-1].end <= GAP:
            last = found.pop()
            joined = [each for each in between if each[0] >= last.end]
            bad += last.bad + sum(max(each[1], 0) for each in joined)
            total += last.total + sum(each[2] for each in joined)
            found.append(Episode(last.start, minute + 1, bad, total))
        else:
            found.append(Episode(minute, minute + 1, bad, total))
        between = []
    return tuple(found)
