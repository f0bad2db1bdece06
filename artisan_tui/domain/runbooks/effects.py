"""What the runner is to do next. Values only: `runner.Runner` carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks.run import InFlight


@dataclass(frozen=True, slots=True)
class Commit:
    """Write these entries, all or none."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Resolve:
    """Find out what an act of a step would be now, and ask `planning.planned` what follows."""

    step: str
    part: str


@dataclass(frozen=True, slots=True)
class Spawn:
    """Start the attempt, whose intent is committed."""

    attempt: InFlight


@dataclass(frozen=True, slots=True)
class Seal:
    """Make sure that an attempt of another session is never started."""

    attempt: InFlight


@dataclass(frozen=True, slots=True)
class Stop:
    """End the attempt; ``kill`` without waiting for it."""

    attempt: InFlight
    kill: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before ``until`` or a change. ``why`` is process, child, person, settle or other (session).

    ``child`` is the run that is waited for.
    """

    why: str
    until: datetime | None = None
    child: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to do."""


Effect = Commit | Resolve | Spawn | Seal | Stop | Wait | Finish
