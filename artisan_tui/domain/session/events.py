"""What a session writes into the journal about itself, the store and the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from artisan_tui.domain.journal_body import Body


class SessionStarted(Body):
    KIND = "session.start"
    ROUTINE = True
    #: Digest of the configuration.
    config: str = ""


class SessionStopped(Body):
    KIND = "session.stop"
    ROUTINE = True


class SessionStoodStill(Body):
    """The process did not run for so long: it was suspended, or the machine was."""

    KIND = "session.stood-still"
    seconds: float


class LeadershipTaken(Body):
    KIND = "watch.taken"
    ROUTINE = True
    KEYS: ClassVar[Mapping[str, str]] = {"before": "from"}
    #: Who held the lease before, and vanished.
    before: str


class ClockJumped(Body):
    KIND = "clock.jumped"
    #: Forward, or backward when negative.
    seconds: float


class StoreReplaced(Body):
    """The first entry of a journal that was begun anew."""

    KIND = "store.replaced"
    #: "tampered", "damaged", "exchanged" or "deleted".
    why: str
    detail: str = ""
    #: Where the old store is now; ``why`` when it is nowhere.
    was: str = ""
    #: Of the last event that the session knew in the old journal.
    last_seq: int | None
    last_hash: str | None


class NoticeAcknowledged(Body):
    KIND = "notice.acknowledged"
    notice: str


class NoteWritten(Body):
    KIND = "note"
    text: str


class ConfigLoaded(Body):
    """The subject is the file's name."""

    KIND = "config.loaded"
    ROUTINE = True
    digest: str = ""
    checks: int = 0


class ConfigRefused(Body):
    """The subject is the file's name."""

    KIND = "config.refused"
    problems: tuple[str, ...] = ()
