"""The nightly verification: the leader looks at every runbook once a night, and says what would not work any more."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.runbooks.verifications import NIGHTLY, Verifications
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.bus import Ticked
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.wing import Core

if TYPE_CHECKING:
    from artisan_tui.domain.event import Entry

#: The hour of the night, in the team's time zone.
HOUR: Final = 3
#: Seconds for one runbook at one place.
_EACH_WITHIN: Final = 120.0


def last_night(now: datetime) -> datetime:
    """The newest beginning of a night that is not after ``now``, which is in the team's time zone."""
    begins = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return begins if begins <= now else begins - timedelta(days=1)


class Nightly:
    """A session that was there at the hour looks; one that comes later makes up for a night that was missed."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._since = core.clock.now()
        self._night: datetime | None = None
        core.bus.on(Ticked, lambda tick: self._tick())

    def _tick(self) -> None:
        core = self._core
        if core.config is None or core.options.session.read_only or core.options.session.demo:
            return
        if not core.journal_read.is_set() or not _leads(core):
            return
        night = last_night(core.clock.now().astimezone(core.config.zone))
        if night != self._night and self._due(night):
            self._night = night
            core.aside(self._verify())

    def _due(self, night: datetime) -> bool:
        before = self._core.state(Verifications).last_night
        return before < night if before is not None else self._since < night

    async def _verify(self) -> None:
        from artisan_tui.engine.runbooks.verifying import places_of
        from artisan_tui.engine.settings import ConfigError

        rules = self._core.state(RunRules)
        try:
            runbooks = (await asyncio.to_thread(lambda: rules.library)).runbooks
        except ConfigError:
            return  # the runs' wing says it
        for runbook in runbooks.values():
            for place in places_of(rules, runbook):
                entry = await asyncio.to_thread(self._looked, runbook.id, place)
                if entry is not None and _leads(self._core):
                    self._core.find([entry])

    def _looked(self, runbook_id: str, place: str) -> Entry | None:
        from artisan_tui.engine.runbooks.preflight import preflight
        from artisan_tui.engine.runbooks.preflight_values import PreflightPorts

        core, rules = self._core, self._core.state(RunRules)
        ports = PreflightPorts(rules, core.options.place.state_dir, core.options.environ, OBSERVER, core.clock.now)
        try:
            runbook = rules.runbook(runbook_id)
            if runbook is None:
                return None
            found = preflight(ports, runbook, place, within=_EACH_WITHIN)
        except Exception as error:  # noqa: BLE001 - what is wrong with one runbook must not hide the others
            from artisan_tui.domain.runbooks.events import RunbookVerified

            why = f"internal error {type(error).__name__}: {printable(str(error), 200)}"
            body = RunbookVerified(definition="", outcome="unknown", target=place, by=NIGHTLY, why=why)
            return body.entry(core.clock.now(), OBSERVER, runbook_id)
        return found.result(NIGHTLY).entry(found.at, OBSERVER, runbook_id)


def _leads(core: Core) -> bool:
    from artisan_tui.domain.lease import SessionRole

    return core.role is SessionRole.LEADER
