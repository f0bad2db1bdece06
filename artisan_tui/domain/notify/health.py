"""How a channel does, folded from the events of the journal about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.notify.events import NotifyFailed, NotifyHeld, NotifySent


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """``broken_since``: it refuses whatever is sent, ``why``. ``held_until``: it takes nothing before.

    ``sent_at`` is the last success, ``failed_at`` the last failure of any kind.
    """

    channel: str
    held_until: datetime | None = None
    broken_since: datetime | None = None
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    why: str = ""


def health_after(health: ChannelHealth, body: Body, at: datetime) -> ChannelHealth:
    """The health after an event about the channel."""
    if isinstance(body, NotifySent):
        return replace(health, held_until=None, broken_since=None, sent_at=at, why="")
    if isinstance(body, NotifyHeld):
        return replace(health, held_until=body.until, why=body.why)
    if isinstance(body, NotifyFailed):
        since = (health.broken_since or at) if body.broken else None
        return replace(health, broken_since=since, failed_at=at, why=body.why)
    return health
