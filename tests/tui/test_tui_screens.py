"""Pictures of the screens. After a change on purpose: `pytest tests/tui/test_tui_screens.py --snapshot-update`, and look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.terminal import Terminal
from support.screens import details_read, settled, show, until, visible
from support.snapshots import (
    DEMO,
    FAULTS,
    FakeHost,
    check_samples,
    happenings,
    make_app,
    scene,
    session_status,
    snapshot,
)

SnapCompare = Callable[..., bool]
pytestmark = pytest.mark.usefixtures("fixed_keys")
sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")


def prepared(*keys: str, **of_session: Any) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Show the scene, then press the keys."""

    async def prepare(pilot: Pilot[Any]) -> None:
        await show(pilot, snapshot(scene(), happenings(), faults=FAULTS, session_status=session_status(**of_session)))
        await details_read(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        await pilot.pause()
        # A picture of nothing would be equal to itself for ever.
        text = "\n".join(visible(cast("ArtisanApp", pilot.app)))
        assert "1 down" in text or "장애" in text

    return prepare


def app_with_a_past(check_id: str, demo: bool = False) -> ArtisanApp:
    session = DEMO if demo else None
    host = FakeHost(*([session] if session else []), samples=check_samples(check_id))
    return make_app(*([session] if session else []), host=host)


@sizes
def test_board(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared())


@sizes
def test_board_light(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared(theme="light"))


@sizes
def test_board_korean(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared(language="ko"))


@sizes
def test_check(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(app_with_a_past("llm.qwen"), terminal_size=size, run_before=prepared("down", "enter"))


@sizes
def test_help(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=prepared("question_mark"))


MODES = {"ansi": Terminal(colours=16), "mono": Terminal(colours=0), "256": Terminal(colours=256)}


@pytest.mark.parametrize("mode", MODES)
def test_board_with_fewer_colours(snap_compare: SnapCompare, mode: str) -> None:
    assert snap_compare(make_app(terminal=MODES[mode]), terminal_size=(80, 24), run_before=prepared())


def test_board_ascii_korean(snap_compare: SnapCompare) -> None:
    ascii_ = prepared(language="ko", glyphs="ascii")
    assert snap_compare(make_app(), terminal_size=(80, 24), run_before=ascii_)


def test_board_smallest(snap_compare: SnapCompare) -> None:
    assert snap_compare(make_app(), terminal_size=(60, 15), run_before=prepared())


@pytest.mark.parametrize("mode", MODES)
def test_note_with_fewer_colours(snap_compare: SnapCompare, mode: str) -> None:
    app = make_app(terminal=MODES[mode])
    assert snap_compare(app, terminal_size=(80, 24), run_before=prepared("n", *"pod"))


@pytest.mark.parametrize("mode", ["dark", "mono"])
def test_palette(snap_compare: SnapCompare, mode: str) -> None:
    async def opened(pilot: Pilot[Any]) -> None:
        await prepared("colon")(pilot)
        await until(pilot, lambda: "Filter  [/]" in "\n".join(visible(cast("ArtisanApp", pilot.app))))

    app = make_app(terminal=MODES.get(mode, Terminal()))
    assert snap_compare(app, terminal_size=(80, 24), run_before=opened)


def test_notices(snap_compare: SnapCompare) -> None:
    trouble = {
        "config_problems": ("artisan.toml:12: 'evry' is not a key of a check: did you mean 'every'?",),
        "store_problem": "the disk is full",
        "read_only": True,
    }
    assert snap_compare(make_app(), terminal_size=(100, 30), run_before=prepared(**trouble))


def test_demo_panel(snap_compare: SnapCompare) -> None:
    drill = prepared("b", environment="drill", demo=True)
    assert snap_compare(app_with_a_past("llm.qwen", demo=True), terminal_size=(100, 30), run_before=drill)


def test_note(snap_compare: SnapCompare) -> None:
    assert snap_compare(make_app(), terminal_size=(100, 30), run_before=prepared("n", *"모델 restart"))
