"""What the engine gives to a wing, and what it expects of one.

A wing lives in `engine/<wing>/wing.py` as a subclass of `Wing` named by ``WING``. It subscribes to the bus when it is
made, publishes its slice by itself, and is started and stopped through the methods of `Wing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from artisan_tui.domain.event import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.config.models import Config
    from artisan_tui.domain.lease import SessionRole
    from artisan_tui.engine.bus import Bus
    from artisan_tui.engine.clock import Clock
    from artisan_tui.engine.command import Command
    from artisan_tui.engine.journal_states import JournalState, JournalStates
    from artisan_tui.engine.journal_writer import JournalWriter
    from artisan_tui.engine.launch import Options
    from artisan_tui.engine.reply import Reply
    from artisan_tui.engine.snapshot import SessionStatus, Snapshot
    from artisan_tui.sources.probe_context import ProbeContext
    from artisan_tui.store.opening import Opening
    from artisan_tui.store.store import Store

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class PastMoments(Protocol):
    """What was shown: `engine.past.snapshots.PastSnapshots`."""

    async def at(self, moment: datetime, *, course: bool = True) -> Snapshot: ...

    async def read_ahead(self, moment: datetime) -> int: ...


class Core(Protocol):
    """The services that wings share."""

    @property
    def clock(self) -> Clock: ...

    @property
    def bus(self) -> Bus: ...

    @property
    def options(self) -> Options: ...

    @property
    def writer(self) -> JournalWriter: ...

    @property
    def role(self) -> SessionRole: ...

    @property
    def config(self) -> Config | None: ...

    @property
    def session_status(self) -> SessionStatus: ...

    def update_session(self, **changes: object) -> None: ...

    def tell(self, *entries: Entry) -> None:
        """Write down what a person or this session did. Journal states change at once."""
        ...

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        """Write down what probing led to, under the lease, with the statuses of the checks that ``changed``."""
        ...

    @property
    def journal_read(self) -> asyncio.Event:
        """Set when everything that the journal says is in force has been read."""
        ...

    async def ask(self, query: Callable[[Store], T]) -> T | None:
        """Read from the store, in its thread; None while it cannot be read."""
        ...

    def publish(self, value: object) -> None:
        """Show ``value`` as the slice of its type."""
        ...

    def offer(self, kind: type[T], make: Callable[[], T]) -> None:
        """Make the slice ``kind`` by ``make``, whenever it was `changed` and a snapshot is due."""
        ...

    def changed(self, kind: type, *, within: float = ...) -> None:
        """The slice ``kind`` is to be made again, ``within`` so many seconds: little when it is news, more when nobody waits."""
        ...

    @property
    def states(self) -> JournalStates: ...

    def state(self, kind: type[T]) -> T:
        """The one journal state of that kind."""
        ...

    def wing(self, kind: type[T]) -> T:
        """The one wing of that kind."""
        ...

    @property
    def past(self) -> PastMoments:
        """What was shown at past moments."""
        ...

    @property
    def shown(self) -> Snapshot:
        """What was published last."""
        ...

    async def pass_on(self, check_ids: Sequence[str]) -> bool:
        """Ask the leader to probe these checks now; whether it could be asked."""
        ...

    async def reload_config(self) -> Reply: ...

    async def execute(self, command_id: str, arguments: Mapping[str, str], actor: str = "") -> Reply:
        """Carry out one declared command for ``actor``, "" for the person at this session. Never raises."""
        ...

    def aside(self, work: Awaitable[None]) -> None:
        """Run ``work`` beside everything else, until it ends or the engine does."""
        ...


class Query(Protocol[T_co]):
    """A question to the running engine, asked through `EngineHost.ask`."""

    async def run(self, core: Core) -> T_co: ...


class Wing:
    """One capability of the running engine. Every method may be left as it is."""

    #: The journal states that belong to this wing, made once.
    STATES: ClassVar[tuple[type[JournalState], ...]] = ()

    def __init__(self, core: Core) -> None:
        self.core = core

    @classmethod
    def configure_states(cls, config: Config, states: JournalStates) -> None:
        """Give the journal states of this wing what the configuration adds to them."""

    @classmethod
    def known_ids(cls, config: Config, states: JournalStates, now: datetime) -> Mapping[str, Sequence[str]]:
        """The ids that exist at ``now``, by kind, for the parameters of commands."""
        return {}

    def ids(self) -> Mapping[str, Sequence[str]]:
        """The ids that exist now, by kind; more than `known_ids` where only a running session knows them."""
        config = self.core.config
        return {} if config is None else self.known_ids(config, self.core.states, self.core.clock.now())

    def bars(self, command: Command, actor: str) -> str:
        """Why ``actor`` may not use a command at present, as a sentence; "" where nothing bars it."""
        return ""

    def restore(self, opening: Opening | None) -> None:
        """Show what was known last, read before the store was open; None: forget it, it was another store's."""

    async def enter(self) -> None:
        """The engine begins; the configuration has been read."""

    async def store_opened(self) -> None:
        """The store can be read for the first time."""

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.Event().wait()

    def configure(self, config: Config) -> None:
        """Take on a new configuration. Nothing is running."""

    def prepare(self, config: Config, context: ProbeContext, *, following: bool) -> None:
        """Say what will be read, before ``context`` begins to gather. No I/O. ``following``: another session reads."""

    def begin(self) -> None:
        """Start working on what was prepared."""

    async def rest(self) -> None:
        """Stop working. What is shown stays."""

    async def leave(self) -> None:
        """The engine ends: hand over what is to be written. Connections are closed later, by `rest` and `aclose`."""

    async def aclose(self) -> None:
        """Everything is written, and the engine ends."""
