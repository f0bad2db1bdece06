"""A screen that comes to the front is painted when it is whole, and once: a slow link carries every painting."""

from __future__ import annotations

import pytest
from textual.geometry import Region

from artisan_tui.tui.kit.screen import ArtisanScreen
from support.screens import settled, show
from support.snapshots import happenings, make_app, scene, snapshot
from support.wire import Wire

SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["question_mark", "2", "3", "4", "6", "J", "n", "D"])
async def test_what_a_key_opens_is_painted_whole_and_once(size: tuple[int, int], key: str) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        await pilot.press(key)
        await settled(pilot)
        written = wire.read()
        assert not (isinstance(app.screen, ArtisanScreen) and app.screen.place.id == "board")  # something opened
        assert wire.shown() == wire.believed()
        whole = sum(len(line.text) for line in app.screen._compositor.render_strips())
        # With the styles and the positions, a screen has two to three times as many bytes as it has cells.
        assert len(written) < 3.5 * whole, len(written) / whole


async def test_the_help_is_never_seen_empty() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        await pilot.press("question_mark")
        await settled(pilot)
        first = next(each for each in wire._written if "closes" in each)
        assert "All screens" in first


@pytest.mark.parametrize("key", ["", "question_mark", "2"])
async def test_a_window_of_another_size_is_painted_anew(key: str) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await pilot.press(*([key] if key else []))
        await settled(pilot)
        await pilot.resize_terminal(100, 30)
        await settled(pilot)
        wire = await Wire(pilot).attach()
        assert wire.shown() == wire.believed()
        assert [len(line) for line in wire.shown()] == [100] * 30


async def test_what_waited_to_be_painted_in_a_larger_window_is_painted_in_the_smaller_one() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        compositor = app.screen._compositor
        compositor._dirty_regions.update([Region(0, 20, 300, 80), Region(200, 90, 10, 1)])
        update = compositor.render_partial_update()
        assert update is not None
        assert {y for y, _left, _right in update.spans} == {20, 21, 22, 23}
        app._display(app.screen, update)
        assert wire.shown() == wire.believed()
