"""Whether a runbook would still work, as it was last found out: a fold of the journal, and what counts of it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.runbooks.events import RunbookVerified

#: For so long it counts that a runbook was verified.
VERIFIED_FOR: Final = timedelta(days=7)
OUTCOMES: Final = ("ok", "failed", "unknown")
#: How it is now, the worst first.
STATES: Final = ("failed", "never", "changed", "stale", "unknown", "ok")
#: Who asked for it: a person, the night, or the start of a run.
BY_PERSON, NIGHTLY, BEFORE_RUN = "person", "night", "run"


@dataclass(frozen=True, slots=True)
class Verification:
    """One result. ``definition`` is the digest of what was verified, ``outcome`` one of `OUTCOMES`, ``why`` a sentence."""

    runbook: str
    target: str
    definition: str
    outcome: str
    at: datetime
    by: str = BY_PERSON
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """How it is now: ``state`` is one of `STATES`. ``at`` is when it was last looked at, None for never."""

    state: str = "never"
    at: datetime | None = None
    why: str = ""

    @property
    def verified_at(self) -> datetime | None:
        """When this definition was last found to work; None where that is not known."""
        return self.at if self.state in ("ok", "stale") else None


def verified_now(last: Verification | None, digest: str, now: datetime) -> Verified:
    """What ``last`` says of the definition ``digest`` now."""
    if last is None:
        return Verified()
    if last.definition != digest:
        return Verified("changed", last.at, "the runbook changed since it was verified")
    if last.outcome == "ok" and now - last.at > VERIFIED_FOR:
        return Verified("stale", last.at)
    return Verified(last.outcome if last.outcome in OUTCOMES else "unknown", last.at, last.why)


class Verifications:
    """The newest result of each runbook at each of its places."""

    KINDS: ClassVar[tuple[str, ...]] = (RunbookVerified.KIND,)

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], Verification] = {}
        self._night: datetime | None = None

    def of(self, runbook: str, places: Iterable[str], digest: str, now: datetime) -> Verified:
        """How it is at these places: where it is worst."""
        found = [verified_now(self._newest.get((runbook, each)), digest, now) for each in places]
        return min(found, key=lambda each: STATES.index(each.state), default=Verified())

    @property
    def last_night(self) -> datetime | None:
        """When the newest nightly result was found, None for never."""
        return self._night

    def forget(self) -> None:
        self._newest.clear()
        self._night = None

    def apply(self, entries: Iterable[Entry]) -> bool:
        changed = False
        for entry in entries:
            try:
                body = RunbookVerified.read(entry)
            except BodyError:
                continue
            at, key = entry.occurred_at, (entry.subject, body.target)
            made = Verification(*key, body.definition, body.outcome, at, body.by, body.why)
            if body.by == NIGHTLY and (self._night is None or at > self._night):
                self._night = at
            known = self._newest.get(key)
            if known is None or made.at >= known.at:
                changed |= made != known
                self._newest[key] = made
        return changed
