"""Pictures of the error budgets. After a change on purpose: `pytest tests/tui/test_tui_slos_pictures.py --snapshot-update`, and look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from artisan_tui.domain.slo.gate import Override
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.terminal import Terminal
from support.budgets import board, on_board, slo_slice
from support.screens import details_read, settled, visible
from support.snapshots import NOW, make_app, session_status

SnapCompare = Callable[..., bool]
pytestmark = pytest.mark.usefixtures("fixed_keys")
sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
MODES = {"ansi": Terminal(colours=16), "mono": Terminal(colours=0), "ascii": Terminal(colours=0, ascii=True)}
modes = pytest.mark.parametrize("mode", MODES)


def prepared(*keys: str, picture: Snapshot | None = None, **of_session: Any) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Show the scene with its budgets, then press the keys."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await on_board(pilot, picture or board(session_status=session_status(**of_session)))
        await details_read(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        await pilot.pause()
        # A picture of nothing would be equal to itself for ever.
        assert "LLM" in "\n".join(visible(cast("ArtisanApp", pilot.app)))

    return prepare


@sizes
def test_board(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared())


@sizes
def test_board_korean(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared(language="ko"))


@modes
def test_board_with_less(snap_compare: SnapCompare, mode: str) -> None:
    assert snap_compare(make_app(terminal=MODES[mode]), terminal_size=(80, 24), run_before=prepared())


def test_board_light(snap_compare: SnapCompare) -> None:
    assert snap_compare(make_app(), terminal_size=(120, 40), run_before=prepared(theme="light"))


def test_board_smallest(snap_compare: SnapCompare) -> None:
    assert snap_compare(make_app(), terminal_size=(60, 15), run_before=prepared())


def test_board_with_an_exception(snap_compare: SnapCompare) -> None:
    override = Override("j.park", "hotfix for the gateway", NOW + timedelta(minutes=18))
    picture = board(budgets=slo_slice(override=override))
    assert snap_compare(make_app(), terminal_size=(120, 40), run_before=prepared(picture=picture))


@sizes
def test_slos(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared("2"))


@sizes
def test_slos_korean(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared("2", language="ko"))


@modes
def test_slos_with_less(snap_compare: SnapCompare, mode: str) -> None:
    assert snap_compare(make_app(terminal=MODES[mode]), terminal_size=(120, 40), run_before=prepared("2"))


def test_slos_unknown(snap_compare: SnapCompare) -> None:
    assert snap_compare(make_app(), terminal_size=(120, 40), run_before=prepared("2", "down", "down"))


def test_slos_of_a_minute(snap_compare: SnapCompare) -> None:
    assert snap_compare(make_app(), terminal_size=(120, 40), run_before=prepared("2", "enter", "enter"))
