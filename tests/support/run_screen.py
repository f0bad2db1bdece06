"""The screen of a run as tests enter and read it."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.runbooks.detail import StepDetail
from artisan_tui.tui.runbooks.head import RunHead
from artisan_tui.tui.runbooks.steps import StepList
from support.run_host import RunScene
from support.run_world import RUN
from support.screens import drawn, settled, show
from support.snapshots import scene, snapshot


async def refreshed(pilot: Pilot[Any], held: RunScene) -> None:
    await show(pilot, snapshot(scene(), runs=held.slice()))
    await settled(pilot)


async def entered(pilot: Pilot[Any], held: RunScene, *keys: str) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    await refreshed(pilot, held)
    await app.open("run", run_id=RUN)
    await settled(pilot)
    await pressed(pilot, *keys)
    return app


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def steps(app: ArtisanApp) -> list[str]:
    return drawn(app.screen.query_one(StepList))


def detail(app: ArtisanApp) -> str:
    return "\n".join(drawn(app.screen.query_one(StepDetail)))


def head(app: ArtisanApp) -> str:
    return "\n".join(drawn(app.screen.query_one(RunHead)))
