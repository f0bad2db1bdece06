"""Alerts in a running engine, against a real Alertmanager: listed, kept, silenced and restored."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.alerts.listed import AlertState
from artisan_tui.engine.alerts import silencing
from artisan_tui.engine.alerts.reader import AlertReader
from artisan_tui.engine.alerts.silencing import Silenced
from artisan_tui.engine.alerts.wing import AlertsWing
from artisan_tui.engine.alerts.writing import SilenceDesk
from artisan_tui.engine.command import CommandRefused
from support.alert_engines import API, configure, running
from support.alertmanager_server import alertmanager
from support.servers import until

DOG = {"alertname": "Watchdog"}


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
            refused = await watched.engine.execute(
                "alert.acknowledge-and-silence",
                {"alert": row.fingerprint, "for": "1h", "comment": "c", "confirm": "yes"},
            )
            # It may well be there: nobody says that it is gone.
            assert not refused.ok
            assert f"nobody can say now whether this alert is still there: {server.url} does not answer" in refused.text
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
        "silence.intended",
        "silence.created",
        "silence.lost",
        "silence.intended",
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


async def test_alerting_stays_blind_since_then_when_a_session_begins_without_alertmanager(tmp_path: Path) -> None:
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        server.fire(DOG)
        async with running(tmp_path) as watched:
            await watched.row(AlertState.FIRING, DOG)
            watched.clock.ahead = timedelta(hours=2)  # two hours of rounds in which it was there
            seen = datetime.now(UTC) + timedelta(hours=2)
            await watched.until(lambda alerts: any(each.seen_at >= seen for each in alerts.listed))
        server.kill()
        for later in (3, 4):  # the second session knows it of the first
            async with running(tmp_path) as again:
                again.clock.ahead = timedelta(hours=later)
                found = await again.until(lambda alerts: alerts.blind_since is not None)
                assert found.blind_since is not None
                assert abs(found.blind_since - seen) < timedelta(minutes=2)
                (row,) = [each for each in found.listed if each.name == "Watchdog"]
                assert abs(row.seen_at - seen) < timedelta(minutes=2)
                await asyncio.to_thread(until, lambda of=again: "alerting.blind" in [e.kind for e in of.journal()], 10)
        (told,) = [each for each in again.journal() if each.kind == "alerting.blind"]
        assert abs(told.occurred_at - seen) < timedelta(minutes=2)
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


async def test_a_silence_that_cannot_be_ended_is_tried_again_after_five_minutes_and_not_in_every_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    rounds: list[None] = []
    one_round = AlertsWing._end_quiet

    async def refuse(desk: SilenceDesk, id: str, *rest: object) -> Silenced:
        tries.append(id)
        raise CommandRefused("it says no")

    async def counted(self: AlertsWing, reader: AlertReader) -> None:
        await one_round(self, reader)
        rounds.append(None)

    monkeypatch.setattr(silencing, "expire", refuse)
    monkeypatch.setattr(AlertsWing, "_end_quiet", counted)
    with alertmanager(tmp_path / "am") as server:
        configure(tmp_path, server)
        server.fire(API)
        async with running(tmp_path) as watched:
            row = await watched.row(AlertState.FIRING)
            given = {"alert": row.fingerprint, "for": "6h", "comment": "mine", "confirm": "yes"}
            assert (await watched.engine.execute("alert.acknowledge-and-silence", given)).ok
            await watched.row(AlertState.SILENCED)
            server.resolve(API)
            await watched.until(lambda alerts: not any(each.there for each in alerts.listed))
            for minutes, wanted in ((5.1, 1), (10.2, 2)):
                watched.clock.ahead = timedelta(minutes=minutes)
                await asyncio.to_thread(until, lambda n=wanted: len(tries) == n, 15, "the try")
                before = len(rounds)
                await asyncio.to_thread(until, lambda n=before: len(rounds) >= n + 3, 15, "three more rounds")
                assert len(tries) == wanted


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
