"""How evenly the hours of a schedule are shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from artisan_tui.domain.oncall.shift import Shift


def hours_by_person(shifts: Iterable[Shift], people: Iterable[str] = ()) -> dict[str, float]:
    """Hours on call by person; ``people`` are those who take turns, whether they have any or none."""
    seconds = dict.fromkeys(people, 0.0)
    for shift in shifts:
        # In UTC: the difference of two wall times of one zone ignores a change of the clock.
        lasted = shift.end.timestamp() - shift.start.timestamp()
        seconds[shift.person] = seconds.get(shift.person, 0.0) + lasted
    return {person: value / 3600 for person, value in seconds.items()}


def balance(hours: Mapping[str, float]) -> float:
    """From 0 to 1: the mean, over all pairs of people, of the smaller share by the greater; 1 with fewer than two people."""
    pairs = list(combinations(hours.values(), 2))
    if not pairs:
        return 1.0
    return sum(min(pair) / max(pair) if max(pair) else 1.0 for pair in pairs) / len(pairs)


def deviations(hours: Mapping[str, float]) -> dict[str, float]:
    """How much more than the mean each person has: 0.2 for a fifth more."""
    mean = sum(hours.values()) / len(hours) if hours else 0.0
    return {person: value / mean - 1 if mean else 0.0 for person, value in hours.items()}
