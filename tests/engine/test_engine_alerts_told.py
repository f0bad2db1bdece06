"""Alerts in a running engine: told once, by whoever leads, and known again from another source."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState, incident_of
from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.alerts.wing import AlertsWing
from artisan_tui.engine.bus import AlertFires
from artisan_tui.engine.incidents.rules import IncidentRules
from support.alert_engines import API, Running, configure, running
from support.alertmanager_server import AlertmanagerServer, alertmanager, prometheus_with_rules
from support.servers import until


async def test_followers_see_the_same_and_write_nothing_down_twice(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        async with running(tmp_path) as one, running(tmp_path) as two:
            await one.until(lambda alerts: bool(alerts.sources))
            await two.until(lambda alerts: bool(alerts.sources))
            both = {SessionRole.LEADER, SessionRole.FOLLOWER}
            await asyncio.to_thread(until, lambda: {one.engine.role, two.engine.role} == both, 15)
            server.fire(API)
            assert await one.row(AlertState.FIRING)
            assert await two.row(AlertState.FIRING)
            await asyncio.to_thread(until, lambda: any(e.kind == "alert.seen" for e in one.journal()), 10)
    assert [each.kind for each in one.journal()].count("alert.seen") == 1


async def test_what_begins_to_fire_while_the_leader_dies_is_told_by_whoever_takes_over(tmp_path: Path) -> None:
    told: list[str] = []
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        async with running(tmp_path) as one, running(tmp_path) as two:
            await one.until(lambda alerts: bool(alerts.sources))
            await two.until(lambda alerts: bool(alerts.sources))
            both = {SessionRole.LEADER, SessionRole.FOLLOWER}
            await asyncio.to_thread(until, lambda: {one.engine.role, two.engine.role} == both, 15)
            leader, other = (one, two) if one.engine.role is SessionRole.LEADER else (two, one)
            other.engine.bus.on(AlertFires, lambda fires: told.append(fires.name))
            await leader.engine.wing(AlertsWing).rest()  # it does not look any more
            server.fire(API)
            await other.row(AlertState.FIRING)
            assert told == []
            leader.engine.stop()
            await asyncio.to_thread(until, lambda: bool(told), 15)
            assert other.engine.role is SessionRole.LEADER
    assert told == ["HighErrorRate"]


async def test_our_own_checks_are_in_the_list(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server, check="false")
        labels = {"alertname": "CheckDown", "check": "s.c", "service": "s", "severity": "critical"}
        async with running(tmp_path) as watched:
            row = await watched.row(AlertState.FIRING, labels)
            assert row.own
            assert not row.silenceable


async def test_inc_cases_23_and_25_an_alert_that_begins_to_fire_is_told_once_and_again_after_it_is_over(
    tmp_path: Path,
) -> None:
    """The incidents take it up: a new fingerprint pages, one that is worked on keeps its notes."""
    told: list[str] = []
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server, more='watchdog = ""\n')
        async with running(tmp_path) as watched:
            watched.engine.bus.on(AlertFires, lambda fires: told.append(fires.name))
            await watched.until(lambda alerts: bool(alerts.sources))
            server.fire(API)
            await watched.row(AlertState.FIRING)
            server.fire({**API, "svc": "web"})
            await watched.row(AlertState.FIRING, {**API, "svc": "web"})
            assert told == ["HighErrorRate", "HighErrorRate"]
            # Alertmanager runs for less than 90 seconds: what is gone is not resolved, so its return is no news.
            server.resolve(API)
            await watched.row(AlertState.NOT_SEEN)
            server.fire(API)
            await watched.row(AlertState.FIRING)
            assert len(told) == 2


async def test_inc_case_4_a_real_prometheus_that_stops_resolves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its alerts leave Alertmanager by themselves, the Watchdog with them. Alertmanager need not run for long here."""
    monkeypatch.setattr("artisan_tui.domain.alerts.evidence.SETTLED", 1.0)
    qwen = {
        "alertname": "QwenModelUnhealthy",
        "severity": "critical",
        "runbook": "qwen_failure_downshift",
        "cluster": "seoul",
    }
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        async with running(tmp_path) as watched:
            with prometheus_with_rules(tmp_path / "prometheus", server) as prometheus:
                await watched.row(AlertState.FIRING, qwen)
                prometheus.stop()
                row = await watched.row(AlertState.NOT_SEEN, qwen)
                alerts = await watched.until(lambda alerts: alerts.blind_since is not None)
                assert "Watchdog" in alerts.blind_reason
                assert server.get("alerts") == []
                assert row.was is AlertState.FIRING
    assert "alert.over" not in [each.kind for each in watched.journal()]


async def test_an_incident_keeps_its_alert_when_another_source_says_it_under_more_or_fewer_labels(
    tmp_path: Path,
) -> None:
    """Prometheus adds its external labels for Alertmanager only: two fingerprints, one alert. Every session is a new one."""
    here = {"alertname": "QwenModelUnhealthy", "severity": "critical", "runbook": "qwen_failure_downshift"}
    there = {**here, "cluster": "seoul"}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(alertmanager(tmp_path / "am"))
        prometheus = stack.enter_context(prometheus_with_rules(tmp_path / "prometheus", server))

        def write(*servers: AlertmanagerServer) -> None:
            configure(
                tmp_path,
                *servers,
                more=f'prometheus = true\nwatchdog = ""\n[metrics]\nprometheus = "{prometheus.url}"\n',
            )

        async def given(watched: Running, command: str, **arguments: str) -> str:
            reply = await watched.engine.execute(command, {"confirm": "yes", **arguments})
            assert reply.ok, reply.text
            return reply.text

        async def attached(watched: Running, labels: dict[str, str]) -> tuple[str, tuple[str, ...] | None]:
            """(the incident of the row with these labels, which of the incident's alerts fire)."""
            row = await watched.row(AlertState.FIRING, labels)
            await watched.until(lambda alerts: bool(watched.incidents.open))
            (view,) = watched.incidents.open
            firing = watched.engine.state(IncidentRules).around.still_firing(view.incident)
            return incident_of(row, watched.incidents.alerts), firing

        write()
        async with running(tmp_path) as watched:
            await watched.row(AlertState.FIRING, here)
            await until_async(lambda: watched.engine.role is SessionRole.LEADER)
            said = await given(watched, "incident.declare", title="Qwen", severity="2", alerts=fingerprint(here))
            wanted = said.split()[0]
            assert await attached(watched, here) == (wanted, (fingerprint(here),))
        write(server)
        async with running(tmp_path) as watched:
            assert await attached(watched, there) == (wanted, (fingerprint(here),))
            await until_async(lambda: "alert.named" in [each.kind for each in watched.journal()])
            again = {"incident": wanted, "alerts": fingerprint(there)}
            reply = await watched.engine.execute("incident.attach", again)
            assert "attached to" in reply.text
            assert not reply.ok
        server.kill()
        async with running(tmp_path) as watched:
            assert await attached(watched, there) == (wanted, (fingerprint(here),))
        write()
        async with running(tmp_path) as watched:
            assert await attached(watched, there) == (wanted, (fingerprint(here),))
            await given(watched, "incident.resolve", incident=wanted, resolution="restarted")
            await until_async(
                lambda: not watched.incidents.open or watched.incidents.open[0].incident.status == "resolved"
            )
            await watched.engine.bus.tell(AlertFires("other", "Qwen", (fingerprint(here),)))
            await until_async(lambda: watched.incidents.open[0].incident.status == "investigating")
        server.start_again()


async def until_async(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(until, condition, 15)
