"""What the commands of alerts and silences lead to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from artisan_tui.domain.alerts.silence import Silence
    from artisan_tui.engine.alerts.silencing import Silenced
    from artisan_tui.engine.alerts.wing import AlertsWing
    from artisan_tui.engine.alerts.writing import SilenceDesk
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store


def silence(present: Present, given: Mapping[str, Any]) -> Decision:
    async def write(wing: AlertsWing, desk: SilenceDesk) -> Silenced:
        from artisan_tui.engine.alerts.silencing import SilenceRequest, create, read_matchers

        asked = SilenceRequest(
            read_matchers(given["matchers"]), given["for"], given["comment"], present.actor, given["count"] or ""
        )
        return await create(desk, asked, tuple(wing.list.rows.values()), present.now)

    return _acting(present, write)


def acknowledge_and_silence(present: Present, given: Mapping[str, Any]) -> Decision:
    """Also the incident that has this alert is acknowledged, if nobody has it."""

    async def write(wing: AlertsWing, desk: SilenceDesk) -> Silenced:
        from artisan_tui.engine.alerts.silencing import SilenceRequest, create, matchers_of, to_silence

        alert = to_silence(wing.list.rows.get(given["alert"]))
        asked = SilenceRequest(
            matchers_of(alert),
            given["for"],
            given["comment"],
            present.actor,
            until_quiet=True,
            acknowledges=alert,
        )
        return await create(desk, asked, tuple(wing.list.rows.values()), present.now)

    async def act(core: Core) -> Decision:
        wing = _wing(core)
        done = await write(wing, wing.desk(present.actor))
        wing.read_soon()

        def change(store: Store) -> Decision:
            from artisan_tui.engine.incidents.of_alerts import acknowledge_of_alert
            from artisan_tui.engine.incidents.rules import IncidentRules

            rules = present.state(IncidentRules)
            known = present.state(OutsideAlerts).fingerprints(given["alert"])
            return acknowledge_of_alert(store, rules, known, present.actor, core.clock.now(), done.said)

        return Decision(done.entries, done.said, change=change)

    return Decision(act=act)


def extend(present: Present, given: Mapping[str, Any]) -> Decision:
    async def write(wing: AlertsWing, desk: SilenceDesk) -> Silenced:
        from artisan_tui.engine.alerts import silencing

        known = _known(wing, given["silence"])
        if known is None:
            raise CommandRefused(_("Alertmanager does not know this silence"))
        return await silencing.extend(desk, known, given["for"], "", present.actor, present.now)

    return _acting(present, write)


def unsilence(present: Present, given: Mapping[str, Any]) -> Decision:
    async def write(wing: AlertsWing, desk: SilenceDesk) -> Silenced:
        from artisan_tui.domain.alerts.matchers import matchers_text
        from artisan_tui.engine.alerts import silencing

        known = _known(wing, given["silence"])
        matchers = "" if known is None else matchers_text(known.matchers)
        return await silencing.expire(desk, given["silence"], matchers, present.actor, present.now)

    return _acting(present, write)


def restore(present: Present, given: Mapping[str, Any]) -> Decision:
    """Each is written down as soon as it is created: the next may fail."""

    async def act(core: Core) -> Decision:
        from artisan_tui.engine.alerts import silencing

        wing = _wing(core)
        lost = wing.lost_silences()
        if not lost:
            return Decision(said=_("no silence of ours is lost"), ok=False)
        for ours in lost:
            done = await silencing.restore(wing.desk(present.actor), ours, present.actor, present.now)
            core.tell(*done.entries)
        wing.read_soon()
        return Decision(said=ngettext("restored {n} silence", "restored {n} silences", len(lost)).format(n=len(lost)))

    return Decision(act=act)


def read_now(present: Present, given: Mapping[str, Any]) -> Decision:
    async def act(core: Core) -> Decision:
        wing = _wing(core)
        if wing.reader is None:
            return Decision(said=_("no source of alerts is configured: add [alerts] to artisan.toml"), ok=False)
        wing.read_soon()
        return Decision(said=_("reading the sources of alerts"))

    return Decision(act=act)


def _acting(present: Present, write: Callable[[AlertsWing, SilenceDesk], Awaitable[Silenced]]) -> Decision:
    async def act(core: Core) -> Decision:
        wing = _wing(core)
        done = await write(wing, wing.desk(present.actor))
        wing.read_soon()
        return Decision(done.entries, done.said)

    return Decision(act=act)


def _wing(core: Core) -> AlertsWing:
    from artisan_tui.engine.alerts.wing import AlertsWing

    return core.wing(AlertsWing)


def _known(wing: AlertsWing, id: str) -> Silence | None:
    return next((each for each in wing.gathered.silences if each.id == id), None)
