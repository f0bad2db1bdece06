"""What is seen around a dialog: the screen below it, dimmed, as Textual draws it; and drawn anew only where it changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import _RenderCache

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.kit import backdrop
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.dialog import Dialog
from support.screens import resized, settled, show, until
from support.snapshots import (
    DEMO,
    check,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
    with_check,
)
from support.wire import Cells, Wire

DETAILS = ("ok", "가나다라마바사", "x가나다라마바사", "e\u0301 start", "🚀 up", "no answer in 5s", "")


@contextmanager
def as_textual_draws(app: ArtisanApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every screen is drawn from nothing, dialogs by Textual's own method; afterwards ours have what they had."""
    dialogs = [each for each in app.screen_stack if isinstance(each, Dialog)]
    kept = [(each, each._render_cache, set(each._dirty_regions)) for each in dialogs]
    with monkeypatch.context() as patched:
        patched.setattr(Dialog, "_render_content", ModalScreen._render_content)
        for screen in app.screen_stack:
            screen._dirty_regions.add(screen.size.region)
            screen._styles_cache.clear()
        for each in dialogs:
            each._render_cache = _RenderCache(each.size, [])
        visible_screen_stack.set(app._background_screens)  # as the compositor does before it draws
        yield
    for each, cache, dirty in kept:
        each._render_cache = cache
        each._dirty_regions.clear()
        each._dirty_regions.update(dirty)
        each._styles_cache.clear()


def expected(wire: Wire, app: ArtisanApp, monkeypatch: pytest.MonkeyPatch) -> list[Cells]:
    with as_textual_draws(app, monkeypatch):
        return seen(wire.believed())


def seen(rows: list[Cells]) -> list[Cells]:
    """Without the colour of letters where there is none: padding has one or has not."""
    return [[(cell[0], "", *cell[2:]) if cell[0] == " " and not cell[5] else cell for cell in row] for row in rows]


async def painted(pilot: Pilot[Any], wire: Wire, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """The terminal shows what Textual would draw; what changed below is painted a moment after the change."""
    await settled(pilot)
    await settled(pilot)
    assert seen(wire.shown()) == expected(wire, cast("ArtisanApp", pilot.app), monkeypatch), when


def drawn(wire: Wire, app: ArtisanApp) -> list[Cells]:
    """What the app draws, of what it has drawn already."""
    wire._lines.clear()  # of a terminal of another width
    visible_screen_stack.set(app._background_screens)
    return seen(wire.believed())


async def changed_below(pilot: Pilot[Any], before: Snapshot, dice: random.Random, step: int) -> Snapshot:
    """Something happens on the board."""
    old = dice.choice(before[CheckSlice].views)
    fresh = check(old.id, dice.choice(list(State)), detail=dice.choice(DETAILS), minutes=dice.choice([1, 50, 5000]))
    picture = with_check(before, fresh)
    if dice.random() < 0.3:
        picture = newer(picture, journal=(event("note", text=dice.choice(DETAILS) or "-", minutes=0, seq=900 + step),))
    return await show(pilot, picture)


@pytest.mark.parametrize("keys", [("n",), ("question_mark",), ("colon",), ("question_mark", "another")])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_screen_behind_a_dialog_is_what_textual_would_draw(
    size: tuple[int, int], keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(f"{size}{keys}")
    app = make_app(DEMO)
    async with app.run_test(size=size) as pilot:
        before = await show(pilot, snapshot(scene(), happenings(), session_status=session_status(demo=True)))
        wire = await Wire(pilot).attach()
        for key in keys:
            if key == "another":
                await app.show_dialog(Ask("Another", "Above it", "Two dialogs, one over the other"))
            else:
                await pilot.press(key)
            await settled(pilot)
        dialog = app.screen
        assert len(app.screen_stack) == 1 + len(keys)
        undimmed = [cell[1:3] for row in wire.believed() for cell in row]
        for step in range(12):
            before = await changed_below(pilot, before, dice, step)
            assert app.screen is dialog
            await painted(pilot, wire, monkeypatch, f"step {step}")
        app.switch_theme()
        await settled(pilot)
        await painted(pilot, wire, monkeypatch, "another theme")
        assert [cell[1:3] for row in wire.believed() for cell in row] != undimmed
        before = await changed_below(pilot, before, dice, 90)
        await painted(pilot, wire, monkeypatch, "after another theme")
        for other in ((100, 30), (60, 20), size):
            await resized(pilot, *other)
            before = await changed_below(pilot, before, dice, sum(other))
            # Textual takes another size in several turns; what is stale stays so.
            await until(pilot, lambda: drawn(wire, app) == expected(wire, app, monkeypatch))


async def test_the_screen_behind_a_dialog_is_dimmed_and_the_box_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(demo=True)))
        wire = await Wire(pilot).attach()
        before = wire.shown()
        await pilot.press("n")
        await settled(pilot)
        after = wire.shown()
        top = before[0], after[0]
        assert [cell[0] for cell in top[0]] == [cell[0] for cell in top[1]], "the same words"
        changed = [(one[1], one[2]) != (other[1], other[2]) for one, other in zip(*top, strict=True)]
        assert all(changed), "in other colours"


async def test_only_the_lines_that_changed_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Strip] = []
    original = backdrop._line

    def counted(*arguments: Any) -> Strip:
        lines.append(original(*arguments))
        return lines[-1]

    monkeypatch.setattr(backdrop, "_line", counted)
    app = make_app(DEMO)
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot(scene(), session_status=session_status(demo=True)))
        view = before[CheckSlice].views[0]
        before = await show(pilot, with_check(before, check(view.id, State.DOWN, detail="refused")))
        await pilot.press("n")
        await settled(pilot)
        assert len(lines) >= 24, "all of it at first"
        lines.clear()
        await show(pilot, with_check(before, check(view.id, State.DOWN, detail="timed out")))
        assert 0 < len(lines) <= 4
        lines.clear()
        await pilot.press("a", "b", "c")
        await settled(pilot)
        assert lines == [], "what is typed changes nothing behind"
