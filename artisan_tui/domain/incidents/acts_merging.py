"""The acts on two incidents: one becomes a part of another, and is one of its own again."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.acting import ActRefused, By, Entries, check_active, check_open
from artisan_tui.domain.incidents.incident import MOST_MERGED, Incident
from artisan_tui.domain.incidents.metrics import detected_at


def merge(source: Incident, target: Incident, by: By, reason: str = "", parts: Sequence[Incident] = ()) -> Entries:
    """``source`` becomes a part of ``target``, which has to be open. ``parts`` are those merged into ``source``."""
    if source.id == target.id:
        raise ActRefused(f"{source.id} cannot be merged into itself")
    check_open(source)
    check_active(target)
    if source.drill != target.drill:
        raise ActRefused("a drill and a real incident cannot be merged")
    moved = (source, *parts)
    if len(target.merged) + len(moved) > MOST_MERGED:
        raise ActRefused(f"{target.id} has {len(target.merged)} merged incidents: that is as many as one can have")
    return (
        by.entry(kinds.IncidentMerged(into=target.id, reason=reason[:300]), source.id),
        *(by.entry(_absorbed(each), target.id) for each in moved),
    )


def unmerge(
    source: Incident, holders: Sequence[Incident], by: By, reason: str = "", parts: Sequence[Incident] = ()
) -> Entries:
    """``source`` is one of its own again, with ``parts``. ``holders`` are all that it is a part of, directly or not."""
    if not source.merged_into:
        raise ActRefused(f"{source.id} is not merged into another incident")
    return (
        by.entry(kinds.IncidentUnmerged(into=source.merged_into, reason=reason[:300]), source.id),
        *(
            by.entry(kinds.IncidentReleased(source=each.id), holder.id)
            for holder in holders
            for each in (source, *parts)
            if any(part.id == each.id for part in holder.merged)
        ),
    )


def _absorbed(source: Incident) -> kinds.IncidentAbsorbed:
    own = [each for each in source.alerts if not each.origin]
    return kinds.IncidentAbsorbed(
        source=source.id,
        detected_at=detected_at(source),
        alerts=tuple(each.fingerprint for each in own),
        names={each.fingerprint: each.name for each in own if each.name},
    )
