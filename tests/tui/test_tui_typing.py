"""Keys that come in one piece, as over a slow link, change a line in the order in which they were pressed."""

from __future__ import annotations

from typing import Any, cast

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.tui.app import ArtisanApp
from support.budgets import board
from support.screens import settled, show
from support.snapshots import make_app


async def burst(pilot: Pilot[Any], *keys: str) -> str:
    """The line that has the focus, after ``keys`` arrived before any of them was handled."""
    for key in keys:
        pilot.app.post_message(events.Key(key, {"backspace": "\x7f"}.get(key, key)))
    await settled(pilot)
    await pilot.pause()
    line = pilot.app.focused
    assert isinstance(line, Input)
    return line.value


@pytest.mark.parametrize("opened_by", ["journal.note", "incident.declare", "view.filter", "view.palette"])
async def test_a_backspace_is_before_the_letters_behind_it(opened_by: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, board())
        if opened_by == "view.palette":
            await pilot.press("colon")
        elif opened_by == "view.filter":
            await pilot.press("slash")
        else:
            await cast("ArtisanApp", pilot.app).action_artisan(opened_by)
        await pilot.pause()
        assert await burst(pilot, "a", "b", "backspace", "c") == "ac"
        assert await burst(pilot, "home", "x", "delete", "end", "y") == "xcy"
        assert await burst(pilot, "ctrl+u", "z") == "z"
