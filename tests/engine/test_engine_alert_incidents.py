"""Alerts of a real Alertmanager and the incidents that have them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.bus import AlertFires
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.incidents.wing import IncidentsWing
from support.alertmanager_server import AlertmanagerServer, alertmanager
from support.notify_engine import Notified, notified

API = {"alertname": "HighErrorRate", "svc": "api", "severity": "critical"}
DOG = {"alertname": "Watchdog"}
NAME = fingerprint(API)


class AheadClock(SystemClock):
    """The system's, ahead by what the test says."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AlertmanagerServer]:
    with alertmanager(tmp_path / "am") as found:
        yield found


def alerts(server: AlertmanagerServer) -> str:
    return f'[alerts]\nalertmanager = ["{server.url}"]\nevery = "200ms"\ntimeout = "2s"\n'


def state(one: Notified) -> AlertState | None:
    assert one.snapshot is not None
    return next((row.state for row in one.snapshot[AlertSlice].listed if row.fingerprint == NAME), None)


def status(one: Notified) -> str:
    assert one.snapshot is not None
    return "".join(each.incident.status for each in one.snapshot[IncidentSlice].open)


async def give(one: Notified, command: str, **arguments: str) -> str:
    reply = await one.engine.execute(command, {"confirm": "yes", **arguments})
    assert reply.ok, reply.text
    return reply.text


async def test_inc_case_24_resolving_says_what_fires_and_an_alert_that_comes_back_reopens_it(
    tmp_path: Path, server: AlertmanagerServer
) -> None:
    server.fire(API, DOG)
    async with notified(tmp_path, alerts(server), {}) as one:
        await one.until(lambda: state(one) is AlertState.FIRING)
        wanted = (
            await give(one, "incident.declare", title="5xx", severity="2", alerts=NAME, alert_names="Rate")
        ).split()[0]
        await one.until(lambda: status(one) == "declared")
        assert one.snapshot is not None
        assert dict(one.snapshot[IncidentSlice].alerts) == {NAME: wanted}
        said = await give(one, "incident.resolve", incident=wanted, resolution="restarted")
        assert "still firing: Rate" in said
        await one.until(lambda: status(one) == "resolved")
        await one.engine.bus.tell(AlertFires(NAME, "Rate"))
        await one.until(lambda: status(one) == "investigating")


async def test_inc_case_24_what_still_fires_after_five_minutes_reopens_the_same_incident(
    tmp_path: Path, server: AlertmanagerServer
) -> None:
    server.fire(API, DOG, ends_in=3600)
    clock = AheadClock()
    async with notified(tmp_path, alerts(server), {}, clock=clock) as one:
        await one.until(lambda: state(one) is AlertState.FIRING)
        wanted = (await give(one, "incident.declare", title="5xx", severity="2", alerts=NAME)).split()[0]
        await give(one, "incident.resolve", incident=wanted, resolution="restarted")
        await one.until(lambda: status(one) == "resolved")
        clock.ahead = timedelta(minutes=4)
        await one.engine.wing(IncidentsWing).fire_due()
        assert status(one) == "resolved"
        clock.ahead = timedelta(minutes=5, seconds=5)
        await one.until(lambda: status(one) == "investigating")


async def test_what_fires_is_not_known_while_alerting_is_blind(tmp_path: Path, server: AlertmanagerServer) -> None:
    server.fire(API, DOG)
    async with notified(tmp_path, alerts(server), {}) as one:
        await one.until(lambda: state(one) is AlertState.FIRING)
        await give(one, "incident.declare", title="5xx", severity="2", alerts=NAME)
        await one.until(lambda: status(one) == "declared")
        assert one.snapshot is not None
        incident = one.snapshot[IncidentSlice].open[0].incident
        rules = one.engine.state(IncidentRules)
        assert rules.around.still_firing(incident) == (NAME,)
        server.kill()
        await one.until(lambda: one.snapshot is not None and one.snapshot[AlertSlice].unheard)
        assert rules.around.still_firing(incident) is None
        server.start_again()


async def test_acknowledge_and_silence_acknowledges_the_incident_too(
    tmp_path: Path, server: AlertmanagerServer
) -> None:
    server.fire(API, DOG)
    async with notified(tmp_path, alerts(server), {}) as one:
        await one.until(lambda: state(one) is AlertState.FIRING)
        wanted = (await give(one, "incident.declare", title="5xx", severity="2", alerts=NAME)).split()[0]
        said = await give(
            one, "alert.acknowledge-and-silence", alert=NAME, **{"for": "30m", "comment": "node 3 is replaced"}
        )
        assert f"{wanted} acknowledged" in said
        await one.until(lambda: status(one) == "acknowledged")
    assert len(server.silences()) == 1
