"""What was shown at a past moment, put together from the store alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from artisan_tui.engine.bus import EventsLost
from artisan_tui.engine.journal_states import JournalStates
from artisan_tui.engine.past.ahead import read_in_parts
from artisan_tui.engine.past.events import KnownEvents
from artisan_tui.engine.past.kinds import Then, past_wings
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import _
from artisan_tui.wings import modules

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

T = TypeVar("T")


class PastSnapshots:
    """Asked through `PastSnapshot`. What was read for one moment is used again for the next."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._kept: dict[str, Any] = {}
        self._of: object = None
        core.bus.on(EventsLost, lambda lost: self._forget())

    def _forget(self) -> None:
        """What was read may not be in the store any more."""
        self._of = None

    async def at(self, moment: datetime, *, course: bool = True) -> Snapshot:
        """Everything that was shown at this moment, with the courses of the budgets where they are wanted. LookupError while nothing can be read."""
        return await self._in_store(moment, course, build)

    async def read_ahead(self, moment: datetime) -> int:
        """Read in small parts what this moment and others need; how many parts there were. LookupError like `at`."""
        return await read_in_parts(await self._in_store(moment, False, lambda then: then))

    async def _in_store(self, moment: datetime, course: bool, work: Callable[[Then], T]) -> T:
        core, config = self._core, self._core.config
        if config is None:
            raise LookupError(_("still starting: try again in a moment"))
        generation = (core.writer.store_thread.generation, config)
        if self._of != generation:
            self._kept, self._of = {}, generation
        now, kept, at = core.shown, self._kept, moment.astimezone(UTC)
        # What waits to be written belongs to the moment too.
        if (core.clock.now() - at).total_seconds() < _JUST_NOW:
            await core.writer.flush()
        fresh = {wing.__name__: wing.fresh(core) for wing in past_wings() if hasattr(wing, "fresh")}
        found = await core.ask(lambda store: work(begin(store, core, config, at, now, fresh, course, kept)))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found


#: Seconds within which samples may still wait to be written.
_JUST_NOW = 120.0


def begin(
    store: Store,
    core: Core,
    config: Config,
    at: datetime,
    now: Snapshot,
    fresh: Mapping[str, Any],
    course: bool,
    kept: dict[str, Any],
) -> Then:
    """In the store's thread."""
    from artisan_tui.store.journal_bounds import seq_at
    from artisan_tui.store.shown import ShownStore

    with store.reading() as connection:
        seq = seq_at(connection, store.journal.head(connection)[0], at)
    pieces = store.part(ShownStore).at(at)
    states = JournalStates(dict.fromkeys(kind for wing in past_wings() for kind in getattr(wing, "STATES", ())))
    for wing in modules("engine", "wing"):
        if all(kind in states.by_type for kind in wing.WING.STATES):
            wing.WING.configure_states(config, states)
    events = kept.setdefault("events", KnownEvents(states.kinds))
    states.apply(events.upto(store, seq))
    return Then(at, seq, store, config, config.zone, states, now, pieces, {}, core, fresh, course, kept)


def build(then: Then) -> Snapshot:
    """In the store's thread."""
    for wing in past_wings():
        for made in wing.past(then):
            then.made[type(made)] = made
    return Snapshot(then.at, dict(then.made))


@dataclass(frozen=True, slots=True)
class PastSnapshot:
    """The query for what was shown at a moment. Without a ``course`` the budgets have no burn-down and no costliest minutes."""

    moment: datetime
    course: bool = True

    async def run(self, core: Core) -> Snapshot:
        return await core.past.at(self.moment, course=self.course)
