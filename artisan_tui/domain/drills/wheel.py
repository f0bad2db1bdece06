"""The wheel of misfortune: which scenario is due most, by its age and by incidents that were like it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from artisan_tui.domain.drills.scenario import Scenario

#: A scenario is at most so many periods overdue.
MOST_PERIODS: Final = 3.0
#: What an incident adds on its day, and the days after which half of it is left.
SEVERITIES: Final[Mapping[str, float]] = {"Sev1": 8.0, "Sev2": 4.0, "Sev3": 2.0, "Sev4": 1.0}
HALF_LIFE: Final = 30.0
_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class DrillPlayed:
    """A play that is over. Only a ``live`` one of the present definition counts as drilled."""

    scenario: str
    digest: str
    at: datetime
    live: bool


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident. ``about`` are its runbook, services and labels, in small letters."""

    severity: str
    at: datetime
    about: frozenset[str]


@dataclass(frozen=True, slots=True)
class WheelWeight:
    """How much of the wheel a scenario has. ``age`` is in days, None if it was never drilled as it is now.

    ``incidents`` is what incidents like it add. ``share`` is the probability, 0 to 1.
    """

    scenario: str
    age: float | None
    incidents: float
    weight: float
    share: float = 0.0


def drilled_at(scenario: Scenario, played: Iterable[DrillPlayed]) -> datetime | None:
    """The newest live play of the present definition."""
    digest = scenario.digest
    counted = (each.at for each in played if each.live and each.scenario == scenario.id and each.digest == digest)
    return max(counted, default=None)


def weights(
    scenarios: Sequence[Scenario], played: Sequence[DrillPlayed], incidents: Sequence[PastIncident], now: datetime
) -> list[WheelWeight]:
    """The weights in the order of ``scenarios``: min(age/due, 3)·(1 + Σ severity·½^(days/30))."""
    made = [_weight(each, drilled_at(each, played), incidents, now) for each in scenarios]
    whole = sum(each.weight for each in made)
    # All drilled just now: each is as good as any other.
    return [
        WheelWeight(
            each.scenario, each.age, each.incidents, each.weight, each.weight / whole if whole else 1 / len(made)
        )
        for each in made
    ]


def _weight(scenario: Scenario, at: datetime | None, incidents: Sequence[PastIncident], now: datetime) -> WheelWeight:
    age = None if at is None else max(0.0, (now - at).total_seconds() / _DAY)
    periods = MOST_PERIODS if age is None else min(age * _DAY / scenario.due, MOST_PERIODS)
    like = {word.lower() for word in (*scenario.about, *scenario.runbooks)}
    added = 0.0
    for each in incidents:
        if like & each.about and each.at <= now:
            days = (now - each.at).total_seconds() / _DAY
            added += SEVERITIES.get(each.severity, 0.0) * 0.5 ** (days / HALF_LIFE)
    return WheelWeight(scenario.id, age, added, periods * (1.0 + added))


def draw(weights_of: Sequence[WheelWeight], seed: int) -> str:
    """The id of the scenario that the seed draws. The order of the list does not matter."""
    place = int.from_bytes(hashlib.sha256(f"wheel/{seed}".encode()).digest()[:8], "big") / 2**64
    listed = sorted(weights_of, key=lambda each: each.scenario)
    for each in listed:
        place -= each.share
        if place < 0.0:
            return each.scenario
    return listed[-1].scenario
