"""Alerts in a running engine, against a real Alertmanager: what is listed, kept, journaled, silenced and restored."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, incident_of
from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.access import Session
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.bus import AlertFires
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.launch import Options
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.alertmanager_server import AlertmanagerServer, alertmanager, prometheus_with_rules
from support.servers import until

API = {"alertname": "HighErrorRate", "svc": "api", "severity": "critical"}
DOG = {"alertname": "Watchdog"}


class MovableClock(SystemClock):
    """The system's, and as far ahead as a test wants."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class Running:
    """An engine that runs, and the newest snapshot."""

    def __init__(self, folder: Path, state: str = "state") -> None:
        self.place, self.clock = StorePlace(folder / state), MovableClock()
        self.newest: Snapshot | None = None
        self._came = asyncio.Event()
        options = Options(folder / "artisan.toml", self.place, Session("j.park"))
        self.engine = Engine(options, self._publish, self.clock)

    def _publish(self, snapshot: Snapshot) -> None:
        self.newest = snapshot
        self._came.set()

    @property
    def alerts(self) -> AlertSlice:
        assert self.newest is not None
        return self.newest[AlertSlice]

    @property
    def incidents(self) -> IncidentSlice:
        assert self.newest is not None
        return self.newest[IncidentSlice]

    async def until(self, condition: Callable[[AlertSlice], bool]) -> AlertSlice:
        async with asyncio.timeout(15):
            while self.newest is None or not condition(self.alerts):
                self._came.clear()
                await self._came.wait()
        return self.alerts

    async def row(self, state: AlertState, labels: dict[str, str] = API) -> ListedAlert:
        def there(alerts: AlertSlice) -> ListedAlert | None:
            wanted = fingerprint(labels)
            return next((e for e in alerts.listed if e.fingerprint == wanted and e.state is state), None)

        found = there(await self.until(lambda alerts: there(alerts) is not None))
        assert found is not None
        return found

    def journal(self) -> list[Event]:
        """Oldest first."""
        with Store.open(self.place, read_only=True) as store:
            return list(reversed(store.journal.page(500)))


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    watched = Running(folder)
    task = asyncio.create_task(watched.engine.run())
    try:
        yield watched
    finally:
        watched.engine.stop()
        await task


def configure(folder: Path, *servers: AlertmanagerServer, check: str = "true", more: str = "") -> None:
    urls = json.dumps([server.url for server in servers])
    (folder / "artisan.toml").write_text(
        f'[artisan]\nenvironment = "staging"\n[[service]]\nid = "s"\n[[service.check]]\nid = "c"\nkind = "command"\nrun = ["{check}"]\nevery = "1s"\n'
        f'timeout = "1s"\nfall = 1\n[alerts]\nalertmanager = {urls}\nevery = "200ms"\ntimeout = "2s"\n{more}'
    )


async def test_inc_cases_3_6_and_7_an_alertmanager_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        server.fire(API, DOG)
        async with running(tmp_path) as watched:
            row = await watched.row(AlertState.FIRING)
            assert row.sources == (server.url,)
            silenced = await watched.engine.execute(
                "alert.silence", {"matchers": 'svc="other"', "for": "1h", "comment": "disks"}
            )
            assert silenced.ok, silenced.text
            await watched.until(lambda alerts: len(alerts.silences) == 1)
            server.kill()
            gone = await watched.row(AlertState.NOT_SEEN)
            assert "does not answer" in gone.reasons[0]
            assert gone.seen_at >= row.seen_at
            assert watched.alerts.unheard
            assert watched.alerts.blind_reason == "no source of alerts answers"
            server.start_again()
            alerts = await watched.until(lambda alerts: not alerts.unheard and bool(alerts.lost))
            (kept,) = [each for each in alerts.listed if each.fingerprint == row.fingerprint]
            assert (kept.state, kept.was) == (AlertState.NOT_SEEN, AlertState.FIRING)
            assert kept.reasons == ("Alertmanager restarted",)
            assert kept.gone_since is not None
            assert server.silences() == [], "never by itself"
            restored = await watched.engine.execute("alert.restore", {})
            assert restored.ok, restored.text
            await watched.until(lambda alerts: len(alerts.silences) == 1 and not alerts.lost)
            server.fire(API, DOG)
            assert (await watched.row(AlertState.FIRING)).gone_since is None
        server.stack.close()
    kinds = [each.kind for each in watched.journal() if each.kind.startswith(("alert.", "silence.", "alerting."))]
    assert kinds.count("alert.seen") == 2, "coming back is no news"
    assert "alert.over" not in kinds
    assert [kind for kind in kinds if kind.startswith("silence.")] == [
        "silence.created",
        "silence.lost",
        "silence.created",
    ]
    assert "alerting.blind" in kinds
    assert "alerting.sees" in kinds


async def test_what_fired_is_not_forgotten_while_no_session_runs(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        server.fire(API)
        async with running(tmp_path) as watched:
            await watched.row(AlertState.FIRING)
            await asyncio.to_thread(until, lambda: any(e.kind == "alert.seen" for e in watched.journal()), 10)
        server.kill()
        server.start_again()
        async with running(tmp_path) as again:
            row = await again.row(AlertState.NOT_SEEN)
            assert row.labels == API
        server.stack.close()


async def test_inc_case_2_a_silence_of_an_acknowledged_alert_ends_five_minutes_after_it(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        server.fire(API)
        async with running(tmp_path) as watched:
            row = await watched.row(AlertState.FIRING)
            done = await watched.engine.execute(
                "alert.acknowledge-and-silence",
                {"alert": row.fingerprint, "for": "6h", "comment": "mine", "confirm": "yes"},
            )
            assert done.ok, done.text
            assert "hook" in done.text
            await watched.row(AlertState.SILENCED)
            server.resolve(API)
            await watched.until(lambda alerts: not any(each.there for each in alerts.listed))
            assert len(server.silences()) == 1
            watched.clock.ahead = timedelta(seconds=301)
            await asyncio.to_thread(until, lambda: server.silences() == [], 10, "the end of the silence")
    ended = [each.body.get("reason") for each in watched.journal() if each.kind == "silence.expired"]
    assert ended == ["nothing matched for 5 minutes"]


async def test_inc_case_10_what_is_refused_is_not_sent(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        server.fire(API)
        async with running(tmp_path) as watched:
            await watched.row(AlertState.FIRING)
            for given in (
                {"matchers": 'team=""', "for": "1h", "comment": "c"},
                {"matchers": 'svc="api"', "for": "1h", "comment": "  "},
                {"matchers": 'svc="api"', "for": "0s", "comment": "c"},
                {"matchers": 'svc="api"', "for": "169h", "comment": "c"},
                {"matchers": 'team!="b"', "for": "1h", "comment": "c"},
                {"matchers": 'team!="b"', "for": "1h", "comment": "c", "count": "7"},
            ):
                reply = await watched.engine.execute("alert.silence", given)
                assert not reply.ok, given
            assert server.get("silences") == []
            reply = await watched.engine.execute(
                "alert.silence", {"matchers": 'team!="b"', "for": "1h", "comment": "c", "count": "1"}
            )
            assert reply.ok, reply.text


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
