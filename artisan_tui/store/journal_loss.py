"""Whether the journal still has the last event that a session read, and what it says of those that it lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.session.events import EventsLost
from artisan_tui.domain.session.loss import Loss, completed, is_same, loss_among
from artisan_tui.store import dialect
from artisan_tui.store.journal import EventRow
from artisan_tui.store.model import table

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

_EVENT = table(EventRow)
#: Losses of one journal that are looked at: the newest.
_LOSSES = 50


def find_loss(store: Store, ends: Sequence[tuple[int, str]], known: Sequence[Event]) -> Loss | None:
    """What of the ``known`` events is lost, None while the journal has all ``ends`` of them: numbers and hashes.

    While nothing is lost it costs one read by the key, and the head. A standby that is still behind has lost nothing.
    """
    wanted = [end for end in ends if end[0]]
    with store.reading() as connection:
        head = store.journal.head(connection)
        if all(end == head for end in wanted):
            return None
        there = {event.seq: event.hash for event in store.journal.some(connection, (seq for seq, _digest in wanted))}
        missing = [seq for seq, digest in wanted if there.get(seq) != digest]
        if not missing or (min(missing) > head[0] and dialect.replays(connection)):
            return None
        seqs = {event.seq for event in known}
        seqs.add(min(seqs, default=1) - 1)
        present = {event.seq: event.hash for event in store.journal.some(connection, seqs)}
    return loss_among(known, present)


def tell_loss(store: Store, mine: EventsLost, at: datetime, actor: str) -> tuple[Event, ...]:
    """Write down what was lost, unless another session has: then only what it did not know, superseding what it wrote."""
    with store.writing() as transaction:
        told = _told(store, transaction.connection, mine)
        supersedes = None
        if told is not None:
            event, body = told
            more = completed(body, mine)
            if more is None:
                return ()
            mine, supersedes = more, event.seq
        return transaction.append([replace(mine.entry(at, actor), supersedes=supersedes)], at)


def _told(store: Store, connection: Connection, mine: EventsLost) -> tuple[Event, EventsLost] | None:
    """The newest event of this loss."""
    query = select(_EVENT.c.seq).where(_EVENT.c.kind == EventsLost.KIND).order_by(_EVENT.c.seq.desc()).limit(_LOSSES)
    seqs = list(connection.execute(query).scalars())
    for event in sorted(store.journal.some(connection, seqs), key=lambda each: -each.seq):
        try:
            body = EventsLost.read(event)
        except BodyError:
            continue  # written by another version, or by another hand
        if is_same(body, mine):
            return event, body
    return None
