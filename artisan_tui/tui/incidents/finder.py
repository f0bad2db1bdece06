"""The incidents that a person may look for."""

from __future__ import annotations

from collections.abc import Iterator

from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_
from artisan_tui.tui.kit.destination import Destination

_INCIDENT = N_("incident")


def destinations(snapshot: Snapshot) -> Iterator[Destination]:
    """Open ones first, the worst first."""
    incidents = snapshot[IncidentSlice]
    for incident in (*(each.incident for each in incidents.open), *incidents.recent):
        yield Destination("incident", incident.id, incident.title, _INCIDENT, "incident", {"incident_id": incident.id})
