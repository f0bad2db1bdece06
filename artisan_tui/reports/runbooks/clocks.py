"""The clocks of a run in words and as a document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from artisan_tui.domain.event import stamp
from artisan_tui.domain.runbooks.clocks import DueClock
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language


def clock_text(clock: DueClock, now: datetime) -> str:
    """Such as "RTO: service is back: 3h12m left of 4h", or that it is overdue, or that it was kept."""
    left = clock.left(now)
    span, of = span_text(abs(left)), span_text(clock.within)
    if clock.stopped is not None:
        said = _("reached with {span} left of {of}") if left >= 0 else _("reached {span} too late, {of} were allowed")
    elif clock.ended is not None:
        said = _("not reached in this run")
    else:
        said = _("{span} left of {of}") if left >= 0 else _("OVERDUE by {span}, {of} were allowed")
    title = clock.title_ko if clock.title_ko and language() == "ko" else clock.title
    return f"{printable(title, 60)}: {said.format(span=span, of=of)}"


def clock_document(clock: DueClock, now: datetime) -> dict[str, Any]:
    """Times in seconds; ``left_seconds`` is below 0 when it is overdue, and stands still once it is reached."""
    left = round(clock.left(now), 3)
    return {
        "id": clock.id,
        "title": clock.title,
        "within_seconds": clock.within,
        "since": stamp(clock.began),
        "due": stamp(clock.due),
        "reached_at": None if clock.stopped is None else stamp(clock.stopped),
        "left_seconds": left,
        "overdue": left < 0,
    }
