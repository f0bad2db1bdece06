"""The list of incidents as tests open it."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.incidents.list import IncidentList
from support.incident_host import IncidentHost, Incidents
from support.screens import drawn, settled, show
from support.snapshots import make_app, scene, snapshot

SEV1, SEV2, SEV4 = "INC-20261121-093910", "INC-20261121-082710", "INC-20261121-091210"


def listed(app: ArtisanApp) -> list[str]:
    return drawn(app.screen.query_one(IncidentList))


async def opened(pilot: Pilot[Any], held: Incidents, *keys: str) -> None:
    await show(pilot, snapshot(scene(), incidents=held.slice()))
    for key in ("3", *keys):
        await pilot.press(key)
        await settled(pilot)


def app_with(held: Incidents, **options: Any) -> tuple[ArtisanApp, IncidentHost]:
    host = IncidentHost(held=held)
    return make_app(host=host, **options), host
