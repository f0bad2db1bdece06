"""What is known of a check that others call: a dead man's switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: Characters of a message that are kept.
LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """``since`` is when it was first waited for, ``at`` the last call, None for none. ``message`` is printable."""

    since: datetime
    at: datetime | None = None
    failed: bool = False
    message: str = ""


def newest(first: Heartbeat, second: Heartbeat) -> Heartbeat:
    """Of two records of one check, the later call, and the earlier begin."""
    since = min(first.since, second.since)
    last = max((first, second), key=lambda each: each.at or since)
    return Heartbeat(since, last.at, last.failed, last.message)
