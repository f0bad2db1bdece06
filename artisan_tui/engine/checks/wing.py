"""Checks in a running session: probed while this session is the leader, shown as the leader has them while it follows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.checks.events import CheckStateChanged, ObserverCleared, ObserverSuspected
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import BEAT_EVERY, SessionRole
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.engine.bus import EventsLost, ProbesRequested, StatesChanged, StoreMoved, Ticked
from artisan_tui.engine.checks.about import about_check, about_service
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from artisan_tui.engine.checks.heartbeats import PushedHeartbeats
from artisan_tui.engine.checks.history import recent_samples
from artisan_tui.engine.checks.interventions import Interventions
from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.checks.prober import Prober
from artisan_tui.engine.checks.slice import CheckSlice, ServicesSlice
from artisan_tui.engine.checks.stored import states_told, statuses_after
from artisan_tui.engine.checks.uptimes import Uptimes
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.publisher import FIGURES, GATHER, QUIET
from artisan_tui.engine.ticker import STOOD_STILL
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.config.models import Config
    from artisan_tui.domain.checks.observer import Suspicion
    from artisan_tui.domain.checks.outcome import Outcome
    from artisan_tui.domain.session.loss import Loss
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.sources.probe_context import ProbeContext
    from artisan_tui.store.opening import Opening

#: Seconds within which the first round of probes is written down: followers wait for it.
FIRST_ROUND_WITHIN = 1.5


class ChecksWing(Wing):
    STATES: ClassVar = (Mutes, Interventions)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.evaluator = Evaluator(core.clock)
        self.prober = Prober(core.clock, self._result_came)
        self.heartbeats = PushedHeartbeats(core, self.prober.hurry)
        self.uptimes = Uptimes(core, lambda: [view.id for view in self.evaluator.views()])
        self._beat_read = -1
        self._suspicion: Suspicion | None = None
        core.writer.check_statuses = self.evaluator.check_statuses
        core.offer(CheckSlice, self._slice)
        core.bus.on(Ticked, self._tick)
        core.bus.on(StoreMoved, self._store_moved)
        core.bus.on(EventsLost, lambda lost: core.aside(self._events_lost(lost.loss)))
        core.bus.on(ProbesRequested, lambda request: _nothing(self.prober.hurry(request.check_ids)))
        core.bus.on(StatesChanged, self._states_changed)

    def _slice(self) -> CheckSlice:
        answered_at, late = self.evaluator.newest_answer()
        return CheckSlice(self.evaluator.views(), answered_at, late, self._suspicion)

    @property
    def suspected(self) -> bool:
        """Whether this machine's own network is the likelier cause of what is unreached."""
        return self._suspicion is not None

    @classmethod
    def known_ids(cls, config: Config, states: JournalStates, now: datetime) -> Mapping[str, Sequence[str]]:
        return {
            "check": tuple(check_id for check_id, _, _ in config.checks()),
            "service": tuple(service.id for service in config.services),
        }

    # -- life ---------------------------------------------------------------

    def restore(self, opening: Opening | None) -> None:
        if opening is None:
            self.evaluator.forget()
            self.uptimes.forget()
        else:
            self.evaluator.restore(opening.check_statuses)
        self.core.changed(CheckSlice)

    def configure(self, config: Config) -> None:
        from artisan_tui.sources.lookup import search

        self.evaluator.configure(
            (
                CheckDefinition(check_id, service.name or service.id, spec, about_check(service, spec))
                for check_id, service, spec in config.checks()
            ),
            search,
            config.flapping.rule,
        )
        self.core.publish(ServicesSlice({service.id: about_service(service) for service in config.services}))
        self._beat_read = -1
        self.arrange()
        self.core.changed(CheckSlice)

    def prepare(self, config: Config, context: ProbeContext, *, following: bool) -> None:
        if not following:
            self.heartbeats.prepare(config, context)
            self.prober.prepare(list(config.checks()), context)
        self._beat_read = -1

    def begin(self) -> None:
        self.prober.begin()
        if self.prober.probing:
            self.heartbeats.begin()
            self.core.writer.pace = min(self.prober.intervals, default=BEAT_EVERY)
            self.core.writer.hasten(FIRST_ROUND_WITHIN)
            self.arrange()

    async def rest(self) -> None:
        await self.heartbeats.rest()
        await self.prober.stop()

    async def leave(self) -> None:
        # Before the store is closed: a call that is heard later could not be written.
        await self.heartbeats.rest()

    async def run(self) -> None:
        await asyncio.gather(self.prober.scheduler.run(), self.uptimes.run())

    async def store_opened(self) -> None:
        """Fill the strips with what an earlier session probed."""
        views, now = self.evaluator.views(), self.core.clock.now()
        past = await self.core.ask(lambda store: recent_samples(store, views, now))
        if past and self.evaluator.recall(past):
            self.core.changed(CheckSlice)

    # -- probing ------------------------------------------------------------

    async def probe_now(self, check_ids: Sequence[str]) -> bool:
        """Probe now, or ask the leader to; whether anybody will."""
        if self.prober.probing:
            await asyncio.gather(*self.prober.hurry(check_ids), return_exceptions=True)
            return True
        return await self.core.pass_on(check_ids)

    def _result_came(self, check_id: str, probe_result: ProbeResult, outcome: Outcome | None) -> None:
        if check_id not in self.evaluator:
            return
        evaluation = self.evaluator.hear(check_id, probe_result, outcome)
        self.core.writer.note_sample(evaluation.sample, quiet=evaluation.quiet)
        if evaluation.entries:
            subjects = dict.fromkeys([check_id, *(entry.subject for entry in evaluation.entries)])
            self.core.find(evaluation.entries, list(subjects))
        if evaluation.ask:
            self.prober.hurry(evaluation.ask)
        within = QUIET if evaluation.quiet else FIGURES if evaluation.figures else GATHER
        self.core.changed(CheckSlice, within=within)

    # -- following ----------------------------------------------------------

    async def _store_moved(self, moved: StoreMoved) -> None:
        if self.core.role is not SessionRole.FOLLOWER or moved.lease.beat == self._beat_read:
            return
        after = self._beat_read
        check_statuses = await self.core.ask(lambda store: statuses_after(store, after))
        if check_statuses is not None:
            self._beat_read = moved.lease.beat
            self.evaluator.follow(check_statuses)
            self.core.changed(CheckSlice)

    async def _events_lost(self, loss: Loss) -> None:
        """A follower reads all statuses again; who probes says anew what the journal does not know any more."""
        self._beat_read = -1
        self.uptimes.forget()
        lost = {event.subject for event in loss.events if event.kind == CheckStateChanged.KIND}
        checks = [view.id for view in self.evaluator.views() if view.id in lost or not loss.whole]
        told = await self.core.ask(lambda store: states_told(store, checks))
        if told and self.core.role is not SessionRole.FOLLOWER:
            self.evaluator.journal_says(told)
            self.prober.hurry(list(told))

    # -- time ---------------------------------------------------------------

    def _states_changed(self, changed: StatesChanged) -> None:
        if changed.kinds & {MaintenanceWindows, Mutes}:
            self.arrange()
        if Interventions in changed.kinds:
            self.evaluator.take_in_hand(self.core.state(Interventions).latest)

    def arrange(self) -> None:
        """Apply the maintenance windows and mutes that are in force now."""
        now = self.core.clock.now()
        # A follower is told about windows by the leader's check statuses.
        following = self.core.role is SessionRole.FOLLOWER
        windows = () if following else self.core.state(MaintenanceWindows).windows(now)
        mutes = self.core.state(Mutes)
        over, changed = self.evaluator.arrange(windows, lambda check_id: mutes.mute(check_id, now))
        if over:
            self.prober.hurry(over)
        if changed:
            self.core.changed(CheckSlice)

    def _tick(self, tick: Ticked) -> None:
        entries, changed = self.evaluator.age(quietly=tick.missed > STOOD_STILL)
        entries += self._network()
        if entries:
            self.core.find(entries, [entry.subject for entry in entries])
        self.arrange()
        if changed:
            self.core.changed(CheckSlice)

    def _network(self) -> list[Entry]:
        """Nearly everything unreached at once is said, and paged, once."""
        before, self._suspicion = self._suspicion, self.evaluator.suspicion()
        suspicion, now = self._suspicion, self.core.clock.now()
        if suspicion != before:
            self.core.changed(CheckSlice)
        if suspicion is not None and before is None:
            body = ObserverSuspected(unreached=suspicion.unreached, targets=suspicion.of)
            return [body.entry(now, OBSERVER)]
        if suspicion is None and before is not None:
            return [ObserverCleared().entry(now, OBSERVER)]
        return []


def _nothing(tasks: object) -> None:
    """A bus handler returns nothing; the tasks are kept by the scheduler."""


WING = ChecksWing
