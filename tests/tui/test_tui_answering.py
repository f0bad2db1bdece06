"""A key is answered first: what else there is to draw waits, is drawn once, and only as far as it is seen."""

from __future__ import annotations

import pytest
from textual._context import visible_screen_stack
from textual.screen import ModalScreen

from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.garbage import ANSWERED, GarbageCollection
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.cells import Run
from artisan_tui.tui.help import Help
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.messages import SnapshotArrived
from artisan_tui.tui.runbooks.steps import StepList
from support.run_host import RunHost, RunScene
from support.run_line import sim_book, sim_step
from support.run_world import RUN
from support.screens import settled, show, until
from support.snapshots import FakeClock, make_app, newer, scene, snapshot, with_check


class Begun(GarbageCollection):
    """Puts off as in the program, and leaves the collector of the tests alone."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = True


@pytest.fixture
def garbage(monkeypatch: pytest.MonkeyPatch) -> Begun:
    found = Begun()
    monkeypatch.setattr("artisan_tui.tui.app.GARBAGE", found)
    monkeypatch.setattr("artisan_tui.engine.garbage.gc", type("Quiet", (), {"disable": int, "enable": int}))
    return found


async def test_a_snapshot_waits_until_what_a_key_does_is_painted(
    garbage: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(clock=FakeClock())
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        shown: list[int] = []
        original = Board.show_snapshot

        def heard(self: Board, value: Snapshot | None, *, everything: bool = False) -> None:
            shown.append(id(value))
            original(self, value, everything=everything)

        monkeypatch.setattr(Board, "show_snapshot", heard)
        first, second = newer(before), newer(before)
        await pilot.press("down")
        assert garbage.puts_off
        app.post_message(SnapshotArrived(first))
        app.post_message(SnapshotArrived(second))
        await pilot.pause(0)
        assert id(first) not in shown
        assert id(second) not in shown, "a snapshot was drawn while a key waited"
        await until(pilot, lambda: id(second) in shown)
        assert id(first) not in shown, "what is old already was drawn too"
        assert not garbage.puts_off
        assert app.snapshot is second


async def test_what_waited_is_not_drawn_over_what_is_newer(garbage: Begun) -> None:
    app = make_app(clock=FakeClock())
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        first, second = newer(before), newer(before)
        await pilot.press("down")
        app.post_message(SnapshotArrived(first))
        await pilot.pause(0)
        garbage.answered()
        app.post_message(SnapshotArrived(second))
        app._go_on()
        await pilot.pause(2 * ANSWERED)
        assert app.snapshot is second


async def test_below_a_dialog_only_what_is_seen_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(clock=FakeClock())
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        await pilot.press("4")
        await settled(pilot)
        over = app.screen
        await pilot.press("question_mark")
        await settled(pilot)
        drawn: list[object] = []
        original = ArtisanScreen.show_snapshot

        def heard(self: ArtisanScreen, value: Snapshot | None, *, everything: bool = False) -> None:
            drawn.append(self)
            original(self, value, everything=everything)

        monkeypatch.setattr(ArtisanScreen, "show_snapshot", heard)
        await show(pilot, newer(before))
        assert drawn == [over]


async def test_around_a_dialog_is_what_textual_would_draw_there() -> None:
    app = make_app(clock=FakeClock())
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        await pilot.press("question_mark")
        await settled(pilot)
        dialog = app.screen
        assert isinstance(dialog, Help)
        for view in before[CheckSlice].views[:3]:
            before = await show(pilot, with_check(before, view._replace(name=f"other {view.id}")))
            ours = [strip.crop(0, 120) for strip in dialog._render_cache.lines]
            visible_screen_stack.set(app._background_screens)
            ModalScreen._render_content(dialog)
            theirs = dialog._render_cache.lines
            assert [(line.text, [each.style for each in line]) for line in ours] == [
                (line.text, [each.style for each in line]) for line in theirs
            ]


async def test_of_a_long_run_the_lines_in_view_are_made_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    held = RunScene(book=sim_book(*(sim_step(f"s{n}") for n in range(200))))
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), runs=held.slice()))
        await app.open("run", run_id=RUN)
        await settled(pilot)
        made: list[int] = []
        original = StepList._row

        def row(self: StepList, index: int, width: int) -> list[Run]:
            made.append(index)
            return original(self, index, width)

        monkeypatch.setattr(StepList, "_row", row)
        listed = app.screen.query_one(StepList)
        listed.redraw()
        assert 0 < len(made) <= listed.size.height


async def test_a_board_does_not_wait_for_a_key_of_another_board(garbage: Begun) -> None:
    garbage.pressed()  # that one ended before its key was painted
    app = make_app(clock=FakeClock())
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await show(pilot, snapshot(scene()))
        assert app.snapshot is shown
