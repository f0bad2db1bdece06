"""The outbox: messages on their way through channels, a projection of the journal's ``notify.*`` events.

A message is queued in the transaction that writes down what it tells of, and claimed under the lease before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_body import Body, BodyError, declared_in
from artisan_tui.domain.notify import events as bodies
from artisan_tui.domain.notify.events import NotifyQueued
from artisan_tui.domain.notify.health import ChannelHealth, health_after
from artisan_tui.domain.notify.message import OPEN, SENDING, SENT, UNSURE, WAITING, Message, begun, followed
from artisan_tui.domain.notify.plan import MINUTE
from artisan_tui.store.journal import EventRow
from artisan_tui.store.model import table
from artisan_tui.store.notify.rows import (
    CHANNEL,
    HEALTH,
    MESSAGE,
    OUTBOX,
    health_of,
    health_values,
    message_of,
    message_values,
)
from artisan_tui.store.part import Part
from artisan_tui.store.projection import Projection
from artisan_tui.store.rows import EVENT, event_of, micros

_EVENT = table(EventRow)
_KINDS: Mapping[str, type[Body]] = {each.KIND: each for each in declared_in(vars(bodies), bodies.__name__)}
#: A page that failed longer ago takes no other way any more.
_PAGES_KEPT = timedelta(minutes=10)
#: Purposes of messages that end the paging.
ANSWERS = ("acknowledged", "resolved")
#: Values in one IN list; every database takes as many.
_AT_ONCE = 500

_READ = select(*MESSAGE).where(OUTBOX.c.id == bindparam("wanted_id"))
_PUT = insert(OUTBOX)
_CHANGE = update(OUTBOX).where(OUTBOX.c.id == bindparam("wanted_id"))
_READ_HEALTH = select(*HEALTH).where(CHANNEL.c.channel == bindparam("wanted_id"))
_PUT_HEALTH = insert(CHANNEL)
_CHANGE_HEALTH = update(CHANNEL).where(CHANNEL.c.channel == bindparam("wanted_id"))


def _apply(connection: Connection, event: Event) -> None:
    kind = _KINDS.get(event.kind)
    if kind is None:
        return
    try:
        body = kind.read(event)
    except BodyError:
        return
    if isinstance(body, NotifyQueued):
        if connection.execute(_READ, {"wanted_id": body.id}).first() is None:
            connection.execute(_PUT, message_values(begun(body, event.subject, event.occurred_at, event.seq)))
        return
    for name in getattr(body, "messages", ()):
        row = connection.execute(_READ, {"wanted_id": name}).first()
        if row is not None:
            values = message_values(followed(message_of(row), body, event.occurred_at))
            connection.execute(_CHANGE, {"wanted_id": name, **values})
    channel = getattr(body, "channel", "")
    if channel:
        row = connection.execute(_READ_HEALTH, {"wanted_id": channel}).first()
        before = ChannelHealth(channel) if row is None else health_of(row)
        after = health_after(before, body, event.occurred_at)
        if row is None and after != before:
            connection.execute(_PUT_HEALTH, health_values(after))
        elif after != before:
            connection.execute(_CHANGE_HEALTH, {"wanted_id": channel, **health_values(after)})


@dataclass(frozen=True, slots=True)
class Pending:
    """``messages`` are open ones, those of their orders, and those of the last minute, by place.

    ``reached`` are orders of which something left. ``pages`` are all messages of pages that may need another way.
    ``answers`` are the acknowledgements and resolves of the incidents of these pages, and those among ``messages``, but
    for the fallbacks', by place. ``unsure`` counts the messages of the last day that were possibly sent.
    """

    messages: tuple[Message, ...]
    reached: frozenset[str]
    pages: tuple[Message, ...]
    channels: tuple[ChannelHealth, ...]
    unsure: int
    answers: tuple[Message, ...] = ()


class OutboxStore(Part):
    """Messages by id, and how channels do."""

    projections = (Projection("outbox", ("notify.",), (OUTBOX, CHANNEL), _apply),)

    def pending(self, now: datetime) -> Pending:
        """What there is to plan with at ``now``."""
        orders = select(OUTBOX.c.order_key).where(OUTBOX.c.state.in_(OPEN))
        wanted = or_(OUTBOX.c.order_key.in_(orders), OUTBOX.c.queued_at > micros(now - MINUTE))
        recent = or_(OUTBOX.c.state.in_(OPEN), OUTBOX.c.changed_at > micros(now - _PAGES_KEPT))
        pages = select(OUTBOX.c.page).where(OUTBOX.c.purpose == "page", recent)
        with self._store.reading() as connection:
            rows = connection.execute(select(*MESSAGE).where(wanted).order_by(OUTBOX.c.seq)).all()
            paged = connection.execute(select(*MESSAGE).where(OUTBOX.c.page.in_(pages)).order_by(OUTBOX.c.seq)).all()
            pages_now = tuple(map(message_of, paged))
            of_pages = and_(OUTBOX.c.incident.in_({each.incident for each in pages_now}), OUTBOX.c.fallback == 0)
            query = select(*MESSAGE).where(OUTBOX.c.purpose.in_(ANSWERS), of_pages)
            answered = connection.execute(query).all() if pages_now else ()
            channels = connection.execute(select(*HEALTH)).all()
            day = OUTBOX.c.changed_at > micros(now - timedelta(days=1))
            query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.state == UNSURE, day)
            unsure = int(connection.execute(query).scalar_one())
        messages = tuple(map(message_of, rows))
        answers = {each.id: each for each in messages if each.purpose in ANSWERS and not each.fallback}
        answers |= {each.id: each for each in map(message_of, answered)}
        in_place = tuple(sorted(answers.values(), key=lambda each: each.seq))
        reached = frozenset(each.order for each in messages if each.maybe or each.state in (SENT, UNSURE))
        return Pending(messages, reached, pages_now, tuple(map(health_of, channels)), unsure, in_place)

    def claim(
        self, messages: Sequence[Message], entries: Sequence[Entry], at: datetime, fence: int
    ) -> tuple[Event, ...] | None:
        """Write down that these are about to leave; None, and nothing written, when they are not waiting any more.

        LeaseLost when the lease is not held.
        """
        with self._store.writing(fence) as transaction:
            found = self._read(transaction.connection, [each.id for each in messages])
            if any(each.id not in found or found[each.id].state != WAITING for each in messages):
                return None
            return transaction.append(entries, at)

    def outcome(self, messages: Sequence[Message], entries: Sequence[Entry], at: datetime) -> tuple[Event, ...]:
        """Write down what came of a claim, also when the lease was lost meanwhile. Nothing for what is known already."""
        with self._store.writing() as transaction:
            found = self._read(transaction.connection, [each.id for each in messages])
            late = messages and all(each.id in found and found[each.id].state == SENT for each in messages)
            return () if late else transaction.append(entries, at)

    def message(self, name: str) -> Message | None:
        """By its id, or the only one whose id begins so."""
        with self._store.reading() as connection:
            query = select(*MESSAGE).where(OUTBOX.c.id.startswith(name, autoescape=True)).limit(2)
            rows = connection.execute(query).all()
        return message_of(rows[0]) if len(rows) == 1 else None

    def listed(self, states: Sequence[str] = (), limit: int = 200) -> tuple[Message, ...]:
        """The newest first, of these states or of all."""
        query = select(*MESSAGE).order_by(OUTBOX.c.seq.desc()).limit(limit)
        if states:
            query = query.where(OUTBOX.c.state.in_(states))
        with self._store.reading() as connection:
            return tuple(map(message_of, connection.execute(query).all()))

    def channels(self) -> tuple[ChannelHealth, ...]:
        with self._store.reading() as connection:
            return tuple(map(health_of, connection.execute(select(*HEALTH).order_by(CHANNEL.c.channel)).all()))

    def texts(self, messages: Iterable[Message]) -> Mapping[str, NotifyQueued]:
        """By message id, what they say. What cannot be read is left out."""
        wanted = [each.seq for each in messages]
        found: dict[str, NotifyQueued] = {}
        with self._store.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                columns = [_EVENT.c[name] for name in EVENT]
                query = select(*columns).where(_EVENT.c.seq.in_(wanted[start : start + _AT_ONCE]))
                for row in connection.execute(query):
                    try:
                        body = NotifyQueued.read(event_of(row))
                    except (BodyError, ValueError, TypeError):
                        continue
                    found[body.id] = body
        return found

    def by_fallback(self, incidents: Sequence[str]) -> tuple[Message, ...]:
        """What the fallbacks were given of these incidents, by place."""
        query = select(*MESSAGE).where(OUTBOX.c.fallback == 1, OUTBOX.c.incident.in_(incidents[:_AT_ONCE]))
        with self._store.reading() as connection:
            return tuple(map(message_of, connection.execute(query.order_by(OUTBOX.c.seq)).all()))

    def key_of(self, order: str) -> str:
        """The key that the messages of this order use, "" when nothing of it left, or it ended with a resolve."""
        left = or_(OUTBOX.c.state.in_((SENT, UNSURE, SENDING)), OUTBOX.c.maybe == 1)
        query = select(OUTBOX.c.key, OUTBOX.c.purpose).where(OUTBOX.c.order_key == order, left)
        with self._store.reading() as connection:
            row = connection.execute(query.order_by(OUTBOX.c.seq.desc()).limit(1)).first()
        return "" if row is None or row[1] == "resolved" else str(row[0])

    def _read(self, connection: Connection, names: Sequence[str]) -> Mapping[str, Message]:
        found: dict[str, Message] = {}
        for start in range(0, len(names), _AT_ONCE):
            query: Any = select(*MESSAGE).where(OUTBOX.c.id.in_(names[start : start + _AT_ONCE]))
            found |= {each.id: each for each in map(message_of, connection.execute(query))}
        return found


PART = OutboxStore
