"""What a schedule consists of: shifts, and the changes to them that people make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Why(Enum):
    """Why a person is on call."""

    LAYER = "layer"  # the turn of the rotation
    SWAP = "swap"
    OVERRIDE = "override"
    STANDING = "standing"  # named by `[escalation] levels`


@dataclass(frozen=True, slots=True)
class Shift:
    """``person`` is on call in ``[start, end)``, in UTC.

    ``layer`` is the rotation, "" without one. ``turn`` is when the turn of the rotation began: a shift that an override
    cut in two has it twice. ``instead_of`` is who would be on call without the swap or override ``source``.
    """

    person: str
    start: datetime
    end: datetime
    level: str = ""
    layer: str = ""
    why: Why = Why.LAYER
    turn: datetime | None = None
    instead_of: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class OnCallOverride:
    """``person`` is on call for ``level`` in ``[start, end)``, whoever the rotations name. ``taken``: took it over at once."""

    id: str
    level: str
    person: str
    start: datetime
    end: datetime
    reason: str = ""
    actor: str = ""
    made_at: datetime | None = None
    taken: bool = False

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


class SwapState(Enum):
    """What became of a swap that was asked for."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Swap:
    """``taker`` takes the turn of ``giver`` in ``[start, end)`` of ``rotation``, and gives ``[back_start, back_end)`` for it.

    Without ``back_start`` nothing is given in return. It holds from the moment when the taker accepted.
    """

    id: str
    rotation: str
    giver: str
    taker: str
    start: datetime
    end: datetime
    back_start: datetime | None = None
    back_end: datetime | None = None
    reason: str = ""
    state: SwapState = SwapState.ASKED
    asked_at: datetime | None = None
    accepted_at: datetime | None = None

    def substitute(self, person: str, at: datetime) -> str | None:
        """Who serves instead of ``person`` at ``at``; None when the swap says nothing of that."""
        if person == self.giver and self.start <= at < self.end:
            return self.taker
        if self.back_start is None or self.back_end is None:
            return None
        return self.giver if person == self.taker and self.back_start <= at < self.back_end else None

    @property
    def edges(self) -> tuple[datetime, ...]:
        """The moments at which it begins or stops to matter."""
        return tuple(each for each in (self.start, self.end, self.back_start, self.back_end) if each is not None)

    @property
    def begins(self) -> datetime:
        """When the first of the two shifts begins: until then it can be undone."""
        return self.start if self.back_start is None else min(self.start, self.back_start)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is on call for ``level`` in ``[start, end)``. ``unreachable`` would be, but cannot be reached."""

    level: str
    start: datetime
    end: datetime
    unreachable: tuple[str, ...] = ()

    @property
    def hours(self) -> float:
        return (self.end - self.start).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two layers cover ``[start, end)``: ``upper`` counts, ``lower`` is hidden."""

    level: str
    start: datetime
    end: datetime
    upper: str
    lower: str

    @property
    def hours(self) -> float:
        return (self.end - self.start).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Hidden:
    """The override or swap ``id`` does not count in ``[start, end)``, because ``by`` is newer or stronger."""

    id: str
    by: str
    start: datetime
    end: datetime
