"""How long incidents take: to be detected, acknowledged, resolved. Median, 90th percentile and count per severity."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.incidents.fold import elapsed
from artisan_tui.domain.incidents.incident import CANCELLED, Incident


@dataclass(frozen=True, slots=True)
class Times:
    """Of ``n`` incidents, in seconds; None without any."""

    n: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class IncidentTimes:
    """``mttd``: from detection to declaration. ``mtta``: from there to the acknowledgement. ``mttr``: from detection
    to resolution."""

    incidents: int
    mttd: Times
    mtta: Times
    mttr: Times


def counted(incident: Incident) -> bool:
    """Not drills, not the cancelled, and of merged ones only the one that stayed."""
    return not (incident.drill or incident.status == CANCELLED or incident.merged_into)


def detected_at(incident: Incident) -> datetime:
    """The earliest detection, also of the incidents that were merged into it."""
    own = incident.at("detected") or incident.declared_at
    return min([own, *(each.detected_at for each in incident.merged)])


def elapsed_seconds(since: datetime, until: datetime) -> float:
    """Seconds between two milestones, never less than nothing."""
    found = elapsed(since, until)
    return 0.0 if found is None else found.total_seconds()


def metrics(incidents: Iterable[Incident]) -> Mapping[int, IncidentTimes]:
    """By the worst severity that each incident had; all four are there. Corrected times count."""
    by_severity: dict[int, list[Incident]] = {level: [] for level in range(1, 5)}
    for incident in incidents:
        if counted(incident):
            by_severity[incident.peak].append(incident)
    return {level: _times(found) for level, found in by_severity.items()}


def _times(incidents: list[Incident]) -> IncidentTimes:
    spans: tuple[list[float], list[float], list[float]] = ([], [], [])
    for incident in incidents:
        detected, declared = detected_at(incident), incident.declared_at
        over = incident.status in ("resolved", "closed")
        pairs = (
            (detected, declared),
            (declared, incident.at("acknowledged")),
            (detected, incident.at("resolved") if over else None),
        )
        for values, (since, until) in zip(spans, pairs, strict=True):
            span = elapsed(since, until)
            if span is not None:
                values.append(span.total_seconds())
    detect, acknowledge, resolve = map(times, spans)
    return IncidentTimes(len(incidents), detect, acknowledge, resolve)


def times(values: Iterable[float]) -> Times:
    """The median is the mean of the two in the middle for an even number; p90 is the nearest rank."""
    ordered = sorted(values)
    if not ordered:
        return Times(0, None, None)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Times(len(ordered), median, ordered[math.ceil(0.9 * len(ordered)) - 1])
