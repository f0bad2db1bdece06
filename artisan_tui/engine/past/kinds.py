"""What a wing declares for the time machine, in `engine/<wing>/then.py`.

- ``KEPT``: pieces of its slice that do not follow from anything else in the store, `PieceKind` each;
- ``STATES``: the journal states that its slice of a past moment is made from;
- ``fresh(core)``: what the running session has and will write down later, taken on the engine's loop; a `Then` has it
  as ``fresh``, by the name of the wing's module;
- ``past(then)``: the slices of a past moment, made from a `Then`;
- ``ahead(then)``: where ``past`` reads much, the same in parts of some 20 ms each, and what other moments need: it yields
  after each part, and is carried out while the program is at rest (`ahead.py`). Without it ``past`` itself is a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from artisan_tui.engine.past.packing import Packing, UnreadablePiece
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.shown import ShownPiece
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

T = TypeVar("T")

#: Pieces that are remembered as they were read.
_MOST_READ = 5000


class Weighed(NamedTuple):
    """``value`` is what is kept. It is kept again when ``same`` is another one, and for long when ``lasting`` is."""

    value: object
    same: object
    lasting: object


def whole(value: object, at: datetime) -> Weighed:
    """A value of which every change is kept for long."""
    return Weighed(value, value, value)


@dataclass(frozen=True)
class PieceKind:
    """Pieces called ``name``, or ``name:id`` for each of several.

    ``split`` gives (id, what is shown) for a slice, with "" for a single piece. An object that is the same as before is
    not weighed again.
    """

    name: str
    slice: type
    split: Callable[[Any], Iterable[tuple[str, object]]]
    weigh: Callable[[Any, datetime], Weighed] = whole
    packing: Packing = field(default_factory=Packing)

    def piece_name(self, id: str) -> str:
        return f"{self.name}:{id}" if id else self.name


@dataclass(frozen=True)
class Then:
    """A past moment, as the store knows it. ``seq`` is the last event that was written then, 0 for none.

    ``states`` are what the journal added up to. ``now`` is what is shown now: names that the configuration gives.
    ``made`` are the slices of the wings before, by type. Used in the store's thread.
    """

    at: datetime
    seq: int
    store: Store
    config: Config
    zone: tzinfo
    states: JournalStates
    now: Snapshot
    pieces: Mapping[str, ShownPiece]
    made: dict[type, object]
    #: The running engine: what it holds of a wing without changing it, such as how an SLO is measured.
    core: Core
    fresh: Mapping[str, Any]
    #: Whether the courses of the budgets are wanted, which cost more than all else and are on one screen only.
    course: bool
    #: What a wing read for another moment and may use again.
    kept: dict[str, Any]

    def piece(self, kind: PieceKind, id: str = "") -> Any | None:
        """What was shown then; None where nothing was kept, or this version cannot read it."""
        found = self.pieces.get(kind.piece_name(id))
        if found is None:
            return None
        # The same piece is shown at many moments.
        read: dict[tuple[str, datetime], Any] = self.kept.setdefault("pieces", {})
        key = (found.name, found.at)
        if key not in read:
            if len(read) > _MOST_READ:
                read.clear()
            try:
                read[key] = kind.packing.read(found.body)
            except UnreadablePiece:
                read[key] = None
        return read[key]

    def piece_at(self, kind: PieceKind, id: str = "") -> datetime | None:
        """Since when it was shown."""
        found = self.pieces.get(kind.piece_name(id))
        return None if found is None else found.at

    def slice(self, kind: type[T]) -> T:
        """A slice that a wing before has made."""
        found = self.made.get(kind)
        assert found is None or isinstance(found, kind)
        return kind() if found is None else found


#: Makes the slices of a past moment.
PastSlices = Callable[[Then], Sequence[object]]


@cache
def past_wings() -> tuple[ModuleType, ...]:
    """`engine.<wing>.then` of every wing that has it."""
    return tuple(modules("engine", "then"))
