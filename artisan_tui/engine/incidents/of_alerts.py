"""What incidents and alerts have to do with each other: which fire still, and whose incident one is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.alerts.listed import AlertState
from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents import acts
from artisan_tui.domain.incidents.acting import ActRefused, By
from artisan_tui.engine.decision import Decision
from artisan_tui.engine.incidents.transaction import incident_store, with_consequences

if TYPE_CHECKING:
    from artisan_tui.domain.alerts.evidence import AlertList
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.alerts.journaled import OutsideAlerts
    from artisan_tui.engine.incidents.rules import IncidentRules
    from artisan_tui.store.incidents.part import IncidentView
    from artisan_tui.store.store import Store


def firing_of(incident: Incident, listed: AlertList) -> tuple[str, ...] | None:
    """The incident's alerts that fire now, as it knows them; None when that is not known: alerting is blind, or one is not seen."""
    if listed.blind_since is not None:
        return None
    known = set(incident.fingerprints)
    rows = [row for row in listed.rows.values() if not known.isdisjoint(row.fingerprints)]
    there = [row for row in rows if row.there and row.state is not AlertState.PENDING]
    if not there and any(row.state is AlertState.NOT_SEEN for row in rows):
        return None
    return tuple(name for name in incident.fingerprints if any(name in row.fingerprints for row in there))


def journaled_firing(incident: Incident, known: OutsideAlerts) -> tuple[str, ...] | None:
    """The same where no source is read: what the journal says fired, and was not resolved."""
    if known.blind_since is not None:
        return None
    return tuple(name for name in incident.fingerprints if any(each in known for each in known.fingerprints(name)))


def acknowledge_of_alert(
    store: Store, rules: IncidentRules, fingerprints: Sequence[str], actor: str, now: datetime, said: str
) -> Decision:
    """Acknowledge the incident that has this alert, under any of ``fingerprints``, if there is one that nobody has.

    ``said`` is what was done before.
    """
    by, found = By(actor, now, _other(rules.person_of(actor), actor)), list[str]()

    def work(view: IncidentView) -> Sequence[Entry]:
        for incident in view.of_alert(fingerprints):
            if incident.merged_into or not incident.active or incident.acknowledged:
                continue
            try:
                entries = acts.acknowledge(incident, by)
            except ActRefused:
                continue
            found.append(incident.id)
            return with_consequences(view, entries, now, rules)
        return ()

    written = incident_store(store).act(work, at=now)
    return Decision(said="; ".join((said, *(f"{each} acknowledged" for each in found))), written=written)


def _other(person: str, actor: str) -> str:
    return "" if person == actor else person
