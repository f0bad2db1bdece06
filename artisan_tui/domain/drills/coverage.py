"""Which runbook was practised when: only a live play of the present definition of a scenario counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

#: What has no rule of its own is practised every month.
MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class PlayedDrill:
    """A drill that was played to its end. ``digest`` is that of the definition that was played.

    ``runbooks`` are those that were run in it: one that the scenario is about, and nobody ran, was not practised.
    """

    scenario: str
    digest: str
    day: date | None
    live: bool = True
    runbooks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DrillDue:
    """``last`` is the day of the last play that counts, ``due`` the day by which the next is; None: now."""

    last: date | None
    due: date | None

    def overdue(self, today: date) -> bool:
        """Whether it is to be practised now."""
        return self.due is None or self.due <= today


def practised(plays: Iterable[PlayedDrill], definitions: dict[str, str], days: int = MONTH) -> DrillDue:
    """When something is due that any of these scenarios practises. ``definitions`` are their present digests by id."""
    days_played = [
        each.day for each in plays if each.live and each.day and definitions.get(each.scenario) == each.digest
    ]
    last = max(days_played, default=None)
    return DrillDue(last, None if last is None else last + timedelta(days=max(1, days)))
