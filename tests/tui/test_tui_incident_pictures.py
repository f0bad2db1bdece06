"""Pictures of incidents. After a change on purpose: `pytest tests/tui/test_tui_incident_pictures.py --snapshot-update`, and look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from artisan_tui.tui.app import ArtisanApp
from support.incident_host import IncidentHost, worked_on
from support.screens import settled, show, visible
from support.snapshots import happenings, make_app, scene, session_status, snapshot

SnapCompare = Callable[..., bool]
sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")


def pictured_app() -> ArtisanApp:
    return make_app(host=IncidentHost(held=worked_on()))


def prepared(*keys: str, language: str = "en") -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Show three open incidents, then press the keys."""

    async def prepare(pilot: Pilot[Any]) -> None:
        held = worked_on()
        status = session_status(language=language)
        await show(pilot, snapshot(scene(), happenings(), incidents=held.slice(), session_status=status))
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        # A picture of nothing would be equal to itself for ever.
        assert "Qwen LLM failure" in "\n".join(visible(cast("ArtisanApp", pilot.app)))

    return prepare


@sizes
def test_board_with_incidents(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(pictured_app(), terminal_size=size, run_before=prepared())


@sizes
def test_incidents(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(pictured_app(), terminal_size=size, run_before=prepared("3"))


@sizes
def test_room(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(pictured_app(), terminal_size=size, run_before=prepared("3", "down", "enter"))


def test_room_korean(snap_compare: SnapCompare) -> None:
    run = prepared("3", "down", "enter", language="ko")
    assert snap_compare(pictured_app(), terminal_size=(80, 24), run_before=run)


def test_message(snap_compare: SnapCompare) -> None:
    run = prepared("3", "down", "enter", "i")
    assert snap_compare(pictured_app(), terminal_size=(80, 24), run_before=run)
