"""Keeps what is shown and does not follow from the rest of the store, in the session that leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.shown import ShownPiece
from artisan_tui.engine.bus import Bus, EventsLost
from artisan_tui.engine.past.kinds import PieceKind
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from artisan_tui.engine.journal_writer import JournalWriter

#: After so long a piece is kept again although it is the same: what is older is deleted.
_AGAIN = timedelta(hours=12)


class Showing:
    """Hands each snapshot to the screen, and keeps of it what the store must know. ``newest`` is the last one."""

    def __init__(self, first: Snapshot, show: Callable[[Snapshot], None]) -> None:
        self.newest, self._show = first, show
        self._keeping: ShownKeeping | None = None

    def keep_in(self, writer: JournalWriter, bus: Bus) -> None:
        self._keeping = keeping = ShownKeeping(lambda: writer.fence, writer.keep)
        bus.on(EventsLost, lambda lost: keeping.forget())

    def take(self, snapshot: Snapshot) -> None:
        self.newest = snapshot
        self._show(snapshot)
        if self._keeping is not None:
            self._keeping.take(snapshot)


class _Known:
    """What was kept last of one piece. ``source`` is the object that it was made from."""

    __slots__ = ("lasting", "lasting_at", "same", "source")

    def __init__(self, source: object, same: object, lasting: object, lasting_at: datetime) -> None:
        self.source, self.same, self.lasting, self.lasting_at = source, same, lasting, lasting_at


class ShownKeeping:
    """``fence`` gives the token of the lease, None while this session does not lead; ``keep`` takes what is to be written."""

    def __init__(self, fence: Callable[[], int | None], keep: Callable[[Sequence[ShownPiece]], None]) -> None:
        self._fence, self._keep = fence, keep
        self._kinds: tuple[PieceKind, ...] | None = None
        self._begun: int | None = None
        self._slices: dict[str, object] = {}
        self._known: dict[str, _Known] = {}
        self._fresh: datetime | None = None

    def forget(self) -> None:
        """The store lost some of it: keep everything again, from the next snapshot on."""
        self._begun = None

    def take(self, snapshot: Snapshot) -> None:
        """Take in what is published. Costs what has changed."""
        fence = self._fence()
        if fence is None:
            return
        if fence != self._begun:
            # What another session showed meanwhile, or what was not written under the old lease, is not known here.
            self._begun, self._slices, self._known, self._fresh = fence, {}, {}, snapshot.at
        if self._kinds is None:
            self._kinds = kept_kinds()
        if self._fresh is None or snapshot.at - self._fresh > _AGAIN / 2:
            self._slices, self._fresh = {}, snapshot.at
        pieces: list[ShownPiece] = []
        for kind in self._kinds:
            value: object = snapshot[kind.slice]
            if self._slices.get(kind.name) is not value:
                self._slices[kind.name] = value
                pieces += self._changed(kind, value, snapshot.at)
        if pieces:
            self._keep(pieces)

    def _changed(self, kind: PieceKind, value: object, at: datetime) -> list[ShownPiece]:
        pieces = []
        for id, source in kind.split(value):
            name = kind.piece_name(id)
            known = self._known.get(name)
            due = known is None or at - known.lasting_at > _AGAIN
            if known is not None and known.source is source and not due:
                continue
            weighed = kind.weigh(source, at)
            if known is not None and not due and known.same == weighed.same:
                known.source = source
                continue
            lasting = due or known is None or known.lasting != weighed.lasting
            since = at if lasting or known is None else known.lasting_at
            self._known[name] = _Known(source, weighed.same, weighed.lasting, since)
            pieces.append(ShownPiece(name, at, kind.packing.pack(weighed.value), lasting))
        return pieces


def kept_kinds() -> tuple[PieceKind, ...]:
    """The kinds of pieces of every wing."""
    return tuple(kind for module in modules("engine", "then") for kind in getattr(module, "KEPT", ()))
