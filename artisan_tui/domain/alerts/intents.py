"""What is meant for a silence at Alertmanager, written down before it is asked for, and what it came to.

A program that is killed after Alertmanager did it, and before the journal has it, leaves an intent without an end. What
Alertmanager holds says which end it had: a new silence carries the mark of its intent in its comment.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from artisan_tui.domain.alerts.events import (
    AlertAcknowledged,
    SilenceCreated,
    SilenceExpired,
    SilenceExtended,
    SilenceIntended,
    SilenceUnwritten,
)
from artisan_tui.domain.alerts.matchers import matchers_text
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.domain.event import Entry

CREATE, REPLACE, EXTEND, END = "create", "replace", "extend", "end"
#: What the evidence says.
HAPPENED, ABSENT, UNSURE = "happened", "absent", "unsure"
UNKNOWN_THERE: Final = "unknown to Alertmanager"
_MARK: Final = re.compile(r" ?\[(silence-[0-9a-f]{12})\]\Z")


def new_mark() -> str:
    """Never the same twice."""
    return f"silence-{uuid.uuid4().hex[:12]}"


def with_mark(comment: str, mark: str) -> str:
    """The comment as Alertmanager holds it; ``mark`` "" for none."""
    return f"{comment} [{mark}]" if mark else comment


def without_mark(comment: str) -> tuple[str, str]:
    """(the comment that a person wrote, the mark of its intent, "" for none)."""
    found = _MARK.search(comment, max(0, len(comment) - 40))
    return (comment[: found.start()], found[1]) if found else (comment, "")


@dataclass(frozen=True, slots=True)
class Intended:
    """An intent in the journal. ``at`` and ``actor`` are of its entry; its subject is ``mark``."""

    mark: str
    at: datetime
    actor: str
    body: SilenceIntended

    @property
    def entry(self) -> Entry:
        return self.body.entry(self.at, self.actor, self.mark)

    def came_to(self, id: str, *, found: bool = False, reason: str = "") -> tuple[Entry, ...]:
        """What to write down once it is done. ``id`` is the silence that is there now; ``reason`` why one ended.

        ``found``: nobody who did it wrote it down, and the silence itself says it.
        """
        body, told = self.body, {"intent": self.mark, "found": "yes" if found else ""}
        if body.verb == END:
            ended = SilenceExpired(matchers=body.matchers, reason=reason or body.reason, **told)
            return (ended.entry(self.at, self.actor, body.silence),)
        assert body.until is not None
        if body.verb == EXTEND and id == body.silence:
            longer = SilenceExtended(matchers=body.matchers, comment=body.comment, until=body.until, **told)
            return (longer.entry(self.at, self.actor, id),)
        created = SilenceCreated(
            matchers=body.matchers,
            comment=body.comment,
            until=body.until,
            hits=body.hits,
            alerts=body.alerts,
            receivers=body.receivers,
            until_quiet=body.until_quiet,
            replaces=body.silence if id != body.silence else "",
            **told,
        )
        entries = [created.entry(self.at, self.actor, id)]
        if body.verb == REPLACE and id != body.silence:  # the server ended the old one
            old = SilenceExpired(matchers=body.before, reason=f"replaced by {id}")
            entries.insert(0, old.entry(self.at, self.actor, body.silence))
        if body.alert:
            acknowledged = AlertAcknowledged(labels=body.labels, name=body.name, silence=id)
            entries.append(acknowledged.entry(self.at, self.actor, body.alert))
        return tuple(entries)

    def came_to_nothing(self, at: datetime, actor: str, why: str) -> Entry:
        body = self.body
        none = SilenceUnwritten(matchers=body.matchers, comment=body.comment, verb=body.verb, reason=why)
        return none.entry(at, actor, self.mark)

    def evidence(self, there: Iterable[Silence], now: datetime, *, whole: bool) -> tuple[str, str]:
        """(HAPPENED, ABSENT or UNSURE; the id of the silence that says it).

        ``there`` is what the members hold, expired ones too; ``whole``: each of them said it.
        """
        body, held = self.body, {each.id: each for each in there}
        if body.verb == END:
            known = held.get(body.silence)
            if known is None:
                return (HAPPENED if whole else UNSURE), body.silence
            over = not known.in_force(now)
            return (HAPPENED if over else ABSENT if whole else UNSURE), body.silence
        for each in held.values():
            if self._made(each):
                return HAPPENED, each.id
        return (ABSENT if whole else UNSURE), ""

    def _made(self, silence: Silence) -> bool:
        body = self.body
        if body.verb != EXTEND:
            return silence.mark == self.mark
        assert body.until is not None
        same = silence.id == body.silence or matchers_text(silence.matchers) == body.matchers
        # Alertmanager keeps milliseconds.
        return same and abs((silence.ends_at - body.until).total_seconds()) < 1.0
