"""Queries of screens as of a past moment, and a store that was written before anything was kept for the time machine."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.incidents.queries import OneIncident, TimelinePage
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.past.asking import AskedThen
from artisan_tui.engine.past.snapshots import PastSnapshot
from artisan_tui.engine.past.steps import SETTLED, ChangeBeside
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.store.model import table
from artisan_tui.store.shown import ShownBriefly, ShownRow
from artisan_tui.store.store import Store
from engine.test_engine_past import simulate
from support.past_world import Recorded


def test_what_a_screen_asks_is_answered_as_of_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(recorded: Recorded) -> None:
        engine, first = recorded.engine, recorded.snapshots[0].at
        then = first + timedelta(minutes=8)
        incident = recorded.at(then)[IncidentSlice].open[0].incident
        assert await AskedThen(OneIncident(incident.id), then).run(engine) == incident
        piece = await AskedThen(TimelinePage((incident.id,)), then).run(engine)
        assert piece.events
        assert all(event.recorded_at <= then for event in piece.events)
        assert piece.events[0].kind == "incident.acknowledged"
        samples, _ = await AskedThen(CheckHistory("api.db", 3600), then).run(engine)
        assert samples
        assert max(sample.at for sample in samples) <= then
        assert await AskedThen(OneIncident(incident.id), first + timedelta(minutes=1)).run(engine) is None

    simulate(monkeypatch, tmp_path, check)


def test_steps_go_from_change_to_change_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(recorded: Recorded) -> None:
        engine, there = recorded.engine, []
        moment = recorded.clock.now()
        while (found := await ChangeBeside(moment).run(engine)) is not None:
            assert found < moment
            there.append(found)
            moment = found
        events = recorded.snapshots[-1][JournalSlice].events
        assert there[-1] == events[-1].recorded_at + SETTLED, "the first event"
        # Every event is within what some step shows as one change.
        for event in events:
            assert any(event.recorded_at <= step <= event.recorded_at + 2 * SETTLED for step in there)
        onward = there[-1]
        while (later := await ChangeBeside(onward, forward=True).run(engine)) is not None:
            assert later > onward
            onward = later
        assert onward == events[0].recorded_at + SETTLED

    simulate(monkeypatch, tmp_path, check)


def test_a_store_of_before_tells_states_from_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(recorded: Recorded) -> None:
        def forget(store: Store) -> bool:
            with store.writing() as transaction:
                for kind in (ShownRow, ShownBriefly):
                    transaction.connection.execute(delete(table(kind)))
            return True

        await asyncio.sleep(0)
        assert await recorded.engine.writer.store_thread.change(forget)
        for minute in (4.5, 8.0, 14.0, 33.0):
            then = recorded.at(recorded.snapshots[0].at + timedelta(minutes=minute))
            past = await PastSnapshot(then.at).run(recorded.engine)
            was = {view.id: view.health.state for view in then[CheckSlice].views}
            found = {view.id: view.health.state for view in past[CheckSlice].views}
            assert found == was, minute
            assert past[IncidentSlice].open == then[IncidentSlice].open
        down = await PastSnapshot(recorded.snapshots[0].at + timedelta(minutes=8)).run(recorded.engine)
        db = next(view for view in down[CheckSlice].views if view.id == "api.db")
        assert db.health.state is State.DOWN
        assert db.health.detail == "connection refused"

    simulate(monkeypatch, tmp_path, check)
