"""What a decision about a command gets to know, and what it comes to. Not needed before the first frame."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.domain.event import Entry, Event
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Present:
    """What a decision knows: the time, who asks, which ids exist by kind, and what the journal says is in force."""

    now: datetime
    actor: str
    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)
    states: Mapping[type, object] = field(default_factory=dict)

    def state(self, kind: type[T]) -> T:
        """The journal's state of that kind, such as `engine.checks.mutes.Mutes`."""
        found = self.states[kind]
        assert isinstance(found, kind)
        return found


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a command: ``entries`` for the journal, and a sentence for the person.

    ``act`` does what only a running session can do, and then decides with what came of it. ``change`` reads and writes
    the store itself, in one transaction, where what is decided depends on what is there: it works without a session,
    too. It runs in the store's thread and returns what came of it, with the events that it ``written`` and the
    ``subject`` that they are about; it raises CommandRefused for what is refused. ``ready`` looks at the outside before
    ``change``, for as long as that takes, and never in the store's thread or the engine's.
    """

    entries: tuple[Entry, ...] = ()
    said: str = ""
    act: Callable[[Core], Awaitable[Decision]] | None = None
    ok: bool = True
    change: Callable[[Store], Decision] | None = None
    ready: Callable[[], None] | None = None
    written: tuple[Event, ...] = ()
    subject: str = ""


#: A decision takes the parameters as their types say: text, seconds, Decimal, ids.
Decide = Callable[[Present, Mapping[str, Any]], Decision]
