"""The calls of others that heartbeat checks wait for, as this session knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from artisan_tui.domain.checks.heartbeat import Heartbeat, newest


class Heartbeats:
    """The last call of every check. ``complete`` is set once what earlier sessions heard has been read."""

    def __init__(self, known: Mapping[str, Heartbeat] | None = None, *, complete: bool = True) -> None:
        self._known = dict(known or {})
        self.complete = asyncio.Event()
        if complete:
            self.complete.set()

    def last(self, check_id: str) -> Heartbeat | None:
        """None for a check that nobody waited for yet."""
        return self._known.get(check_id)

    def take(self, check_id: str, beat: Heartbeat) -> None:
        """A call that came, or one that another session heard. An older one changes nothing but the begin."""
        known = self._known.get(check_id)
        self._known[check_id] = beat if known is None else newest(known, beat)
