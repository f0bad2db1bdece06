"""Alerts without a running engine, for the command line: every source is read once, beside what the journal says."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from artisan_tui.domain.alerts.evidence import Watch, observe
from artisan_tui.domain.alerts.listed import ListedAlert, SourceKind, SourceReading, worst_first
from artisan_tui.domain.alerts.silence import OurSilence, Silence, lost
from artisan_tui.engine.alerts.journaled import OurSilences, OutsideAlerts
from artisan_tui.engine.alerts.ours import CHECKS, budgets_reading, down_check
from artisan_tui.engine.alerts.reader import AlertReader, Gathered
from artisan_tui.engine.alerts.remembered import LastRound, read_last_round, remembered
from artisan_tui.engine.alerts.writing import SilenceDesk, settled
from artisan_tui.engine.checks.stored import statuses_after
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.commands import confirmed, entitled, permit
from artisan_tui.engine.incidents.transaction import incident_store
from artisan_tui.engine.launch import GlobalOptions, config_path, session_of
from artisan_tui.engine.offline import StoreError, with_journal
from artisan_tui.engine.runbooks.owner import own_name
from artisan_tui.engine.settings import read
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.threads import run

if TYPE_CHECKING:
    from artisan_tui.domain.event import Entry
    from artisan_tui.engine.alerts.silencing import Silenced
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class AlertsNow:
    """``problem`` says why the journal could not be read, "" when it was. ``incidents`` are by fingerprint."""

    at: datetime
    zone: ZoneInfo
    rows: tuple[ListedAlert, ...]
    gathered: Gathered
    lost: tuple[OurSilence, ...] = ()
    blind_since: datetime | None = None
    blind_reason: str = ""
    runbook_label: str = "runbook"
    problem: str = ""
    incidents: Mapping[str, str] = field(default_factory=dict)

    @property
    def readings(self) -> tuple[SourceReading, ...]:
        return self.gathered.readings

    def silences(self) -> tuple[Silence, ...]:
        return tuple(each for each in self.gathered.silences if each.in_force(self.at))


@dataclass(frozen=True, slots=True)
class _Journal:
    """What the store says."""

    outside: OutsideAlerts
    last_round: LastRound
    ours: tuple[OurSilence, ...]
    own: tuple[SourceReading, ...]
    problem: str = ""
    attached: Mapping[str, str] = field(default_factory=dict)


def alerts_now(options: GlobalOptions, environ: Mapping[str, str] = os.environ) -> AlertsNow:
    """Raises ConfigError. A store that cannot be read costs only what it knows."""
    config = read(config_path(options))
    journal = _journal(options)
    gathered = run(_gather(config, environ))
    return _listed(config, journal, gathered)


def _listed(config: Config, journal: _Journal, gathered: Gathered) -> AlertsNow:
    now, alerts = SystemClock().now(), config.alerts
    watch = Watch("") if alerts is None else Watch(alerts.watchdog, alerts.expects_watchdog)
    before = remembered(journal.outside, journal.last_round, watch, now)
    found = observe(before, (*gathered.readings, *journal.own), now, watch, journal.outside.also)
    return AlertsNow(
        now,
        config.zone,
        tuple(worst_first(list(found.rows.values()))),
        gathered,
        lost(journal.ours, gathered.silences, now) if gathered.silences_whole else (),
        found.blind_since,
        found.blind_reason,
        "runbook" if alerts is None else alerts.runbook_label,
        journal.problem,
        journal.attached,
    )


def _journal(options: GlobalOptions) -> _Journal:
    def ask(present: Present, config: Config, store: Store) -> _Journal:
        outside, now = present.state(OutsideAlerts), present.now
        found = (down_check(each.check_id, each.health, ()) for each in statuses_after(store, -1))
        checks = SourceReading(CHECKS, SourceKind.OWN, now, "", tuple(each for each in found if each is not None))
        own = checks, budgets_reading(present.state(BurnAlerts).book.firing, now)
        ours, attached = present.state(OurSilences).in_force(now), incident_store(store).attached()
        return _Journal(outside, read_last_round(store, now), ours, own, attached=attached)

    try:
        return with_journal(options, ask, read_only=True)
    except StoreError as error:
        return _Journal(OutsideAlerts(), LastRound(), (), (), str(error))


async def _gather(config: Config, environ: Mapping[str, str]) -> Gathered:
    reader = AlertReader(config, environ, SystemClock().now)
    try:
        return await reader.read()
    finally:
        await reader.aclose()


Work = Callable[[SilenceDesk, AlertsNow, str], Awaitable["Silenced"]]


def _acknowledged(done: Silenced, present: Present, store: Store) -> Silenced:
    """Also the incident that has the acknowledged alert is acknowledged, if nobody has it."""
    from artisan_tui.domain.alerts.events import AlertAcknowledged
    from artisan_tui.engine.incidents.of_alerts import acknowledge_of_alert
    from artisan_tui.engine.incidents.rules import IncidentRules

    said, rules = done.said, present.state(IncidentRules)
    for entry in done.entries:
        if entry.kind == AlertAcknowledged.KIND:
            known = present.state(OutsideAlerts).fingerprints(entry.subject)
            said = acknowledge_of_alert(store, rules, known, present.actor, present.now, said).said
    return replace(done, said=said)


def write_silence(
    options: GlobalOptions,
    command_id: str,
    arguments: Mapping[str, str],
    work: Work,
    environ: Mapping[str, str] = os.environ,
) -> Silenced:
    """Do ``work`` with the members, what is there now and who asks, and write down what came of it.

    What is to be done is written down before: what was done and is not in the journal must not happen. Raises
    CommandRefused, ConfigError and StoreError.
    """
    command = permit(command_id, arguments, session_of(options))

    def act(present: Present, config: Config, store: Store) -> Silenced:
        entitled(command, config.access, present.actor)
        confirmed(command, config.artisan.environment, arguments)
        outside, ours = present.state(OutsideAlerts), present.state(OurSilences)
        now = present.now
        journal = _Journal(outside, read_last_round(store, now), ours.in_force(now), ())

        async def commit(entry: Entry) -> None:
            store.append([entry], at=SystemClock().now())

        async def do() -> Silenced:
            reader = AlertReader(config, environ, SystemClock().now)
            desk = SilenceDesk(reader.members, commit, own_name(present.actor))
            try:
                gathered = await reader.read()
                # What an earlier one came to that was killed before it wrote it down.
                store.append(settled(ours.intents, gathered, now), at=SystemClock().now())
                return await work(desk, _listed(config, journal, gathered), present.actor)
            finally:
                await reader.aclose()

        done = run(do())
        store.append(done.entries, at=present.now)
        return _acknowledged(done, present, store)

    return with_journal(options, act, read_only=False)
