"""The facts of a shift for the retro after it. Drills and cancelled incidents are in none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from statistics import fmean

from artisan_tui.domain.alerts.events import AlertRaised, AlertSeen
from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.journal_body import Body, BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.notify.events import NotifyQueued
from artisan_tui.domain.oncall.checklists import ChecklistState
from artisan_tui.domain.oncall.runbook_effect import ReviewedRun
from artisan_tui.domain.session.events import NoteWritten

#: Hours of the night, in the zone of who was on call.
NIGHT_FROM, NIGHT_TO = 22, 8


@dataclass(frozen=True, slots=True)
class RetroPage:
    """The first page of an incident to a person."""

    incident: str
    person: str
    at: datetime
    night: bool


@dataclass(frozen=True, slots=True)
class RetroFacts:
    """What happened in ``[since, until)``. ``people`` were on call. Times are seconds, None where there is none.

    ``checklists`` were due in it. ``alerts`` and ``down`` are names and how often, the most first. ``without_run`` are incidents that no runbook was run
    for. ``notes`` are (when, who, text).
    """

    since: datetime
    until: datetime
    people: tuple[str, ...]
    incidents: tuple[Incident, ...]
    mtta: float | None
    mttr: float | None
    pages: tuple[RetroPage, ...]
    alerts: tuple[tuple[str, int], ...]
    down: tuple[tuple[str, int], ...]
    runs: tuple[ReviewedRun, ...]
    without_run: tuple[Incident, ...]
    checklists: tuple[ChecklistState, ...]
    notes: tuple[tuple[datetime, str, str], ...]

    @property
    def nights(self) -> int:
        return sum(each.night for each in self.pages)

    def count(self, severity: int) -> int:
        """Incidents of this severity at their worst."""
        return sum(each.peak == severity for each in self.incidents)


def retro_facts(
    span: tuple[datetime, datetime],
    people: Sequence[str],
    incidents: Iterable[Incident],
    runs: Iterable[ReviewedRun],
    events: Iterable[Event],
    checklists: Iterable[ChecklistState],
    zone: tzinfo,
) -> RetroFacts:
    """``incidents`` and ``runs`` are those that may be in the span; ``events`` those of the span, oldest first."""
    since, until = span
    real = [
        each
        for each in incidents
        if not each.drill and each.status != "cancelled" and not each.merged_into and since <= each.declared_at < until
    ]
    real.sort(key=lambda each: (each.peak, each.declared_at))
    known = {each.id for each in real}
    live = tuple(each for each in runs if each.run.mode == "live" and since <= each.run.started_at < until)
    acknowledged = [_seconds(each, "acknowledged") for each in real]
    resolved = [_seconds(each, "resolved") for each in real]
    pages: dict[tuple[str, str], RetroPage] = {}
    raised: Counter[str] = Counter()
    down: Counter[str] = Counter()
    notes = []
    for event in events:
        body = _read(event)
        if isinstance(body, NotifyQueued) and body.purpose == "page" and not body.drill and event.subject in known:
            for person in (body.person,) if body.person else body.to or ("",):
                hour = event.occurred_at.astimezone(zone).hour
                night = hour >= NIGHT_FROM or hour < NIGHT_TO
                pages.setdefault((event.subject, person), RetroPage(event.subject, person, event.occurred_at, night))
        elif isinstance(body, AlertRaised | AlertSeen):
            raised[body.name or event.subject] += 1
        elif isinstance(body, NoteWritten) and body.text.strip():
            notes.append((event.occurred_at, event.actor, body.text))
        elif event.kind == "check.state" and event.body.get("to") == "down":
            down[event.subject] += 1
    run_for = {each.run.incident for each in live}
    return RetroFacts(
        since,
        until,
        tuple(people),
        tuple(real),
        _mean(acknowledged),
        _mean(resolved),
        tuple(sorted(pages.values(), key=lambda each: each.at)),
        tuple(raised.most_common(10)),
        tuple(down.most_common(10)),
        live,
        tuple(each for each in real if each.id not in run_for and not each.runs),
        tuple(checklists),
        tuple(notes),
    )


def _seconds(incident: Incident, milestone: str) -> float | None:
    at = incident.at(milestone)
    return None if at is None else max(0.0, (at - incident.declared_at).total_seconds())


def _mean(seconds: Iterable[float | None]) -> float | None:
    known = [each for each in seconds if each is not None]
    return fmean(known) if known else None


def _read(event: Event) -> Body | None:
    try:
        return read_body(event)
    except BodyError:
        return None
