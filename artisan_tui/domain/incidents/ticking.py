"""Items of the checklists that follow from what is in the journal: nobody ticks by hand what the program saw happen."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.incident import MOST_TICKS, ChecklistTick, Incident
from artisan_tui.domain.journal_body import Body

ACKNOWLEDGED: Final = "response.acknowledge"
COMMUNICATED: Final = "response.communicate"
RESTORED: Final = "resolution.restored"
CAUSE: Final = "resolution.cause"


def ticked_by_act(before: Incident, after: Incident, body: Body, event: Event) -> Incident:
    """The incident ``after`` an act, with the items ticked that the act shows to be done.

    When a new round of paging begins, nobody has the incident: its acknowledgement is to be done again.
    """
    if before.acknowledged_by and not after.acknowledged_by:
        after = replace(after, ticks=tuple(each for each in after.ticks if each.item != ACKNOWLEDGED))
    elif after.acknowledged_by and not before.acknowledged_by:
        after = _tick(after, ACKNOWLEDGED, after.acknowledged_by, event)
    if isinstance(body, kinds.IncidentInformed):
        return _tick(after, COMMUNICATED, event.actor, event)
    if isinstance(body, kinds.IncidentCauseFound):
        return _tick(after, CAUSE, event.actor, event) if after.root_cause.strip() else after
    if isinstance(body, kinds.IncidentStatusChanged) and body.after == "mitigated":
        return _tick(after, RESTORED, event.actor, event)
    return after


def _tick(incident: Incident, item: str, actor: str, event: Event) -> Incident:
    if any(each.item == item for each in incident.ticks):
        return incident
    return replace(incident, ticks=(*incident.ticks, ChecklistTick(item, actor, event.recorded_at))[-MOST_TICKS:])
