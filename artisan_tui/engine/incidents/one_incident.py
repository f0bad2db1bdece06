"""The form that most decisions about incidents have: an act on one of them, and a sentence about what it is then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.incidents.acting import By, Entries
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import after
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.arguments import by_of, rules_of, seen_of
from artisan_tui.engine.incidents.transaction import Acted, on_incident

if TYPE_CHECKING:
    from artisan_tui.store.incidents.part import IncidentView


def act_on(
    present: Present,
    given: Mapping[str, Any],
    name: str,
    decide: Callable[[Incident], Entries],
    said: Callable[[Incident], str],
    *,
    by: By | None = None,
) -> Decision:
    """``name`` is the act, see `domain.incidents.acting.check_seen`; ``said`` takes the incident as it will be."""

    def within(view: IncidentView, incident: Incident) -> Acted:
        entries = decide(incident)
        return Acted(entries, incident.id, said(after(incident, entries, present.now)))

    return on_incident(rules_of(present), by or by_of(present), given["incident"], name, seen_of(given), within)
