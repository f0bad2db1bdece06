"""How soon the screen paints what changed, on the pinned Textual."""

from __future__ import annotations

import pytest
import textual.screen
from textual.app import App

from artisan_tui.tui.driver import PAINT_WITHIN, paint_soon


async def test_screens_paint_within_a_few_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textual.screen, "UPDATE_PERIOD", textual.screen.UPDATE_PERIOD)  # put back afterwards
    usual = textual.screen.UPDATE_PERIOD
    paint_soon()
    app: App[None] = App()
    async with app.run_test():
        assert app.screen._update_timer._interval == PAINT_WITHIN < usual / 2
