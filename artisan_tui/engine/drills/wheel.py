"""What the wheel of misfortune knows: the incidents in the store, and which scenarios were drilled when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.drills.wheel import PastIncident, WheelWeight, weights

if TYPE_CHECKING:
    from artisan_tui.domain.drills.scenario import Scenario
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.launch import GlobalOptions

#: Older incidents add nothing that could be noticed.
_MOST = 1000
_WORD = re.compile(r"[\w-]+")


def wheel_weights(options: GlobalOptions, scenarios: Iterable[Scenario]) -> list[WheelWeight]:
    """The weights of the scenarios now. Raises ConfigError and StoreError."""
    from artisan_tui.engine.incidents.listing import incident_list

    found = incident_list(options, _MOST)
    incidents = [past_incident(each.incident) for each in (*found.open, *found.recent)]
    # A play without a clock does not count, so nothing was drilled yet.
    return weights(list(scenarios), [], incidents, found.at)


def weights_without_store(scenarios: Iterable[Scenario]) -> list[WheelWeight]:
    """The weights where nothing is known of the past."""
    return weights(list(scenarios), [], [], datetime.now(UTC))


def past_incident(incident: Incident) -> PastIncident:
    """What the wheel knows of an incident: its worst severity, and the words that it is about."""
    words = {*_WORD.findall(incident.title.lower()), *(each.lower() for each in incident.services)}
    words |= {each.name.lower() for each in incident.alerts}
    return PastIncident(f"Sev{min(incident.peak, incident.severity)}", incident.declared_at, frozenset(words))
