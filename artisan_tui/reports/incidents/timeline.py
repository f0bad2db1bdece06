"""The timeline of an incident as it is read: in the order in which things happened, with corrections in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.events import IncidentCorrected
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.text.printable import printable
from artisan_tui.reports.event_words import said_event
from artisan_tui.reports.wording import Tone

#: Characters of one entry that are shown.
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """``event`` as it was written. ``at`` and ``text`` are what is true now; ``correction`` is the event that says so.

    ``origin`` is the merged incident that it came with, "" for the incident's own. ``text`` is printable.
    """

    event: Event
    at: datetime
    text: str
    tone: Tone = Tone.PLAIN
    origin: str = ""
    correction: Event | None = None
    reason: str = ""
    #: What was written first, "" where the correction did not change the words.
    first: str = ""


def timeline(incident_id: str, events: Iterable[Event]) -> tuple[TimelineEntry, ...]:
    """``events`` of the incident and of those merged into it, in any order; oldest first as they happened.

    A correction stands in the place of what it corrects, and what was written first stays in the entry's ``event``.
    """
    return tuple(entry_of(incident_id, event, correction) for event, correction in arranged(events))


def arranged(events: Iterable[Event]) -> list[tuple[Event, Event | None]]:
    """(event, what its corrections add up to) in the order in which they happened, without their words: those cost the most."""
    listed = sorted(events, key=lambda event: event.seq)
    corrections: dict[int, Event] = {}
    kept: list[Event] = []
    known: dict[int, int] = {event.seq: event.seq for event in listed}
    for event in listed:
        first = known.get(event.supersedes) if event.supersedes is not None else None
        if event.kind == IncidentCorrected.KIND and first is not None:
            corrections[first] = _after(corrections.get(first), event)
            known[event.seq] = first  # a correction of the correction corrects the same entry
        else:
            kept.append(event)

    def happened(event: Event) -> tuple[datetime, int]:
        return (corrections.get(event.seq) or event).occurred_at, event.seq

    return [(event, corrections.get(event.seq)) for event in sorted(kept, key=happened)]


def _after(earlier: Event | None, later: Event) -> Event:
    """Both corrections in one: the words of the newest that has words, and the time of the newest that has a time."""
    if earlier is None:
        return later
    at = earlier.occurred_at if later.body.get("only_words") else later.occurred_at
    text = later.body.get("text") or earlier.body.get("text") or ""
    return replace(later, occurred_at=at, body={**later.body, "text": text})


def entry_of(incident_id: str, event: Event, correction: Event | None) -> TimelineEntry:
    """An entry with its words; ``correction`` is the newest event that corrects ``event``."""
    said = said_event(event)
    origin = "" if event.subject == incident_id else event.subject
    if correction is None:
        return TimelineEntry(event, event.occurred_at, said.text, said.tone, origin)
    text, reason = said.text, ""
    try:
        body = read_body(correction)
    except BodyError:
        body = None
    if isinstance(body, IncidentCorrected):
        text, reason = printable(body.text, LONGEST) or text, printable(body.reason, 400)
    first = "" if text == said.text else said.text
    return TimelineEntry(event, correction.occurred_at, text, said.tone, origin, correction, reason, first)
