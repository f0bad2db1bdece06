"""What two clocks say between two beats, and who writes it down."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from artisan_tui.domain.checks.observer import Suspicion
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.engine.leadership import SessionRole
from artisan_tui.engine.ticker import BEAT, JUMPED, STOOD_STILL, Ticker
from support.clock import Hands


class Surroundings:
    """What a beat asks, and what it finds. One function, `ticker`, knows how the two are put together."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.found: list[Entry] = []
        self.session_role = SessionRole.LEADER
        self.windows: tuple[Window, ...] = ()
        self.declared: set[str] = set()
        self.suspicion: Suspicion | None = None
        self.aged = ([], False)  # type: tuple[list[Entry], bool]
        self.quietly: list[bool] = []
        self.arranged = 0
        self.published = 0
        self.shown: dict[str, object] = {}

    def age(self, *, quietly: bool) -> tuple[list[Entry], bool]:
        self.quietly.append(quietly)
        return list(self.aged[0]), self.aged[1]

    def arrange(self) -> None:
        self.arranged += 1

    def publish(self) -> None:
        self.published += 1

    def kinds(self) -> list[str]:
        """What was found since the last question."""
        found, self.found = [entry.kind for entry in self.found], []
        return found


def ticker(around: Surroundings) -> Ticker:
    engine: Any = SimpleNamespace(
        clock=around.clock,
        judge=SimpleNamespace(age=around.age, suspicion=lambda: around.suspicion),
        orders=SimpleNamespace(
            windows=lambda now: around.windows, declared=lambda window_id, now: window_id in around.declared
        ),
        publisher=SimpleNamespace(checks_changed=around.publish, update_session=around.shown.update),
        journal_follower=SimpleNamespace(find=lambda entries, changed=(): around.found.extend(entries)),
        arrange=around.arrange,
    )
    # Read at every beat, as the engine's is.
    engine.leadership = type("Lead", (), {"duty": property(lambda self: around.session_role)})()
    return Ticker(engine)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def beating(around: Surroundings) -> Ticker:
    """Its first beat is over: what was so before is no news."""
    one = ticker(around)
    one.beat(BEAT, BEAT)
    assert around.kinds() == []
    return one


@pytest.mark.parametrize(
    ("missed", "passed", "said"),
    [
        (BEAT, BEAT, {}),
        (BEAT, BEAT + JUMPED, {}),
        (BEAT, BEAT + JUMPED + 1, {"clock.jumped": 31}),
        (BEAT, BEAT - JUMPED - 1, {"clock.jumped": -31}),
        (STOOD_STILL, STOOD_STILL, {}),
        (STOOD_STILL + 1, STOOD_STILL + 1, {"session.stood-still": 11}),
        (3600, 3600, {"session.stood-still": 3600}),
        # Asleep, where the monotonic clock goes on, and set meanwhile.
        (3600, 7200, {"session.stood-still": 3600, "clock.jumped": 3600}),
    ],
)
def test_what_the_clocks_say(
    around: Surroundings, beating: Ticker, missed: float, passed: float, said: dict[str, int]
) -> None:
    beating.beat(missed, passed)
    assert {entry.kind: entry.body["seconds"] for entry in around.found} == said


def test_who_stood_still_does_not_tell_check_by_check(around: Surroundings, beating: Ticker) -> None:
    around.quietly.clear()
    beating.beat(BEAT, BEAT)
    beating.beat(STOOD_STILL + 1, STOOD_STILL + 1)
    assert around.quietly == [False, True]


@pytest.mark.parametrize(
    ("duty", "writes"), [(SessionRole.LEADER, True), (SessionRole.STANDALONE, True), (SessionRole.FOLLOWER, False)]
)
def test_who_follows_writes_down_nothing(
    around: Surroundings, beating: Ticker, session_role: SessionRole, writes: bool
) -> None:
    around.session_role = session_role
    beating.beat(3600, 3600)
    assert bool(around.kinds()) is writes


def test_a_window_is_told_when_it_begins_and_when_it_is_over(around: Surroundings, beating: Ticker) -> None:
    now = around.clock.now()
    around.windows = (Window("night", ("api",), "upgrade", now, now),)
    beating.beat(BEAT, BEAT)
    (entry,) = around.found
    assert (entry.kind, entry.subject) == ("maintenance.began", "night")
    assert entry.body == {"reason": "upgrade", "covers": ["api"]}
    around.kinds()
    beating.beat(BEAT, BEAT)
    assert around.kinds() == []
    around.windows = ()
    beating.beat(BEAT, BEAT)
    assert around.kinds() == ["maintenance.over"]


def test_a_window_that_was_there_before_the_session_is_no_news(around: Surroundings) -> None:
    now = around.clock.now()
    around.windows = (Window("night", (), "upgrade", now, now),)
    ticker(around).beat(BEAT, BEAT)
    assert around.kinds() == []


def test_a_window_declared_from_the_screen_has_an_entry_already(around: Surroundings, beating: Ticker) -> None:
    now = around.clock.now()
    around.windows, around.declared = (Window("mine", (), "now", now, now),), {"mine"}
    beating.beat(BEAT, BEAT)
    around.windows = ()
    beating.beat(BEAT, BEAT)
    assert around.kinds() == []


def test_a_suspicion_is_told_once_and_so_is_its_end(around: Surroundings, beating: Ticker) -> None:
    around.suspicion = Suspicion(9, 10, 990.0)
    beating.beat(BEAT, BEAT)
    beating.beat(BEAT, BEAT)
    assert around.shown["suspicion"] == Suspicion(9, 10, 990.0)
    assert around.kinds() == ["observer.suspect"]
    around.suspicion = None
    beating.beat(BEAT, BEAT)
    beating.beat(BEAT, BEAT)
    assert around.kinds() == ["observer.cleared"]


def test_a_picture_is_published_only_when_time_changed_something(around: Surroundings, beating: Ticker) -> None:
    before = around.published
    beating.beat(BEAT, BEAT)
    assert around.published == before
    around.aged = ([], True)
    beating.beat(BEAT, BEAT)
    assert around.published == before + 1
