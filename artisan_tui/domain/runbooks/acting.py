"""What every act of a person on a run shares: who acts and when, refusals, and the version that was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.refusal import Refusal
from artisan_tui.domain.runbooks.run import Run

Entries = tuple[Entry, ...]


class RunRefused(Refusal):
    """The act is not carried out. The message is a sentence for the person."""


class RunUnconfirmed(RunRefused):
    """``wanted`` has to be typed first."""

    def __init__(self, said: str, wanted: str) -> None:
        super().__init__(said)
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class RunActor:
    """Who acts, and when. ``session`` is the session that would carry a run out."""

    name: str
    now: datetime
    session: str = ""

    def entry(self, body: Body, run: str) -> Entry:
        return body.entry(self.now, self.name, run)


def check_seen(run: Run, seen: int | None) -> None:
    """Raise RunRefused when the run changed after the version that was seen; None: no version was seen."""
    if seen is not None and seen != run.version:
        raise RunRefused(f"{run.id} changed meanwhile: look at it again")


def check_reason(reason: str, what: str) -> str:
    """The reason, which has to be given. Raises RunRefused."""
    if not reason.strip():
        raise RunRefused(f"{what} needs a reason")
    if len(reason) > 2000:
        raise RunRefused("the reason is longer than 2000 characters")
    return reason.strip()


def check_idle(run: Run) -> None:
    """Raise RunRefused while an act runs or is unknown."""
    if run.unknown is not None:
        raise RunRefused(f"nobody knows how {run.unknown.step} ended: settle that first")
    if run.current is not None:
        raise RunRefused(f"{run.current.step} is running: wait for it, or abort")


def check_typed(run: Run, typed: str, wanted: str) -> None:
    """Raise RunUnconfirmed unless exactly ``wanted`` was typed."""
    if typed != wanted:
        raise RunUnconfirmed(f"type {wanted} to confirm", wanted)


def typed_name(run: Run) -> str:
    """What has to be typed: the target, else the environment, else the runbook."""
    return run.target or run.environment or run.runbook
