"""The room of an incident as tests enter it."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from artisan_tui.domain.incidents import acts
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.incidents.timeline import TimelineList
from support.incident_host import Incidents
from support.screens import drawn, settled, show
from support.snapshots import scene, snapshot

SEV1, SEV2, SEV4 = "INC-20261121-093910", "INC-20261121-082710", "INC-20261121-091210"


def picture(held: Incidents) -> Any:
    return snapshot(scene(), tuple(reversed(held.events[-200:])), incidents=held.slice())


async def entered(pilot: Pilot[Any], held: Incidents, incident_id: str = SEV2, *keys: str) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    await show(pilot, picture(held))
    await app.open("incident", incident_id=incident_id)
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return app


def lines(app: ArtisanApp) -> list[str]:
    return drawn(app.screen.query_one(TimelineList))


def noted(held: Incidents, incident_id: str, text: str, **at: Any) -> None:
    held.write(acts.note(held.incidents[incident_id], held.by("bob"), text, **at))
