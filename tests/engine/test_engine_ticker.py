"""What two clocks say between two ticks, what time alone changes, and who writes it down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from artisan_tui.domain.checks.observer import Suspicion
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.engine.access import Session
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.checks.wing import ChecksWing
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.ticker import JUMPED, STOOD_STILL, TICK
from artisan_tui.store.place import StorePlace
from support.clock import Hands


class Surroundings:
    """What a tick asks, and what it finds. `ticking` knows how the two are put together."""

    def __init__(self, folder: Path) -> None:
        self.clock = Hands()
        self.found: list[Entry] = []
        self.session_role = SessionRole.LEADER
        self.windows: tuple[Window, ...] = ()
        self.declared: set[str] = set()
        self.suspicion: Suspicion | None = None
        self.aged = ([], False)  # type: tuple[list[Entry], bool]
        self.quietly: list[bool] = []
        self.changed: list[type] = []
        self.engine = Engine(
            Options(folder / "artisan.toml", StorePlace(folder / "state"), Session("j.park")),
            lambda snapshot: None,
            self.clock,
        )

    def age(self, *, quietly: bool) -> tuple[list[Entry], bool]:
        self.quietly.append(quietly)
        return list(self.aged[0]), self.aged[1]

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        self.found.extend(entries)

    def kinds(self) -> list[str]:
        """What was found since the last question."""
        found, self.found = [entry.kind for entry in self.found], []
        return found

    async def beat(self, missed: float = TICK, passed: float = TICK) -> None:
        self.engine._leadership.role = self.session_role
        await self.engine._ticker.tick(missed, passed)


def ticking(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """An engine that does not run, its evaluator and its windows as the test says."""
    engine = around.engine
    evaluator, windows = engine.wing(ChecksWing).evaluator, engine.state(MaintenanceWindows)
    monkeypatch.setattr(evaluator, "age", around.age)
    monkeypatch.setattr(evaluator, "suspicion", lambda: around.suspicion)
    monkeypatch.setattr(windows, "windows", lambda now: around.windows)
    monkeypatch.setattr(windows, "declared", lambda window_id, now: window_id in around.declared)
    monkeypatch.setattr(engine._follower, "find", around.find)
    monkeypatch.setattr(engine._publisher, "changed", lambda kind, within=0.0: around.changed.append(kind))
    return around


@pytest.fixture
async def around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    return ticking(Surroundings(tmp_path), monkeypatch)


@pytest.fixture
async def beating(around: Surroundings) -> Surroundings:
    """Its first tick is over: what was so before is no news."""
    await around.beat()
    assert around.kinds() == []
    return around


@pytest.mark.parametrize(
    ("missed", "passed", "said"),
    [
        (TICK, TICK, {}),
        (TICK, TICK + JUMPED, {}),
        (TICK, TICK + JUMPED + 1, {"clock.jumped": 31}),
        (TICK, TICK - JUMPED - 1, {"clock.jumped": -31}),
        (STOOD_STILL, STOOD_STILL, {}),
        (STOOD_STILL + 1, STOOD_STILL + 1, {"session.stood-still": 11}),
        (3600, 3600, {"session.stood-still": 3600}),
        # Asleep, where the monotonic clock goes on, and set meanwhile.
        (3600, 7200, {"session.stood-still": 3600, "clock.jumped": 3600}),
    ],
)
async def test_what_the_clocks_say(beating: Surroundings, missed: float, passed: float, said: dict[str, int]) -> None:
    await beating.beat(missed, passed)
    assert {entry.kind: entry.body["seconds"] for entry in beating.found} == said


async def test_who_stood_still_does_not_tell_check_by_check(beating: Surroundings) -> None:
    beating.quietly.clear()
    await beating.beat()
    await beating.beat(STOOD_STILL + 1, STOOD_STILL + 1)
    assert beating.quietly == [False, True]


@pytest.mark.parametrize(
    ("session_role", "writes"),
    [(SessionRole.LEADER, True), (SessionRole.STANDALONE, True), (SessionRole.FOLLOWER, False)],
)
async def test_who_follows_writes_down_nothing(beating: Surroundings, session_role: SessionRole, writes: bool) -> None:
    beating.session_role = session_role
    await beating.beat(3600, 3600)
    assert bool(beating.kinds()) is writes


async def test_a_window_is_told_when_it_begins_and_when_it_is_over(beating: Surroundings) -> None:
    now = beating.clock.now()
    beating.windows = (Window("night", ("api",), "upgrade", now, now),)
    await beating.beat()
    (entry,) = beating.found
    assert (entry.kind, entry.subject) == ("maintenance.began", "night")
    assert entry.body == {"v": 1, "reason": "upgrade", "covers": ["api"]}
    beating.kinds()
    await beating.beat()
    assert beating.kinds() == []
    beating.windows = ()
    await beating.beat()
    assert beating.kinds() == ["maintenance.over"]


async def test_a_window_that_was_there_before_the_session_is_no_news(around: Surroundings) -> None:
    now = around.clock.now()
    around.windows = (Window("night", (), "upgrade", now, now),)
    await around.beat()
    assert around.kinds() == []


async def test_a_window_declared_from_the_screen_has_an_entry_already(beating: Surroundings) -> None:
    now = beating.clock.now()
    beating.windows, beating.declared = (Window("mine", (), "now", now, now),), {"mine"}
    await beating.beat()
    beating.windows = ()
    await beating.beat()
    assert beating.kinds() == []


async def test_a_suspicion_is_told_once_and_so_is_its_end(beating: Surroundings) -> None:
    beating.suspicion = Suspicion(9, 10, 990.0)
    await beating.beat()
    await beating.beat()
    assert beating.engine.wing(ChecksWing)._slice().suspicion == Suspicion(9, 10, 990.0)
    assert beating.kinds() == ["observer.suspect"]
    beating.suspicion = None
    await beating.beat()
    await beating.beat()
    assert beating.kinds() == ["observer.cleared"]


async def test_a_picture_is_published_only_when_time_changed_something(beating: Surroundings) -> None:
    beating.changed.clear()
    await beating.beat()
    assert beating.changed == []
    beating.aged = ([], True)
    await beating.beat()
    assert beating.changed == [CheckSlice]
