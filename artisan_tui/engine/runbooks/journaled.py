"""Runs in the store as the runner sees them: whatever it commits is written with the notices that go out with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import RunIntended
from artisan_tui.domain.runbooks.ports import StaleCommit
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.session.events import RunRecordLost
from artisan_tui.engine.bus import Bus, EventsLost

if TYPE_CHECKING:
    from artisan_tui.store.runbooks.part import RunbookStore, RunView
    from artisan_tui.store.store import Store

T = TypeVar("T")
#: Calls a function with the open store, wherever that lives; the flag says that it writes. Raises `RunsUnavailable`
#: while the store cannot be used.
InStore = Callable[[Callable[["Store"], Any], bool], Any]


class RunsUnavailable(Exception):
    """The store cannot be read or written now: nothing is started."""


class RunGone(RunsUnavailable):
    """The store answers, and does not have ``run``: it was lost with the last events of a database, or never was."""

    def __init__(self, run: str) -> None:
        super().__init__(f"there is no run {run[:60]}")
        self.run = run


class JournaledRuns:
    """``with_notices`` adds what is to be told about entries; ``told`` hears every event that was written."""

    def __init__(
        self,
        call: InStore,
        now: Callable[[], datetime],
        with_notices: Callable[[Run | None, Sequence[Entry]], Sequence[Entry]] = lambda run, entries: entries,
        told: Callable[[Sequence[Event]], None] = lambda events: None,
    ) -> None:
        self._call, self._now, self._with_notices, self._told = call, now, with_notices, told
        #: Definitions by their digest: they never change.
        self._definitions: dict[str, Runbook] = {}
        self._intents: dict[tuple[str, int], RunIntended] = {}

    def load(self, run: str) -> Run:
        found = self._call(lambda store: run_store(store).get(run), False)
        if found is None:
            raise RunGone(run)
        return found  # type: ignore[no-any-return]  # the store's answer

    def find(self, run: str) -> Run | None:
        """The run, None where there is none."""
        found: Run | None = self._call(lambda store: run_store(store).get(run), False)
        return found

    def was_lost(self, run: str) -> bool:
        """Whether the journal says that the database lost it."""

        def told(store: Store) -> bool:
            return bool(store.journal.page(1, kind=RunRecordLost.KIND, subject=run))

        return bool(self._call(told, False))

    def act(self, run: Run | None, decide: Callable[[RunView], Sequence[Entry]]) -> None:
        """Decide and write in one transaction. ``run`` is the one that the entries are about, None for a new one.

        Raises what ``decide`` raises, RunRefused and StaleCommit.
        """
        at = self._now()

        def work(store: Store) -> tuple[Event, ...] | RunRefused | StaleCommit:
            try:
                return run_store(store).act(lambda view: self._with_notices(run, decide(view)), at=at)
            except (RunRefused, StaleCommit) as refused:
                return refused  # no trouble of the store's

        written = self._call(work, True)
        if isinstance(written, RunRefused | StaleCommit):
            raise written
        self._wrote(written)

    def definition(self, digest: str) -> Runbook:
        found = self._definitions.get(digest)
        if found is None:
            found = self._call(lambda store: run_store(store).definition(digest), False)
            if found is None:
                raise RunsUnavailable(f"the definition {digest[:12]} is not in the store")
            self._definitions[digest] = found
        return found

    def follow(self, bus: Bus) -> None:
        """Forget what was read whenever the store lost events: what has the number of one may be another now."""
        bus.on(EventsLost, lambda lost: self._forget())

    def _forget(self) -> None:
        self._intents = {}  # another one: a thread may be going through the old one

    def _wrote(self, events: Sequence[Event]) -> None:
        # No event that was read can have these numbers or later ones, unless it was lost before anybody noticed.
        if events:
            self._intents = {key: each for key, each in self._intents.items() if key[1] < events[0].seq}
        self._told(events)

    def intent(self, run: str, seq: int) -> RunIntended:
        found = self._intents.get((run, seq))
        if found is None:
            found = self._call(lambda store: run_store(store).intent(run, seq), False)
            if found is None:
                raise RunsUnavailable(f"the intent {seq} of {run[:60]} is not in the store")
            while len(self._intents) >= 64:
                self._intents.pop(next(iter(self._intents)))
            self._intents[run, seq] = found
        return found

    def commit(self, run: Run, entries: Sequence[Entry]) -> None:
        """Raises StaleCommit."""
        at, everything = self._now(), self._with_notices(run, entries)

        def work(store: Store) -> tuple[Event, ...] | StaleCommit:
            try:
                return run_store(store).commit(run, everything, at=at)
            except StaleCommit as stale:
                return stale  # no trouble of the store's

        written = self._call(work, True)
        if isinstance(written, StaleCommit):
            raise written
        self._wrote(written)


def run_store(store: Store) -> RunbookStore:
    """The part of the store; its module is imported when a store is there."""
    from artisan_tui.store.runbooks.part import RunbookStore

    return store.part(RunbookStore)
