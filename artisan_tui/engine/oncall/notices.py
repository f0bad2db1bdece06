"""What people are told of a change in who is on call. Sentences are English, like all that is made by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry
from artisan_tui.domain.notify.notice import Notice

if TYPE_CHECKING:
    from artisan_tui.engine.incidents.rules import IncidentRules


def told(
    rules: IncidentRules, entry: Entry, title: str, text: str, people: Sequence[str], now: datetime
) -> tuple[Entry, ...]:
    """``entry`` with the messages that tell ``people`` of it."""
    to = tuple(dict.fromkeys(each for each in people if each and not each.startswith("group:")))
    notice = Notice("inform", "", "", title, text, to, dedup=f"{entry.kind} {entry.subject}", drill=rules.drill)
    return (entry, *rules.route(notice, now, entry.actor))
