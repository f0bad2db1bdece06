"""The SLO screen as tests open it, and what stands on it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from textual.pilot import Pilot

from artisan_tui.tui.slo.screen import SloScreen
from support.budgets import on_board
from support.screens import settled

SEOUL = ZoneInfo("Asia/Seoul")


async def opened(pilot: Pilot[Any], picture: Any = None, *keys: str) -> SloScreen:
    await on_board(pilot, picture)
    await pilot.press("2")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SloScreen)
    await pilot.press(*keys)
    await settled(pilot)
    return screen
