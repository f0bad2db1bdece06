"""Alerts in a running session: every session reads the sources itself, and the leader writes down what changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.alerts.events import AlertingBlind, AlertingSees, AlertNamed, AlertOver, AlertSeen, SilenceLost
from artisan_tui.domain.alerts.evidence import AlertList, Watch, observe
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, SeenAlert, SourceKind, SourceReading, worst_first
from artisan_tui.domain.alerts.silence import OurSilence, lost, went_quiet
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.alerts import silencing
from artisan_tui.engine.alerts.journaled import OurSilences, OutsideAlerts
from artisan_tui.engine.alerts.ours import budgets_reading, checks_reading
from artisan_tui.engine.alerts.reader import AlertReader, Gathered
from artisan_tui.engine.alerts.remembered import LastRound, read_last_round, remembered
from artisan_tui.engine.alerts.slice import AlertSlice, AlertSource
from artisan_tui.engine.alerts.writing import SilenceDesk, session_desk, settled
from artisan_tui.engine.bus import AlertFires, RoleTaken, StatesChanged, Ticked
from artisan_tui.engine.checks.wing import ChecksWing
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.runbooks.owner import own_name
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.config.models import Config
    from artisan_tui.engine.journal_states import JournalStates
    from artisan_tui.sources.probe_context import ProbeContext

#: Alerts told to the journal in one round at most; the rest follows with the next.
_MOST_TOLD = 400
#: Seconds for which a follower remembers what began to fire: longer than it takes to notice that the leader is gone.
_REMEMBERED = 60.0


class AlertsWing(Wing):
    STATES: ClassVar = (OutsideAlerts, OurSilences)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.reader: AlertReader | None = None
        self.list = AlertList()
        self.gathered = Gathered()
        self._config: Config | None = None
        self._environ: Mapping[str, str] = {}
        self._watch = Watch("")
        self._reading: asyncio.Task[None] | None = None
        self._own: tuple[tuple[SeenAlert, ...], ...] = ()
        self._ever_read = False
        self._last_round = LastRound()
        self._last_match: dict[str, datetime] = {}
        self._at_once = asyncio.Event()
        #: This session as who asks Alertmanager, and the marks of what it asks for just now.
        self._owner, self._at_work = "", set[str]()
        #: What began to fire while another session led, and when by the monotonic clock: the leader may be gone.
        self._began: dict[str, tuple[float, AlertFires]] = {}
        core.offer(AlertSlice, self._slice)
        core.bus.on(Ticked, lambda tick: self._see_own())
        core.bus.on(StatesChanged, self._states_changed)
        core.bus.on(RoleTaken, lambda taken: self._take_over())

    @classmethod
    def known_ids(cls, config: Config, states: JournalStates, now: datetime) -> Mapping[str, Sequence[str]]:
        ours = states.get(OurSilences).in_force(now)
        return {"alert": tuple(states.get(OutsideAlerts).rows(now)), "silence": tuple(each.id for each in ours)}

    def ids(self) -> Mapping[str, Sequence[str]]:
        now = self.core.clock.now()
        silences = [each.id for each in self.gathered.silences if each.in_force(now)]
        ours = [each.id for each in self.core.state(OurSilences).in_force(now)]
        return {"alert": tuple(self.list.rows), "silence": tuple(dict.fromkeys((*silences, *ours)))}

    # -- life ---------------------------------------------------------------

    def configure(self, config: Config) -> None:
        self._config = config
        alerts = config.alerts
        self._watch = Watch("") if alerts is None else Watch(alerts.watchdog, alerts.expects_watchdog)
        self.gathered, self._ever_read = Gathered(), False
        self.core.changed(AlertSlice)

    def prepare(self, config: Config, context: ProbeContext, *, following: bool) -> None:
        self._environ = context.environ

    def begin(self) -> None:
        if self._config is None or self._config.alerts is None:
            return
        self.reader = AlertReader(self._config, self._environ, self.core.clock.now)
        self._reading = asyncio.create_task(self._read(self.reader, self._config.alerts.every), name="alerts")

    async def rest(self) -> None:
        task, self._reading = self._reading, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        reader, self.reader = self.reader, None
        if reader is not None:
            await reader.aclose()

    # -- reading --------------------------------------------------------------

    async def _read(self, reader: AlertReader, every: float) -> None:
        await self.core.journal_read.wait()
        now = self.core.clock.now()
        self._last_round = await self.core.ask(lambda store: read_last_round(store, now)) or self._last_round
        while True:
            self._at_once.clear()
            self._take(await reader.read())
            await self._end_quiet(reader)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._at_once.wait()

    @property
    def knows(self) -> bool:
        """Whether what is listed was read, and not only remembered."""
        return self._ever_read or self._config is None or self._config.alerts is None

    def read_soon(self) -> None:
        """A silence changed: what it does is to be seen before the next round."""
        self._at_once.set()

    def _take(self, gathered: Gathered) -> None:
        now = self.core.clock.now()
        if not self._ever_read:
            # What fired when a session wrote it down last, and is not said now, is not forgotten.
            known = remembered(self.core.state(OutsideAlerts), self._last_round, self._watch, now)
            self.list = replace(
                self.list,
                rows={**known.rows, **self.list.rows},
                blind_since=self.list.blind_since or known.blind_since,
                watchdog_seen=self.list.watchdog_seen or known.watchdog_seen,
            )
        self.gathered, self._ever_read = gathered, True
        self._observe(now)
        self._tell(now)

    def _see_own(self) -> None:
        """Our own checks and budgets change between two rounds."""
        now = self.core.clock.now()
        own = tuple(reading.alerts for reading in self._own_readings(now))
        if own != self._own:
            self._own = own
            self._observe(now)

    def _own_readings(self, now: datetime) -> tuple[SourceReading, SourceReading]:
        views = self.core.wing(ChecksWing).evaluator.views()
        firing = self.core.state(BurnAlerts).book.firing
        return checks_reading(views, self.list.rows.values(), now), budgets_reading(firing, now)

    def _observe(self, now: datetime) -> None:
        before = self.list.rows
        self._observe_all(now)
        for row in self.list.rows.values():
            known = [found for each in row.fingerprints if (found := before.get(each)) is not None]
            quiet = all(each.state in (AlertState.RESOLVED, AlertState.PENDING) for each in known)
            if quiet and row.state is AlertState.FIRING and not row.watchdog:
                summary = row.annotations.get("summary", "")
                self._fires(AlertFires(row.fingerprint, row.name, row.also, summary, row.own))

    def _fires(self, fires: AlertFires) -> None:
        """Told by who leads; who follows keeps it for a while, because the leader may have died before it saw it."""
        if self.core.role is not SessionRole.FOLLOWER:
            self.core.aside(self.core.bus.tell(fires))
            return
        at = self.core.clock.monotonic()
        self._began = {name: each for name, each in self._began.items() if at - each[0] <= _REMEMBERED}
        self._began[fires.fingerprint] = (at, fires)

    def _take_over(self) -> None:
        """What the leader before may not have told. Twice is harmless: an incident that is worked on stays as it is."""
        if self.core.role is SessionRole.FOLLOWER:
            return
        at, began = self.core.clock.monotonic(), self._began
        self._began = {}
        for name, (since, fires) in began.items():
            row = self.list.rows.get(name)
            if at - since <= _REMEMBERED and row is not None and row.state is AlertState.FIRING:
                self.core.aside(self.core.bus.tell(fires))

    def _observe_all(self, now: datetime) -> None:
        readings = (*self.gathered.readings, *self._own_readings(now))
        if not self._ever_read and self._config is not None and self._config.alerts is not None:
            # Nothing is said of the others yet: they are neither there nor gone.
            others = {name: row for name, row in self.list.rows.items() if not row.own}
            own = AlertList({n: r for n, r in self.list.rows.items() if r.own})
            found = observe(own, readings, now, self._watch)
            self.list = replace(self.list, rows={**others, **found.rows}, at=now)
        else:
            self.list = observe(self.list, readings, now, self._watch, self.core.state(OutsideAlerts).also)
        self.core.changed(AlertSlice)

    def _states_changed(self, changed: StatesChanged) -> None:
        if BurnAlerts in changed.kinds:
            self._see_own()
        if changed.kinds & {BurnAlerts, OurSilences}:
            self.core.changed(AlertSlice)

    # -- the journal ------------------------------------------------------------

    def _tell(self, now: datetime) -> None:
        """Compared with what the journal says, not with the round before: a leader that died told nothing more."""
        if self.core.role is SessionRole.FOLLOWER:
            return
        known, entries = self.core.state(OutsideAlerts), []
        for row in self.list.rows.values():
            if row.own:
                continue
            if row.there and row.state is not AlertState.PENDING and not known.knows(row, now):
                entries.append(_seen(row, now))
                # Told at once with it: whoever reads the one knows the other.
                if _unnamed(row, known):
                    entries.append(_named(row, now))
            elif row.there and row.state is not AlertState.PENDING and _unnamed(row, known):
                entries.append(_named(row, now))
            elif row.state is AlertState.RESOLVED and row.fingerprint in known:
                lasted = round(((row.gone_since or now) - row.since).total_seconds())
                over = AlertOver(labels=row.labels, name=row.name, lasted=float(max(0, lasted)))
                entries.append(over.entry(now, OBSERVER, row.fingerprint))
        entries = entries[:_MOST_TOLD]
        if self.list.blind_since is not None and known.blind_since is None:
            entries.append(AlertingBlind(reason=self.list.blind_reason).entry(self.list.blind_since, OBSERVER))
        elif self.list.blind_since is None and known.blind_since is not None:
            dark = (now - known.blind_since).total_seconds()
            entries.append(AlertingSees(lasted=float(round(max(0.0, dark)))).entry(now, OBSERVER))
        self._find(known, entries)
        ours = self.core.state(OurSilences)
        told = [
            SilenceLost(matchers=each.matchers, comment=each.comment, until=each.ends_at).entry(now, OBSERVER, each.id)
            for each in self._lost(now)
            if not ours.was_told_lost(each.id)
        ]
        told += settled(ours.intents, self.gathered, now, self._at_work)
        self._find(ours, told)

    def _find(self, state: OutsideAlerts | OurSilences, entries: list[Entry]) -> None:
        if entries:
            self.core.find(entries)
            state.apply(entries)  # what this session found is not read back

    def desk(self, actor: str) -> SilenceDesk:
        """Where ``actor`` writes silences."""
        self._owner = self._owner or own_name(actor)
        members = () if self.reader is None else self.reader.members
        return session_desk(self.core, members, self._owner, self._at_work)

    def lost_silences(self) -> tuple[OurSilence, ...]:
        """Ours that no member knows any more."""
        return self._lost(self.core.clock.now())

    def _lost(self, now: datetime) -> tuple[OurSilence, ...]:
        if not self.gathered.silences_whole:
            return ()
        return lost(self.core.state(OurSilences).in_force(now), self.gathered.silences, now)

    async def _end_quiet(self, reader: AlertReader) -> None:
        """A silence of "acknowledge and silence" must not swallow the next outage."""
        members = [each for each in self.gathered.readings if each.kind is SourceKind.ALERTMANAGER]
        if self.core.role is SessionRole.FOLLOWER or self.core.options.session.read_only:
            return
        if not members or not all(each.answered for each in members):
            return
        now, there = self.core.clock.now(), [alert for each in members for alert in each.alerts]
        for each in went_quiet(self.core.state(OurSilences).in_force(now), there, self._last_match, now):
            reason = "nothing matched for 5 minutes"
            try:
                done = await silencing.expire(self.desk(OBSERVER), each.id, each.matchers, OBSERVER, now, reason)
                self.core.tell(*done.entries)
            except CommandRefused:
                self._last_match[each.id] = now  # each try is two entries in the journal: again after five minutes more

    # -- showing --------------------------------------------------------------

    def _slice(self) -> AlertSlice:
        now = self.core.clock.now()
        alerts = None if self._config is None else self._config.alerts
        return AlertSlice(
            self.core.state(BurnAlerts).book.firing,
            tuple(worst_first(list(self.list.rows.values()))),
            self._sources(),
            tuple(each for each in self.gathered.silences if each.in_force(now)),
            self.gathered.silences_problem,
            tuple(self._lost(now)),
            self.list.blind_since,
            self.list.blind_reason,
            "runbook" if alerts is None else alerts.runbook_label,
        )

    def _sources(self) -> tuple[AlertSource, ...]:
        if not self.gathered.readings:
            urls = () if self.reader is None else self.reader.urls
            return tuple(AlertSource(url, kind) for url, kind in urls)
        return tuple(
            AlertSource(each.url, each.kind.value, "answers" if each.answered else "silent", each.at, each.error)
            for each in self.gathered.readings
        )


def _seen(row: ListedAlert, now: datetime) -> Entry:
    body = AlertSeen(
        labels=row.labels,
        name=row.name,
        annotations=row.annotations,
        since=row.since,
        sources=row.sources,
        ends=row.ends_at,
        silenceable="yes" if row.silenceable else "",
    )
    return body.entry(now, OBSERVER, row.fingerprint)


def _unnamed(row: ListedAlert, known: OutsideAlerts) -> bool:
    return not set(row.also).issubset(known.fingerprints(row.fingerprint))


def _named(row: ListedAlert, now: datetime) -> Entry:
    return AlertNamed(labels=row.labels, name=row.name, also=row.also).entry(now, OBSERVER, row.fingerprint)


WING = AlertsWing
