"""What a snapshot says about who is on call."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class LevelNow(NamedTuple):
    """Who has a level now. ``people`` are names for people, empty when it is uncovered.

    ``until`` is when somebody else has it, or nobody: then ``following`` is empty. None when nothing changes within
    weeks. ``why`` is "layer", "swap", "override" or "standing" of the first of them.
    """

    level: str
    people: tuple[str, ...] = ()
    until: datetime | None = None
    following: tuple[str, ...] = ()
    why: str = ""


class GapView(NamedTuple):
    """Nobody who can be reached is on call for ``level``; ``unreachable`` are named and have no contact."""

    level: str
    start: datetime
    end: datetime
    unreachable: tuple[str, ...] = ()


class SwapView(NamedTuple):
    """A swap that waits for ``taker``. ``back_start`` is when the shift begins that is given in return."""

    id: str
    giver: str
    taker: str
    start: datetime
    end: datetime
    back_start: datetime | None = None


class OnCallSlice(NamedTuple):
    """``levels`` are those of the ladder, the first first. ``gaps`` are those of the first level in the next seven days.

    ``declared``: there is a rotation, or a level names somebody; without it nobody is meant to be paged.
    """

    levels: tuple[LevelNow, ...] = ()
    gaps: tuple[GapView, ...] = ()
    pending: tuple[SwapView, ...] = ()
    declared: bool = False

    @property
    def open_hours(self) -> float:
        """Hours without anybody in the next seven days."""
        return sum((each.end - each.start).total_seconds() for each in self.gaps) / 3600


class PersonView(NamedTuple):
    """Somebody of the configuration. ``name`` is what people are called, ``contacts`` are (kind, address); all printable."""

    id: str
    name: str
    role: str = ""
    contacts: tuple[tuple[str, str], ...] = ()


class PeopleSlice(NamedTuple):
    """Everybody of the configuration and how they are reached, in its order. It changes with the configuration only."""

    people: tuple[PersonView, ...] = ()
