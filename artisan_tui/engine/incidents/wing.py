"""Incidents in a running session: what is shown of them, and the timers, which the leader fires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.alerts.wing import AlertsWing
from artisan_tui.engine.bus import AlertFires, EventsCame, EventsWritten, RoleTaken, StoreReplaced, Ticked
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.config.models import Config
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.store.store import Store

#: Incidents that are over and still listed.
RECENT = 50


class IncidentsWing(Wing):
    STATES: ClassVar = (IncidentRules,)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._slice = IncidentSlice()
        #: Set when something may be due or to be shown; what is shown is read once for many events.
        self._wake = asyncio.Event()
        self._stale = True
        #: When something is due next, as of what was read last; None for never.
        self._next: datetime | None = None
        self._minute: datetime | None = None
        #: The minute and the people on call when it was looked last who came on call.
        self._manned: object = None
        core.bus.on(EventsCame, self._events_came)
        core.bus.on(Ticked, lambda tick: self._wake.set())
        core.bus.on(RoleTaken, lambda taken: self._look_again())
        core.bus.on(StoreReplaced, lambda replaced: self._look_again())
        #: Alerts that began to fire and were not held against the incidents yet, by fingerprint.
        self._fired: dict[str, AlertFires] = {}
        core.bus.on(AlertFires, self._alert_fires)

    @classmethod
    def configure_states(cls, config: Config, states: JournalStates) -> None:
        from artisan_tui.domain.oncall.changes import OnCallChanges
        from artisan_tui.engine.incidents.of_alerts import journaled_firing

        rules, known = states.get(IncidentRules), states.get(OutsideAlerts)
        changes = states.get(OnCallChanges)
        rules.configure(config, lambda: changes.schedule)
        rules.surround(still_firing=lambda incident: journaled_firing(incident, known))

    def configure(self, config: Config) -> None:
        from artisan_tui.engine.incidents.of_alerts import firing_of

        alerts = self.core.wing(AlertsWing)
        self._rules.surround(still_firing=lambda incident: firing_of(incident, alerts.list) if alerts.knows else None)
        self._look_again()

    async def store_opened(self) -> None:
        self._look_again()

    def _events_came(self, came: EventsCame) -> None:
        if came.more or any(event.kind.startswith("incident.") for event in came.events):
            self._look_again()

    def _look_again(self) -> None:
        self._stale = True
        self._wake.set()

    @property
    def _rules(self) -> IncidentRules:
        return self.core.state(IncidentRules)

    async def run(self) -> None:
        """Show what is new, and fire what is due. A failure of one look is said by the store; the next follows."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._stale:
                self._stale = False
                if not await self._show():
                    self._stale = True  # the store cannot be read now: the next tick comes back to it
            self._show_on_call()
            await self.fire_due()
            await self.page_incoming()
            await self._follow_alerts()

    # -- showing ------------------------------------------------------------

    async def _show(self) -> bool:
        from artisan_tui.engine.incidents.views import open_views

        found = await self.core.ask(_read)
        if found is None:
            return False
        known_open, known_recent = self._slice.open, {each.id: each for each in self._slice.recent}
        opened, recent, self._next, attached = found
        self._slice = IncidentSlice(
            open_views(opened, self._rules.around, known_open),
            tuple(known_recent[each.id] if known_recent.get(each.id) == each else each for each in recent),
            unattended=self.core.role is SessionRole.STANDALONE,
            alerts=attached,
            unmanned=self._rules.unmanned(self.core.clock.now()),
            ladder=self._rules.policy.ladder,
        )
        self.core.publish(self._slice)
        return True

    def _show_on_call(self) -> None:
        """Shifts begin and end without an entry in the journal: looked at once a minute."""
        minute = self.core.clock.now().replace(second=0, microsecond=0)
        if minute == self._minute:
            return
        self._minute = minute
        found = self._rules.unmanned(minute)
        if found != self._slice.unmanned:
            self._slice = self._slice._replace(unmanned=found)
            self.core.publish(self._slice)

    # -- timers -------------------------------------------------------------

    @property
    def _leads(self) -> bool:
        return self.core.role is SessionRole.LEADER and self.core.writer.fence is not None

    async def fire_due(self) -> Sequence[Event]:
        """Fire every timer that is due, if this session is the leader; the events that were written."""
        if not self._leads or self.core.options.session.read_only:
            return ()
        now, rules = self.core.clock.now(), self._rules
        if not self._stale and (self._next is None or now < self._next):
            return ()
        ready = await self.core.ask(lambda store: _ready(store, now, rules))
        written: list[Event] = []
        for wanted in ready or ():
            fence = self.core.writer.fence
            if fence is None:
                break
            events = await self.core.writer.store_thread.change(_firing(wanted, self.core.clock.now(), rules, fence))
            if events:
                written += events
                self.core.bus.say(EventsWritten(events))
        return written

    async def page_incoming(self) -> Sequence[Event]:
        """Page who came on call while nobody has acknowledged an incident. Looked at when others are on call, and once a minute."""
        if not self._leads or self.core.options.session.read_only:
            return ()
        if not any(each.incident.triggered for each in self._slice.open):
            self._manned = None
            return ()
        now, rules = self.core.clock.now(), self._rules
        around = tuple(rules.around.on_call(level, now) for level in rules.policy.ladder)
        manned = (now.replace(second=0, microsecond=0), around)
        if manned == self._manned:
            return ()
        self._manned, fence = manned, self.core.writer.fence
        events = await self.core.writer.store_thread.change(_incoming(now, rules, fence))
        if events is None:
            self._manned = None  # nothing can be written now: the next tick comes back to it
            return ()
        if events:
            self.core.bus.say(EventsWritten(events))
        return events

    # -- alerts -------------------------------------------------------------

    def _alert_fires(self, fires: AlertFires) -> None:
        self._fired[fires.fingerprint] = fires
        self._wake.set()

    async def _follow_alerts(self) -> None:
        """A session that does not lead yet keeps them; one that follows leaves them to the leader, which sees them too."""
        if self.core.role is SessionRole.FOLLOWER or self.core.options.session.read_only:
            self._fired.clear()
        for fingerprint, fires in list(self._fired.items()) if self._leads else ():
            if await self._alert_fired(fires) is None:
                return  # the store takes nothing now: the next tick comes back to it
            self._fired.pop(fingerprint, None)

    async def alert_fired(self, fingerprint: str, name: str) -> Sequence[Event]:
        """An alert began to fire: see `transaction.alert_fired`. Nothing where this session does not lead."""
        return await self._alert_fired(AlertFires(fingerprint, name)) or ()

    async def _alert_fired(self, fires: AlertFires) -> Sequence[Event] | None:
        """None when nothing can be read or written now."""
        fence = self.core.writer.fence
        if not self._leads or fence is None:
            return ()
        fingerprints = (fires.fingerprint, *fires.also)
        known = await self.core.ask(lambda store: _knows(store, fingerprints))
        if not known:
            return () if known is not None else None
        now = self.core.clock.now()
        work = _fired(fingerprints, fires.name, now, self._rules, fence)
        events = await self.core.writer.store_thread.change(work)
        if events:
            self.core.bus.say(EventsWritten(events))
        return events


