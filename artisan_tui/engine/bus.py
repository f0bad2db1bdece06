"""What happens inside the engine, told to whoever subscribed. One typed event per kind of happening."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import Holder, Lease, SessionRole
from artisan_tui.domain.session.loss import Loss

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class RoleTaken:
    """This session's role changed."""

    role: SessionRole


@dataclass(frozen=True, slots=True)
class StoreMoved:
    """The store holds ``events`` events now, the last with the hash ``head``, and its lease is ``lease``."""

    events: int
    lease: Lease
    head: str


@dataclass(frozen=True, slots=True)
class ProbesRequested:
    """A follower asks the leader to probe these checks now."""

    check_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class CommandRequested:
    """Somebody at the command line asks the leader to carry out a command; ``actor`` asked."""

    command_id: str
    actor: str


@dataclass(frozen=True, slots=True)
class LeaderVanished:
    """This session took the lease of a leader that ended without releasing it."""

    holder: Holder


@dataclass(frozen=True, slots=True)
class EventsWritten:
    """This session committed ``events``, oldest first."""

    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class EventsCame:
    """This session learned of ``events``, oldest first, whoever wrote them; ``more`` came before them and were not read."""

    events: Sequence[Event]
    more: bool = False


@dataclass(frozen=True, slots=True)
class EventsLost:
    """The store has lost events that this session had read; what the journal says now has been read anew already."""

    loss: Loss


@dataclass(frozen=True, slots=True)
class StoreTroubled:
    """Nothing can be written, and why; "" when it can again."""

    problem: str


@dataclass(frozen=True, slots=True)
class QueryFailed:
    """A query failed by itself: a defect of ours, while the store is well."""

    said: str


@dataclass(frozen=True, slots=True)
class StoreReplaced:
    """A new store was created in place of a lost one."""

    notice: str


@dataclass(frozen=True, slots=True)
class StoreRemarked:
    """What to know about a store that several sessions share, which works all the same; "" when there is nothing."""

    said: str


@dataclass(frozen=True, slots=True)
class StatesChanged:
    """The journal changed these states, such as `Mutes`."""

    kinds: frozenset[type]


@dataclass(frozen=True, slots=True)
class Ticked:
    """Two seconds passed: ``missed`` by the monotonic clock, ``passed`` by the wall clock, both in seconds."""

    missed: float
    passed: float


@dataclass(frozen=True, slots=True)
class AlertFires:
    """An alert of any source began to fire, or fires again after it was resolved. Told where this session does not follow.

    ``also`` are its fingerprints in other sources.
    """

    fingerprint: str
    name: str
    also: tuple[str, ...] = ()
    summary: str = ""
    #: It is ours: made of a check or an error budget.
    own: bool = False


class Bus:
    """Handlers run in the order in which they subscribed, on the engine's loop."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any], Awaitable[None] | None]]] = {}

    def on(self, kind: type[E], handler: Callable[[E], Awaitable[None] | None]) -> None:
        """Call ``handler`` with every event of ``kind``. Only events that are told with `tell` may have coroutines."""
        self._handlers.setdefault(kind, []).append(handler)

    def say(self, event: object) -> None:
        """Tell an event whose handlers are plain functions."""
        for handler in self._handlers.get(type(event), ()):
            result = handler(event)
            assert result is None, f"a handler of {type(event).__name__} must be a plain function"

    async def tell(self, event: object) -> None:
        """Tell an event, one handler after the other."""
        for handler in self._handlers.get(type(event), ()):
            result = handler(event)
            if inspect.isawaitable(result):
                await result
