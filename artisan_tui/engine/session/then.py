"""Where this was, how the session that led did, and the journal, at a past moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from artisan_tui.engine.past.kinds import PieceKind, Then
from artisan_tui.engine.past.packing import Packing
from artisan_tui.engine.snapshot import JOURNAL, JournalSlice, SessionStatus

#: What is this session's own, whatever moment it shows: how it draws, whose it is, what it may.
_OWN = (
    *("zone", "language", "read_only", "actor", "demo", "theme", "glyphs", "mouse", "keys", "config_path", "leader"),
    "store_problem",
)
_UNSAID = SessionStatus()


def _of_all(status: SessionStatus) -> SessionStatus:
    return status._replace(**{name: getattr(_UNSAID, name) for name in _OWN})


_SESSION = PieceKind("session", SessionStatus, lambda found: (("", _of_all(found)),), packing=Packing((SessionStatus,)))
KEPT: Final = (_SESSION,)


def past(then: Then) -> Sequence[object]:
    now = then.now[SessionStatus]
    kept = then.piece(_SESSION) or _UNSAID._replace(name=now.name, environment=now.environment, loaded_at=now.loaded_at)
    status = kept._replace(**{name: getattr(now, name) for name in _OWN})
    # What cannot be written is of now, and no screen of the past says it.
    status = status._replace(store_problem="", leader="")
    return (status, JournalSlice(then.store.journal.page(JOURNAL, before=then.seq + 1)))
