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


class EventsLost(Body):
    """The journal lacks events that sessions had read: a standby without them was promoted, or a backup put back.

    One that a session corrects, because it knew more of them, supersedes the one before.
    """

    KIND = "store.lost-events"
    #: The numbers of the lost events that are known; others have them by now.
    first: int
    last: int
    count: int
    #: The hash of the last of them.
    last_hash: str
    #: The hash of the event before the first.
    before_hash: str
    #: When the first and the last of them happened.
    began: str
    ended: str
    #: 1: the event before ``first`` is still there. 0: it is lost too, and perhaps others.
    whole: int
    #: The file that has them, and on which machine; "" where they could not be saved.
    saved: str = ""
    host: str = ""


class RunRecordLost(Body):
    """What a session carried out is not in the journal any more: it was lost with the last events of a database.

    The subject is the run. Nothing of it starts any more; what was under way at ``step`` goes on by itself, and says so
    in ``folder`` on ``host``.
    """

    KIND = "store.lost-run"
    runbook: str
    step: str = ""
    folder: str = ""
    host: str = ""


class NoticeAcknowledged(Body):
    KIND = "notice.acknowledged"
    notice: str
    #: The lost runs that were told with it.
    runs: tuple[str, ...] = ()


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
