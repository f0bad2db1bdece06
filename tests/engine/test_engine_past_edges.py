"""Past moments at the edges: before everything, exactly on an event, in a changed hour, still to come; and of a drill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from artisan_tui.domain.shown import ShownPiece
from artisan_tui.engine.checks.slice import CheckSlice, UptimeSlice
from artisan_tui.engine.drills import then as drills
from artisan_tui.engine.drills.slice import DrillMessage, DrillSlice, DrillTruth, LiveDrillSlice, StackFault
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.past.keeping import ShownKeeping
from artisan_tui.engine.past.kinds import Then
from artisan_tui.engine.past.snapshots import PastSnapshot
from artisan_tui.engine.past.steps import ChangeBeside
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from engine.test_engine_past import simulate
from support.past_world import Recorded, differences

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def test_moments_at_the_edges_of_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(recorded: Recorded) -> None:
        engine = recorded.engine
        events = recorded.snapshots[-1][JournalSlice].events

        # Before the first event nothing was there: no check, no incident, no line of the journal.
        before = await PastSnapshot(recorded.snapshots[0].at - timedelta(days=400)).run(engine)
        assert (before[JournalSlice].events, before[CheckSlice].views) == ((), ())
        assert (before[IncidentSlice].open, before[IncidentSlice].recent, before[RunSlice].active) == ((), (), ())
        assert not before[UptimeSlice].checks
        assert await ChangeBeside(before.at).run(engine) is None, "no step leads before the first event"

        # An event belongs to the moment at which it was written, and to none before.
        for event in (events[3], events[len(events) // 2], events[-3]):
            on = await PastSnapshot(event.recorded_at).run(engine)
            assert event in on[JournalSlice].events
            just = await PastSnapshot(event.recorded_at - MICROSECOND).run(engine)
            assert event not in just[JournalSlice].events

        # A moment that is still to come knows what is known now, and nothing is made up.
        last = recorded.snapshots[-1]
        ahead = await PastSnapshot(last.at + timedelta(days=1)).run(engine)
        assert ahead[JournalSlice].events == last[JournalSlice].events
        assert [each.id for each in ahead[CheckSlice].views] == [each.id for each in last[CheckSlice].views]
        assert await ChangeBeside(ahead.at, forward=True).run(engine) is None

        # The same moment in another offset is the same moment.
        half = recorded.at(last.at - timedelta(minutes=10)).at
        assert not differences(
            await PastSnapshot(half).run(engine),
            await PastSnapshot(half.astimezone(engine.config.zone)).run(engine),  # type: ignore[union-attr]
        )

    simulate(monkeypatch, tmp_path, check)


class _Kept:
    """What a leading session keeps of snapshots, and a `Then` made of it."""

    def __init__(self) -> None:
        self.pieces: dict[str, ShownPiece] = {}
        self._keeping = ShownKeeping(lambda: 1, lambda found: self.pieces.update((each.name, each) for each in found))

    def show(self, at: datetime, *slices: object) -> None:
        self._keeping.take(Snapshot(at, {type(each): each for each in slices}))

    def past(self, at: datetime) -> dict[type, Any]:
        nothing = cast(Any, None)
        then = Then(at, 0, nothing, nothing, UTC, nothing, nothing, self.pieces, {}, nothing, {}, False, {})
        return {type(each): each for each in drills.past(then)}


def test_a_past_drill_is_shown_as_it_was_and_its_truth_is_not_kept() -> None:
    kept = _Kept()
    stack = DrillSlice((StackFault("slow", "Slow", "all is slow", True),))
    message = DrillMessage("m1", 30, "kim", "ops", "what is it?", 90)
    live = LiveDrillSlice(
        "d1", "Drill", tick=30, ends=600, speed=2.0, state="runs", messages=(message,), conducts=True,
        truth=DrillTruth("the disk is full"),
    )  # fmt: skip
    kept.show(AT, stack, live)
    kept.show(AT + timedelta(seconds=1), stack, live._replace(tick=32))
    past = kept.past(AT + timedelta(seconds=10))
    assert past[DrillSlice] == stack
    assert past[LiveDrillSlice] == live._replace(tick=50, conducts=False, truth=None)
    assert kept.past(AT + timedelta(hours=1))[LiveDrillSlice].tick == 600, "no tick after the end"
    kept.show(AT + timedelta(seconds=20), stack, live._replace(state="paused", tick=70))
    assert kept.past(AT + timedelta(hours=1))[LiveDrillSlice].tick == 70
    assert _Kept().past(AT) == {DrillSlice: DrillSlice(), LiveDrillSlice: LiveDrillSlice()}
