"""A message of the outbox, folded from the events of the journal about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.notify.events import (
    NotifyDropped,
    NotifyFailed,
    NotifyHeld,
    NotifyQueued,
    NotifyRetried,
    NotifySending,
    NotifySent,
)

#: States of a message. ``unsure`` is possibly sent; ``shown`` is for terminals, which nobody delivers to.
WAITING, SENDING, SENT, FAILED, UNSURE, DROPPED, SHOWN = (
    "waiting",
    "sending",
    "sent",
    "failed",
    "unsure",
    "dropped",
    "shown",
)
OPEN = (WAITING, SENDING)


@dataclass(frozen=True, slots=True)
class Message:
    """``order`` is the queue in which it keeps its place, ``seq`` its place.

    ``maybe``: at some time it was perhaps accepted. ``wanted``: a person asked for it again. ``key`` see `NotifySending`.
    """

    id: str
    seq: int
    channel: str
    by: str
    incident: str
    purpose: str
    severity: str
    title: str
    to: tuple[str, ...]
    person: str
    rung: int
    page: str
    fallback: bool
    drill: bool
    queued_at: datetime
    changed_at: datetime
    due: datetime
    state: str = WAITING
    tries: int = 0
    maybe: bool = False
    wanted: bool = False
    why: str = ""
    key: str = ""

    @property
    def lane(self) -> tuple[str, str]:
        """Where it leaves: a channel that writes to persons has a lane for each."""
        return self.channel, self.person

    @property
    def order(self) -> str:
        return order_of(self.channel, self.person, self.incident)

    def later_than(self, now: datetime) -> bool:
        """Whether it waits for a moment that is to come.

        Whoever queued it may have another clock, or this clock was set back: what nobody held back is due at once.
        """
        return self.due > now and self.due > self.changed_at

    @property
    def reached(self) -> bool:
        """Whether the other side knows of it, surely or perhaps."""
        return self.maybe or self.state in (SENT, UNSURE, SENDING)


def order_of(channel: str, person: str, incident: str) -> str:
    """The queue of a message: of one incident, through one channel, to one person."""
    return f"{channel}/{person}/{incident}"


def message_id(*parts: str) -> str:
    """Ten hexadecimal digits, always the same for the same ``parts``."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def begun(body: NotifyQueued, incident: str, at: datetime, seq: int) -> Message:
    """The message as it is queued."""
    return Message(
        body.id,
        seq,
        body.channel,
        body.by,
        incident,
        body.purpose,
        body.severity,
        body.title,
        body.to,
        body.person,
        body.rung,
        body.page,
        bool(body.fallback),
        bool(body.drill),
        at,
        at,
        at,
        SHOWN if body.by == "terminal" else WAITING,
    )


def followed(message: Message, body: Body, at: datetime) -> Message:
    """The message after an event about it. What was sent stays sent, whatever comes late, until a person asks again."""
    if isinstance(body, NotifyRetried):
        return replace(message, state=WAITING, due=at, changed_at=at, tries=0, wanted=True, why="")
    if isinstance(body, NotifySent):
        return replace(message, state=SENT, changed_at=at, why=body.said or "")
    if message.state in (SENT, SHOWN):
        return message
    if isinstance(body, NotifySending):
        key = message.key if body.key is None else body.key
        return replace(message, state=SENDING, tries=body.tries, changed_at=at, key=key)
    if isinstance(body, NotifyHeld):
        return replace(message, state=WAITING, due=body.until, changed_at=at, why=body.why)
    if isinstance(body, NotifyDropped):
        return replace(message, state=DROPPED, changed_at=at, why=body.why)
    if isinstance(body, NotifyFailed):
        maybe = message.maybe or bool(body.possibly)
        if body.again is not None:
            return replace(message, state=WAITING, due=body.again, changed_at=at, why=body.why, maybe=maybe)
        state = UNSURE if maybe else FAILED
        return replace(message, state=state, changed_at=at, why=body.why, maybe=maybe)
    return message
