"""Runs in a running session: those that it started or adopted are carried out, all are shown, runbooks are suggested.

What a session carries out ends with it: the act that runs goes on in its own process, and no next one starts until
somebody adopts the run.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Event
from artisan_tui.domain.runbooks.children import ancestors
from artisan_tui.domain.runbooks.follow_ups import RunbookOfRun
from artisan_tui.domain.runbooks.suggestions import Suggestions
from artisan_tui.domain.runbooks.verifications import Verifications
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.bus import (
    EventsCame,
    EventsLost,
    RoleTaken,
    StatesChanged,
    StoreReplaced,
    Ticked,
)
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.runbooks.keeping import FolderKeeping
from artisan_tui.engine.runbooks.lost_run import LostRuns, lost_run
from artisan_tui.engine.runbooks.nightly import Nightly
from artisan_tui.engine.runbooks.owner import owner_gone
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.slice import ActiveRun, RunSlice, SuggestedRun, waits_of
from artisan_tui.engine.runbooks.suggesting import CAUSES, suggestion_entries
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.run import Run
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.engine.runbooks.driving import Drive
    from artisan_tui.store.store import Store

#: Seconds until something that went wrong is tried again.
_AGAIN = 2.0
#: Seconds that turns under way are waited for at the end.
_PATIENCE = 5.0


class RunsWing(Wing):
    STATES: ClassVar = (RunRules, Suggestions, Verifications, RunbookOfRun, LostRuns)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._wake = asyncio.Event()
        self._stale = True
        self._closing = False
        self._active: tuple[Run, ...] = ()
        self._shown: tuple[ActiveRun, ...] = ()
        self._runbooks: Mapping[str, Runbook] = {}
        self._digests: Mapping[str, str] = {}
        self._problem = ""
        self._driver: Drive | None = None
        self._drives: dict[str, asyncio.Task[None]] = {}
        self._changed: dict[str, asyncio.Event] = {}
        self._trouble: dict[str, str] = {}
        #: What is carried out here, as it was seen last.
        self._latest: dict[str, Run] = {}
        self._pending: list[Event] = []
        #: (runbook, kind, cause) of what was found and is not in force yet.
        self._found: set[tuple[str, str, object]] = set()
        core.bus.on(EventsCame, self._events_came)
        core.bus.on(Ticked, lambda tick: self._wake.set())
        core.bus.on(StatesChanged, self._states_changed)
        core.bus.on(StoreReplaced, lambda replaced: self._look_at_all())
        core.bus.on(EventsLost, lambda lost: self._look_at_all())
        core.bus.on(RoleTaken, lambda taken: self._found.clear())
        self._nightly, self._verified = Nightly(core), 0
        self.keeping = FolderKeeping(core)

    @classmethod
    def configure_states(cls, config: Config, states: JournalStates) -> None:
        states.get(RunRules).configure(config)

    def configure(self, config: Config) -> None:
        rules, options = self._rules, self.core.options
        rules.configure(config, options.overlay)
        rules.state, rules.environ = options.place.state_dir, options.environ
        self._look_again()

    async def store_opened(self) -> None:
        self._look_again()

    @property
    def _rules(self) -> RunRules:
        return self.core.state(RunRules)

    def _events_came(self, came: EventsCame) -> None:
        about = [event for event in came.events if event.kind.startswith("run.")]
        about_runs = {each for event in about for each in (event.subject, *ancestors(event.subject))}
        for run, changed in self._changed.items():
            if came.more or run in about_runs:  # a run waits for those below it
                changed.set()
        self._pending += [event for event in came.events if event.kind.startswith(CAUSES)]
        if self._pending:
            self._wake.set()
        if about or came.more:
            self._look_again()

    def _states_changed(self, changed: StatesChanged) -> None:
        self._verified += Verifications in changed.kinds
        if changed.kinds & {Suggestions, Verifications, LostRuns}:
            self._found.clear()
            self._look_again()

    def _look_again(self) -> None:
        self._stale = True
        self._wake.set()

    def _look_at_all(self) -> None:
        """Also at runs that wait for a person: they may be lost."""
        for changed in self._changed.values():
            changed.set()
        self._look_again()

    # -- showing and suggesting ---------------------------------------------

    async def run(self) -> None:
        """Show what is new, suggest what something speaks for, and carry out what is this session's."""
        try:
            await self._look()
        finally:
            self._closing = True  # the engine ends: no next turn, however long the other wings take

    async def _look(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._read_runbooks()
            self._suggest()
            if self._stale:
                self._stale = False
                found = await self.core.ask(_active)
                if found is None:
                    self._stale = True  # the store cannot be read now: the next tick comes back to it
                    continue
                self._active = found
                self._latest |= {each.id: each for each in found if each.owner == self._rules.session}
                self._show()
                self._begin_drives()
            elif any(not each.mine and each.orphaned != owner_gone(each.run.owner) for each in self._shown):
                self._show()  # an owner ended without a word

    async def _read_runbooks(self) -> None:
        """What is on disk now; a file that cannot be read leaves what was known, and is said."""
        from artisan_tui.engine.settings import ConfigError

        if self.core.config is None:
            return
        before = (self._runbooks, self._problem)
        try:
            found = await asyncio.to_thread(lambda: ((each := self._rules.library).runbooks, each.digests))
            (self._runbooks, self._digests), self._problem = found, ""
        except ConfigError as error:
            self._problem = printable(str(error.problems[0]), 500)
        self._stale |= (self._runbooks, self._problem) != before

    def _suggest(self) -> None:
        """What began and ended since; the leader writes it down. Nothing is started."""
        if self.core.config is None:
            return
        events, self._pending = self._pending, []
        entries = suggestion_entries(self.core, self.core.config, events, self._runbooks)
        # What waits for the store is not found once more at every beat.
        new = [each for each in entries if (each.subject, each.kind, each.body["cause"]) not in self._found]
        if new:
            self._found |= {(each.subject, each.kind, each.body["cause"]) for each in new}
            self.core.find(new)

    def _show(self) -> None:
        self._shown = active = tuple(self._view(run) for run in self._active)
        suggested = tuple(
            SuggestedRun(each.runbook, each.cause, each.evidence, each.since)
            for each in self.core.state(Suggestions).open
        )
        lost = self.core.state(LostRuns).open
        self.core.publish(RunSlice(active, suggested, self._problem, self._digests, self._verified, lost))

    def _view(self, run: Run) -> ActiveRun:
        mine = run.owner == self._rules.session
        orphaned = not mine and owner_gone(run.owner)
        known = self._digests.get(run.runbook)
        return ActiveRun(
            run,
            mine,
            orphaned,
            waits_of(run, orphaned),
            known not in (None, run.definition),
            self._trouble.get(run.id, ""),
        )

    # -- carrying out -------------------------------------------------------

    def _begin_drives(self) -> None:
        for run in self._active:
            if self._closing or run.owner != self._rules.session or self.core.options.session.read_only:
                continue
            if run.id in self._drives:
                self._changed[run.id].set()
                continue
            self._changed[run.id] = asyncio.Event()
            task = asyncio.create_task(self._drive(run.id), name=f"drive {run.id}")
            self._drives[run.id] = task
            task.add_done_callback(partial(self._drove, run.id))

    def _drove(self, run: str, done: asyncio.Task[None]) -> None:
        self._drives.pop(run, None)
        self._latest.pop(run, None)
        changed = self._changed.pop(run, None)
        if changed is not None and changed.is_set():
            self._look_again()  # something happened while it ended

    async def _drive(self, run: str) -> None:
        """Until nothing is left to do, or another session has it."""
        from artisan_tui.domain.runbooks.effects import Finish, Wait
        from artisan_tui.engine.runbooks.driving import TurnPace
        from artisan_tui.engine.runbooks.journaled import RunGone, RunsUnavailable

        driver, pace, changed = self._the_driver(), TurnPace(), self._changed[run]
        missed = False
        while not self._closing:
            changed.clear()
            try:
                effect = await asyncio.to_thread(driver.turn, run)
                if isinstance(effect, Finish):
                    # In here: while the store is away, this too is tried again.
                    await asyncio.to_thread(driver.clean_up, run)
            except RunGone as error:
                if missed and error.run == run:
                    self._lose(run)
                    return
                missed = error.run == run  # asked once more: two answers in a row are an answer
                await self._in_trouble(run, str(error), changed)
                continue
            except RunsUnavailable as error:
                await self._in_trouble(run, str(error), changed)
                continue
            except Exception as error:  # noqa: BLE001 - one run's trouble must not end the session
                await self._in_trouble(run, f"{type(error).__name__}: {printable(str(error), 200)}", changed)
                continue
            self._calm(run)
            missed = False
            if isinstance(effect, Finish):
                return
            wait = pace.after(effect)
            if wait is None:
                assert isinstance(effect, Wait)
                if effect.why == "other":
                    return
                if effect.until is not None:
                    wait = max(0.05, (effect.until - self.core.clock.now()).total_seconds())
            if wait == 0:
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await changed.wait()

    def _lose(self, run: str) -> None:
        """The store does not have it any more. Whoever waits for it looks again."""
        self._trouble.pop(run, None)
        body = lost_run(run, self._latest.get(run), self.core.options.place.state_dir)
        self.core.tell(body.entry(self.core.clock.now(), OBSERVER, run))
        for each in ancestors(run):
            if each in self._changed:
                self._changed[each].set()
        self._look_again()

    async def _in_trouble(self, run: str, why: str, changed: asyncio.Event) -> None:
        """Say why a run does not go on, and wait a little."""
        if self._trouble.get(run) != why:
            self._trouble[run] = why
            self._show()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_AGAIN):
                await changed.wait()

    def _calm(self, run: str) -> None:
        if self._trouble.pop(run, None) is not None:
            self._show()

    def _the_driver(self) -> Drive:
        from artisan_tui.engine.runbooks.session_drive import session_drive

        if self._driver is None:
            self._driver = session_drive(self.core, self._rules)
        return self._driver

    # -- the end --------------------------------------------------------------

    async def leave(self) -> None:
        """No turn begins any more; one that is under way is waited for. What runs goes on by itself."""
        self._closing = True
        for each in self._changed.values():
            each.set()
        drives = tuple(self._drives.values())
        if drives:
            _done, late = await asyncio.wait(drives, timeout=_PATIENCE)
            for task in late:
                task.cancel()


def _active(store: Store) -> tuple[Run, ...]:
    from artisan_tui.engine.runbooks.journaled import run_store

    return run_store(store).active()


WING = RunsWing
