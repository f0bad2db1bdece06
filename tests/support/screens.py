"""An app under test: what is drawn, and waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from textual.pilot import Pilot
from textual.strip import Strip

from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.kit.lines import Lines


def strips(widget: Lines) -> list[Strip]:
    """Every line the widget has prepared: as drawn where it is in view, drawn now where it is not."""
    width, count = widget.virtual_size
    below = {
        n: widget.strip_at(n, width, widget._styles, widget.GROUND) for n in range(count) if n not in widget._drawn
    }
    return [widget._drawn[n] if n in widget._drawn else below[n] for n in range(count)]


def drawn(widget: Lines) -> list[str]:
    """The text of every line the widget has, also of those scrolled out of sight, trailing blanks removed."""
    return [strip.text.rstrip() for strip in strips(widget)]


def visible(app: ArtisanApp) -> list[str]:
    """The whole screen in front as text, with what lies under a dialog."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def settled(pilot: Pilot[Any]) -> None:
    """Until workers have ended and every message is handled."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def details_read(pilot: Pilot[Any]) -> None:
    """Until the board's details of what is selected have everything; at once where there is no room for them."""
    from artisan_tui.tui.checks.selected import SelectedPane

    board = pilot.app.screen_stack[0]
    if board.has_class("-tall"):
        await until(pilot, lambda: any(pane.shown and not pane.busy for pane in board.query(SelectedPane)))
        await settled(pilot)


async def until(pilot: Pilot[Any], so: Callable[[], bool]) -> None:
    """Let the app go on until ``so``; for what waits for a timer of Textual's own."""
    for _ in range(1000):
        if so():
            return
        await pilot.pause()
    raise AssertionError("it did not come about")


async def resized(pilot: Pilot[Any], width: int, height: int) -> None:
    """Make the terminal another size; Textual takes it a moment later."""
    await pilot.resize_terminal(width, height)
    await until(pilot, lambda: pilot.app.screen._compositor.size == (width, height))
    await pilot.pause()


async def show(pilot: Pilot[Any], picture: Snapshot) -> Snapshot:
    """Hand the app a snapshot as the engine does, and wait until it is on the screen."""
    cast("ArtisanApp", pilot.app).receive(picture)
    await pilot.pause()
    return picture
