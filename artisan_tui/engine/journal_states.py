"""What the journal's events add up to: one object per kind of state, fed with the events it is made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_kinds import kinds_of

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

T = TypeVar("T")

#: Events of each kind that are read at the start: more than that are not in force at once.
ENOUGH = 500


class JournalState(Protocol):
    """Something that the journal's events add up to, such as the mutes in force. Every session comes to the same."""

    #: The kinds of events it is made from; "alert." stands for all that begin so.
    KINDS: ClassVar[tuple[str, ...]]

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        ...

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether it is another state now.

        The newest events may come again, in the same order, and must lead to the same state again.
        """
        ...


class JournalStates:
    """The states of all wings."""

    def __init__(self, kinds: Iterable[type[JournalState]]) -> None:
        self._states: dict[type, JournalState] = {kind: kind() for kind in kinds}

    def takes(self, kind: str) -> bool:
        """Whether some state is made from events of this kind."""
        return _is_of(kind, self.kinds)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of event that some state is made from."""
        return tuple(dict.fromkeys(kind for state in self._states.values() for kind in state.KINDS))

    @property
    def by_type(self) -> dict[type, object]:
        return dict(self._states)

    def get(self, kind: type[T]) -> T:
        found = self._states[kind]
        assert isinstance(found, kind)
        return found

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        for state in self._states.values():
            state.forget()

    def replace(self, oldest_first: Iterable[Entry]) -> frozenset[type]:
        """Make them anew, of these events alone; all their types, because each may have lost something."""
        self.forget()
        self.apply(oldest_first)
        return frozenset(self._states)

    def apply(self, oldest_first: Iterable[Entry]) -> frozenset[type]:
        """Feed each state with its events; the types of those that changed."""
        entries = list(oldest_first)
        changed = set()
        for kind, state in self._states.items():
            own = [entry for entry in entries if _is_of(entry.kind, state.KINDS)]
            if own and state.apply(own):
                changed.add(kind)
        return frozenset(changed)


def read_in_force(store: Store, wanted: Iterable[str]) -> tuple[Event, ...]:
    """The newest events of each kind that is ``wanted``, together, oldest first. Runs in the store's thread."""
    found = [event for kind in kinds_of(wanted) for event in store.journal.page(ENOUGH, kind=kind)]
    return tuple(sorted(found, key=lambda event: event.seq))


def _is_of(kind: str, wanted: Sequence[str]) -> bool:
    return any(kind == each or (each.endswith(".") and kind.startswith(each)) for each in wanted)
