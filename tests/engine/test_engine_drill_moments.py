"""When a tick of a drill was: what the journal says, and what lies between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.domain.drills.events import DrillEnded, DrillMessageArrived, DrillPaused, DrillResumed
from artisan_tui.engine.drills.moments import KnownTick, known_ticks, moment_of, tick_of
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

BEGAN = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


#: At twice the speed to tick 60, ten minutes of standing still, then at four times the speed.
KNOWN = (
    KnownTick(0, later(0)),
    KnownTick(60, later(30), stands=True),
    KnownTick(60, later(630)),
    KnownTick(100, later(640)),
)


@pytest.mark.parametrize(
    ("tick", "seconds"), [(0, 0), (20, 10), (60, 30), (61, 630.25), (80, 635), (100, 640), (140, 660)]
)
def test_a_tick_is_a_moment_whatever_the_speed_was_and_however_long_it_stood_still(tick: int, seconds: float) -> None:
    assert moment_of(KNOWN, tick, 2.0) == later(seconds)


def test_before_the_first_known_tick_there_is_no_moment() -> None:
    assert moment_of(KNOWN[2:], 10, 1.0) is None
    assert moment_of((), 10, 1.0) is None


def test_the_journal_of_a_drill_knows_its_ticks(tmp_path: Path) -> None:
    with Store.open(StorePlace(tmp_path)) as store:
        for seconds, body in (
            (0, DrillResumed(tick=0)),
            (20, DrillMessageArrived(tick=40, message="customer")),
            (30, DrillPaused(tick=60, why="paused")),
            (90, DrillEnded(tick=60)),
        ):
            store.append([body.entry(later(seconds), "artisan", "quiet")], at=later(seconds))
        found = known_ticks(store)
    assert [(each.tick, each.stands) for each in found] == [(0, False), (40, False), (60, True), (60, False)]
    assert moment_of(found, 50, 2.0) == later(25)


@pytest.mark.parametrize(
    ("text", "tick"), [("+02:30", 150), ("+00:00", 0), ("+100:05", 6005), ("02:30", None), ("+2:75", None), ("+", None)]
)
def test_a_tick_is_written_as_the_debrief_writes_it(text: str, tick: int | None) -> None:
    assert tick_of(text) == tick
