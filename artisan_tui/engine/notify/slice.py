"""What a snapshot says about notifications."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class ChannelView(NamedTuple):
    """``state``: "ok", "untried", "held" until ``until``, "failing" or "broken"; ``why`` is a sentence without its URL."""

    id: str
    kind: str
    state: str
    fallback: bool = False
    levels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    why: str = ""
    until: datetime | None = None
    sent_at: datetime | None = None


class Ring(NamedTuple):
    """What a board writes into its own terminal, once for each ``id``."""

    id: str
    sequence: str


class NotifySlice(NamedTuple):
    """``waiting`` and ``unsure`` messages, and ``failed_pages`` that no channel surely delivered. ``drill``: nothing leaves."""

    channels: tuple[ChannelView, ...] = ()
    waiting: int = 0
    unsure: int = 0
    failed_pages: int = 0
    drill: bool = False
    ring: Ring | None = None

    @property
    def broken(self) -> tuple[ChannelView, ...]:
        return tuple(each for each in self.channels if each.state == "broken")
