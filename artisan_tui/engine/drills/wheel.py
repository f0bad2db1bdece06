"""What the wheel of misfortune knows: the incidents in the store, and which scenarios were drilled when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.drills.wheel import DrillPlayed, PastIncident, WheelWeight, weights
from artisan_tui.domain.incidents.metrics import counted
from artisan_tui.engine.drills.folders import drills_in
from artisan_tui.engine.launch import state_dir

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
    # Of drills, cancelled ones, and those that were merged into another: nothing happened by them.
    real = (each.incident for each in (*found.open, *found.recent) if counted(each.incident))
    incidents = [past_incident(each) for each in real]
    return weights(list(scenarios), played_in(state_dir(options)), incidents, found.at)


def played_in(state: Path) -> list[DrillPlayed]:
    """The live drills of a state folder that were played to their end. A play without a clock leaves nothing there."""
    found = []
    for place in drills_in(state):
        play, day = place.play, place.played_on
        if play is not None and day:
            at = datetime.fromisoformat(day).replace(tzinfo=UTC)
            found.append(DrillPlayed(play.scenario, play.digest, at, play.live))
    return found


def weights_without_store(scenarios: Iterable[Scenario]) -> list[WheelWeight]:
    """The weights where nothing is known of the past."""
    return weights(list(scenarios), [], [], datetime.now(UTC))


def past_incident(incident: Incident) -> PastIncident:
    """What the wheel knows of an incident: its worst severity, and the words that it is about."""
    words = {*_WORD.findall(incident.title.lower()), *(each.lower() for each in incident.services)}
    words |= {each.name.lower() for each in incident.alerts}
    return PastIncident(f"Sev{min(incident.peak, incident.severity)}", incident.declared_at, frozenset(words))
