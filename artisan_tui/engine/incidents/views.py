"""Incidents as they are listed: in which order, and with which clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from artisan_tui.domain.incidents.clocks import Due, acknowledge_due, due, update_due
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import Surroundings, effective
from artisan_tui.engine.incidents.slice import OpenIncident


def worst_first(incidents: Iterable[Incident]) -> list[Incident]:
    """What is worked on before what is resolved, then by severity; then what nobody has, then the oldest."""
    return sorted(
        incidents, key=lambda each: (not each.active, each.severity, not each.triggered, each.declared_at, each.id)
    )


def open_views(
    incidents: Iterable[Incident], around: Surroundings, known: Sequence[OpenIncident] = ()
) -> tuple[OpenIncident, ...]:
    """The open ones, worst first; one that is as it was ``known`` is the same object."""
    before = {each.id: each for each in known}
    found = []
    for incident in worst_first(incidents):
        new = view(incident, around)
        old = before.get(incident.id)
        found.append(old if old is not None and old == new else new)
    return tuple(found)


def view(incident: Incident, around: Surroundings) -> OpenIncident:
    """The incident with its clocks."""
    timers = {each.kind: effective(incident, each, around) for each in due(incident)}
    acknowledge, update = acknowledge_due(incident), update_due(incident)
    if acknowledge is not None:
        acknowledge = effective(incident, Due("rung", acknowledge, since=incident.paging_since), around)
    if update is not None:
        update = effective(incident, Due("update", update, since=incident.updated_at), around)
    return OpenIncident(incident, acknowledge, timers.get("rung"), update, timers.get("unacknowledge"))
