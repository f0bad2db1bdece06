"""Many changes, one picture: when it is published, and which of its parts count as changed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.drills.slice import DrillSlice, StackFault
from artisan_tui.engine.publisher import FIGURES, GATHER, QUIET, Publisher
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import JOURNAL, JournalSlice, SessionStatus, Snapshot
from support.clock import Hands


class Loop:
    """Stands in for the loop's clock: what was to be called, and when."""

    def __init__(self) -> None:
        self.now, self.calls = 0.0, list[Any]()

    def time(self) -> float:
        return self.now

    def call_later(self, within: float, work: Any) -> Any:
        handle = Handle(self.now + within, work)
        self.calls.append(handle)
        return handle

    def due(self) -> list[float]:
        return [handle.at for handle in self.calls if not handle.cancelled]


class Handle:
    def __init__(self, at: float, work: Any) -> None:
        self.at, self.work, self.cancelled = at, work, False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.cancelled = True


def publisher(pictures: list[Snapshot]) -> Publisher:
    """How a publisher is put together, with one slice that is made when a snapshot is due."""
    one = Publisher(Hands(), SessionStatus(), pictures.append)
    one.offer(CheckSlice, CheckSlice)
    return one


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    one = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: one)
    return one


@pytest.fixture
def pictures() -> list[Snapshot]:
    return []


@pytest.fixture
def one(loop: Loop, pictures: list[Snapshot]) -> Publisher:
    return publisher(pictures)


def event(seq: int) -> Event:
    return Event(Hands().now(), "j.park", "note", "", {}, seq=seq)


def test_changes_gather_into_one_picture(one: Publisher, loop: Loop, pictures: list[Snapshot]) -> None:
    made = []
    one.offer(CheckSlice, lambda: made.append(CheckSlice()) or made[-1])
    one.changed(CheckSlice)
    loop.now = GATHER / 2
    one.changed(CheckSlice)
    one.update_session(name="Shop")
    assert loop.due() == [GATHER]
    loop.calls[0].work()
    (picture,) = pictures
    assert (picture[SessionStatus].name, len(made)) == ("Shop", 1)
    assert picture[CheckSlice] is made[0]


def test_a_part_that_did_not_change_is_the_same_object(one: Publisher, loop: Loop, pictures: list[Snapshot]) -> None:
    one.now()
    one.update_session(name="Shop")
    one.now()
    one.changed(CheckSlice)
    one.now()
    first, second, third = pictures
    assert first[CheckSlice] is second[CheckSlice]
    assert first[SessionStatus] is not second[SessionStatus]
    assert third[CheckSlice] is not second[CheckSlice]
    assert third[SessionStatus] is second[SessionStatus]
    assert first[SloSlice] is third[SloSlice], "an empty one stands for what was never published"


def test_what_the_board_does_not_show_waits_and_goes_along_with_what_it_does(one: Publisher, loop: Loop) -> None:
    one.changed(CheckSlice, within=QUIET)
    assert loop.due() == [QUIET]
    one.changed(CheckSlice, within=QUIET)
    assert loop.due() == [QUIET]
    loop.now = 1.0
    one.changed(CheckSlice)
    assert loop.due() == [1.0 + GATHER]
    one.changed(CheckSlice, within=QUIET)
    assert loop.due() == [1.0 + GATHER]


def test_figures_wait_for_more_of_them_and_go_along_with_news(one: Publisher, loop: Loop) -> None:
    one.changed(CheckSlice, within=QUIET)
    one.changed(CheckSlice, within=FIGURES)
    assert loop.due() == [FIGURES]
    loop.now = FIGURES / 2
    one.changed(CheckSlice, within=FIGURES)
    assert loop.due() == [FIGURES], "the first of them does not wait for the next"
    one.changed(CheckSlice, within=GATHER)
    assert loop.due() == [FIGURES / 2 + GATHER]


def test_what_is_as_before_is_no_change(one: Publisher, loop: Loop) -> None:
    for value in (DrillSlice(), SloSlice(), AlertSlice()):
        one.put(value)
    one.now()
    one.update_session(name="")
    for value in (DrillSlice(), SloSlice(), AlertSlice()):
        one.put(value)
    one.unwritten_are([])
    assert loop.due() == []
    one.put(DrillSlice((StackFault("a", "A", "", True),)))
    one.put(DrillSlice((StackFault("a", "A", "", True),)))
    assert len(loop.due()) == 1


def test_the_journal_is_newest_first_and_bounded_and_what_is_not_written_stands_before_it(
    one: Publisher, pictures: list[Snapshot]
) -> None:
    one.events_came([event(2), event(1)])
    one.events_came([event(n) for n in range(JOURNAL, 2, -1)])
    one.unwritten_are([event(0)])
    one.now()
    (picture,) = pictures
    assert [each.seq for each in picture[JournalSlice].events] == [0, *range(JOURNAL, 1, -1)]
    one.events_replaced([event(9)])
    one.unwritten_are([])
    one.now()
    assert [each.seq for each in pictures[-1][JournalSlice].events] == [9]


def test_to_publish_now_leaves_nothing_to_come(one: Publisher, loop: Loop, pictures: list[Snapshot]) -> None:
    one.changed(CheckSlice)
    one.now()
    assert (loop.due(), len(pictures)) == ([], 1)
