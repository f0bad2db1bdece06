"""How many bytes a change costs: what did not change is not sent."""

from __future__ import annotations

from typing import Any

import pytest
from textual.message import Message
from textual.widget import Widget

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import JournalSlice, SessionStatus
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.messages import SnapshotArrived
from support.repaint_rows import rows_painted
from support.screens import settled, show, visible
from support.snapshots import (
    FAULTS,
    FakeClock,
    FakeHost,
    check,
    check_samples,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
    ticks,
    with_check,
)
from support.wire import Wire


async def test_a_newer_picture_of_the_same_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    app = make_app(clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings(), faults=FAULTS))
        wire = await Wire(pilot).attach()
        refreshed: list[Widget] = []
        original = Widget.refresh

        def counted(self: Widget, *regions: Any, **options: Any) -> Widget:
            refreshed.append(self)
            return original(self, *regions, **options)

        monkeypatch.setattr(Widget, "refresh", counted)
        for _ in range(5):
            clock.tick(2)
            before = await show(pilot, newer(before, at=clock.now(), answered_at=clock.now()))
        assert refreshed == []
        assert wire.read() == ""


async def test_the_same_in_equal_but_new_objects_sends_nothing() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        first = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        await show(pilot, newer(first, checks=scene(), journal=happenings(), session_status=session_status()))
        assert wire.read() == ""


async def test_an_open_check_that_stands_still_sends_nothing() -> None:
    clock = FakeClock()
    app = make_app(clock=clock, host=FakeHost(samples=check_samples("api.health")))
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        wire = await Wire(pilot).attach()
        for _ in range(3):
            clock.tick(1)
            before = await show(pilot, newer(before))
        assert wire.read() == ""


async def test_one_row_that_changed_is_all_that_is_sent() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        old = next(view for view in before[CheckSlice].views if view.id == "postgres.up")
        line = next(y for y, text in enumerate(visible(app)) if "postgres" in text)
        await show(pilot, with_check(before, old._replace(shown_latency=0.91, strip=(*old.strip[1:], ticks(0.9)[0]))))
        written = wire.read()
        assert rows_painted(written) == {line}
        assert "postgres" not in written  # the name did not change
        assert len(written) < 300
        assert wire.shown() == wire.believed()


async def test_a_typical_changed_poll_stays_below_two_kilobytes() -> None:
    """Sixteen checks, every latency and every strip moved on."""
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        moved = tuple(
            view._replace(
                shown_latency=view.shown_latency and view.shown_latency * 1.3,
                strip=(*view.strip[1:], view.strip[-1]),
            )
            for view in before[CheckSlice].views
        )
        await show(pilot, newer(before, checks=moved))
        written = wire.read()
        assert 0 < len(written.encode()) <= 2000
        assert wire.shown() == wire.believed()


async def test_a_new_journal_line_leaves_the_services_alone() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        top = next(y for y, text in enumerate(visible(app)) if text.startswith(" Journal"))
        noted = event("note", text="새 메모", minutes=0.1, actor="j.park", seq=9)
        await show(pilot, newer(before, journal=(noted, *before[JournalSlice].events)))
        assert min(rows_painted(wire.read())) > top
        assert wire.shown() == wire.believed()


async def test_a_key_that_moves_the_selection_sends_two_rows() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        await pilot.press("down")
        await pilot.pause()
        assert rows_painted(wire.read()) == {2, 3}
        assert wire.shown() == wire.believed()


async def test_a_burst_collapses_into_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Message] = []
    drawings = 0
    app = make_app()
    async with app.run_test(size=(120, 40), message_hook=seen.append) as pilot:
        before = await show(pilot, snapshot(scene()))
        seen.clear()
        original = Board.show_snapshot

        def counted(self: Board, *arguments: Any, **options: Any) -> None:
            nonlocal drawings
            drawings += 1
            original(self, *arguments, **options)

        monkeypatch.setattr(Board, "show_snapshot", counted)
        for _ in range(500):
            before = newer(before)
            app.receive(before)
        await pilot.pause()
        handled = [m for m in seen if isinstance(m, SnapshotArrived)]
        assert handled[-1].snapshot is before
        assert app.snapshot is before
        assert len(handled) <= 3
        assert drawings <= 3


async def test_a_picture_that_comes_while_a_screen_is_being_made_waits_for_it() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        for _ in range(5):
            app.open("check", check_id="api.health")
            before = newer(
                before,
                session_status=session_status(language="ko" if app.snapshot[SessionStatus].language == "en" else "en"),
            )
            app._snapshot_arrived(SnapshotArrived(before))  # in the same turn of the loop
            await settled(pilot)
            assert "api.health" in visible(app)[1]
            await pilot.press("escape")
            await pilot.pause()
        assert app.snapshot is before


async def test_a_burst_does_not_swallow_an_outage() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot([check("a.b"), check("c.d")]))
        wire = await Wire(pilot).attach()
        down = with_check(before, check("a.b", State.DOWN))
        for picture in (down, with_check(down, check("c.d", latency=0.9)), newer(newer(newer(down)))):
            app.receive(picture)
        await pilot.pause()
        assert wire.read().count("\a") == 1
