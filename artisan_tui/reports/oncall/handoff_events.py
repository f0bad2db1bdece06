"""The appendix of a hand-over review: for each value the events that it comes from, under an anchor of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from artisan_tui.domain.event import Event
from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.domain.text.printable import printable
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.moments import date_time_text
from artisan_tui.reports.oncall.handoff_document import Cell, HandoffDocument

#: A fingerprint, a UUID or the moment of a hand-over in UTC tells a reader nothing; the sentence names what it is.
_OPAQUE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ|[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class EventLine:
    seq: int
    when: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class EventGroup:
    """The events of one value; ``anchor`` is what the value links to."""

    anchor: str
    title: str
    value: str
    lines: tuple[EventLine, ...]


def event_groups(document: HandoffDocument, review: HandoffReview) -> tuple[EventGroup, ...]:
    """In the order of the document. Values with the same events share a group."""
    groups: dict[tuple[int, ...], EventGroup] = {}
    for title, cell in document.linked():
        key = anchor_key(cell)
        lines = tuple(event_line(review.events[seq], review) for seq in key if seq in review.events)
        if key not in groups and lines:
            groups[key] = EventGroup(f"n{len(groups) + 1}", title, cell.text, lines)
    return tuple(groups.values())


def anchors(document: HandoffDocument, review: HandoffReview) -> Mapping[tuple[int, ...], str]:
    """The anchor of each value by `anchor_key`."""
    found: dict[tuple[int, ...], str] = {}
    for _title, cell in document.linked():
        key = anchor_key(cell)
        if key not in found and any(seq in review.events for seq in key):
            found[key] = f"n{len(found) + 1}"
    return found


def anchor_key(cell: Cell) -> tuple[int, ...]:
    return tuple(sorted(set(cell.seqs)))


def event_line(event: Event, review: HandoffReview) -> EventLine:
    subject = "" if _OPAQUE.fullmatch(event.subject) else printable(event.subject, 60)
    text = printable(event_text(event), 500)
    return EventLine(
        event.seq,
        date_time_text(event.occurred_at, review.zone, weekday=True, seconds=True),
        review.names.get(event.actor, printable(event.actor, 60)),
        f"{subject}: {text}" if subject and subject not in text else text,
    )
