"""What a snapshot says about maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WindowView:
    """A window as the screen lists it. ``declared`` from the screen, and can be ended there."""

    id: str
    covers: tuple[str, ...]
    reason: str
    start: datetime
    end: datetime
    active: bool
    declared: bool = False


@dataclass(frozen=True, slots=True)
class MaintenanceSlice:
    """The windows under way and the next ones, soonest first."""

    windows: tuple[WindowView, ...] = ()
