"""An event of the journal as JSON, the same in `audit log` and `watch`."""

from __future__ import annotations

from artisan_tui.domain.event import Event, stamp
from artisan_tui.reports.event_words import event_text


def event_document(event: Event) -> dict[str, object]:
    """The keys that both commands have."""
    return {
        "seq": event.seq,
        "at": stamp(event.occurred_at),
        "recorded_at": stamp(event.recorded_at),
        "actor": event.actor,
        "kind": event.kind,
        "subject": event.subject,
        "body": dict(event.body),
        "text": event_text(event),
    }
