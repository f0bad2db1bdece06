"""Pictures of runbooks. After a change on purpose: `pytest tests/tui/test_tui_run_pictures.py --snapshot-update`, and look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from artisan_tui.tui.app import ArtisanApp
from support.run_host import RunHost, RunScene, over, suggestion
from support.run_line import NOON
from support.run_world import RUN
from support.screens import settled, show, visible
from support.snapshots import NOW, FakeClock, make_app, scene, session_status, snapshot

SnapCompare = Callable[..., bool]
sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")


def held() -> RunScene:
    made = RunScene()
    made.drive.line.now = NOON
    made.go()
    made.suggested = (suggestion(), suggestion("latency_scale_up", "slo:llm-creative"))
    made.past = (over("qwen_failure_downshift", 3), over("qwen_failure_downshift", 12, mode="drill"))
    return made


def prepared(place: str, *keys: str, language: str = "en") -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def prepare(pilot: Pilot[Any]) -> None:
        made = cast("RunHost", cast("ArtisanApp", pilot.app).host).scene
        status = session_status(language=language)
        await show(pilot, snapshot(scene(), runs=made.slice(), session_status=status))
        await settled(pilot)
        app = cast("ArtisanApp", pilot.app)
        if place == "run":
            await app.open("run", run_id=RUN)
        elif place:
            await pilot.press(place)
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        assert "Qwen" in "\n".join(visible(app))

    return prepare


def pictured_app() -> ArtisanApp:
    return make_app(host=RunHost(scene=held()), clock=FakeClock(max(NOW, NOON)))


@sizes
def test_catalogue(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(pictured_app(), terminal_size=size, run_before=prepared("4"))


@sizes
def test_stepper(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    assert snap_compare(pictured_app(), terminal_size=size, run_before=prepared("run"))


def test_stepper_korean(snap_compare: SnapCompare) -> None:
    assert snap_compare(pictured_app(), terminal_size=(80, 24), run_before=prepared("run", language="ko"))


def test_board_with_runs(snap_compare: SnapCompare) -> None:
    assert snap_compare(pictured_app(), terminal_size=(80, 24), run_before=prepared(""))