def _incoming(now: datetime, rules: IncidentRules, fence: int | None) -> Callable[[Store], tuple[Event, ...]]:
    def work(store: Store) -> tuple[Event, ...]:
        from artisan_tui.engine.incidents.incoming import page_incoming

        return page_incoming(store, now, rules, fence)

    return work


def _fired(
    fingerprints: Sequence[str], name: str, now: datetime, rules: IncidentRules, fence: int
) -> Callable[[Store], tuple[Event, ...]]:
    def work(store: Store) -> tuple[Event, ...]:
        from artisan_tui.engine.incidents.transaction import alert_fired

        return alert_fired(store, fingerprints, name, now, rules, fence)

    return work


def _knows(store: Store, fingerprints: Sequence[str]) -> bool:
    from artisan_tui.engine.incidents.transaction import incident_store

    return incident_store(store).had_alert(fingerprints)


def _read(store: Store) -> tuple[Sequence[Incident], Sequence[Incident], datetime | None, Mapping[str, str]]:
    from artisan_tui.engine.incidents.transaction import incident_store

    incidents = incident_store(store)
    return incidents.open(), incidents.recent(RECENT), incidents.next_timer(), incidents.attached()


def _ready(store: Store, now: datetime, rules: IncidentRules) -> list[str]:
    """Incidents about which something would happen now: mild ones wait for business, so a due timer is not enough."""
    from artisan_tui.domain.incidents.acting import By
    from artisan_tui.domain.incidents.timers import fire
    from artisan_tui.engine.incidents.transaction import incident_store

    incidents = incident_store(store)
    subjects = dict.fromkeys(timer.subject for timer in incidents.timers(now))
    found = []
    for wanted in subjects:
        incident = incidents.get(wanted)
        if incident is not None and fire(incident, By(OBSERVER, now), rules.around):
            found.append(wanted)
    return found


def _firing(wanted: str, now: datetime, rules: IncidentRules, fence: int) -> Callable[[Store], tuple[Event, ...]]:
    def work(store: Store) -> tuple[Event, ...]:
        from artisan_tui.engine.incidents.transaction import fire_due

        return fire_due(store, wanted, now, rules, fence)

    return work


WING = IncidentsWing
