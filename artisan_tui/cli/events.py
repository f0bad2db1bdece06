"""An event of the journal as JSON, the same in `audit log` and `watch`."""

from __future__ import annotations

from artisan_tui.domain.event import Event, event_fields
from artisan_tui.reports.event_words import event_text


def event_document(event: Event) -> dict[str, object]:
    """The keys that both commands have."""
    return {**event_fields(event), "text": event_text(event)}
