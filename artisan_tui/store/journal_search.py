"""Entries of the journal that a filter asks for, page by page in the order of their seq, in bounded pieces.

An index serves where whole kinds are asked for. Anything else reads a stretch of the journal at most; who asks goes on
from where it ended, and others write in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, or_, select

from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.domain.journal_kinds import routine_kinds
from artisan_tui.store.errors import StoreCorrupt
from artisan_tui.store.journal import EventRow
from artisan_tui.store.journal_bounds import bounds, kinds_asked
from artisan_tui.store.model import table
from artisan_tui.store.rows import EVENT, event_of

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

_EVENT = table(EventRow)
_COLUMNS = [_EVENT.c[name] for name in EVENT]
#: Rows that the database looks at in one piece, and that are read to be looked at here.
STRETCH, CANDIDATES = 10_000, 500

Accept = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class JournalPiece:
    """``events`` in the order of the search. Everything up to the seq ``reached``, itself included, has been looked at.

    ``whole``: nothing is left in this direction.
    """

    events: tuple[Event, ...]
    reached: int
    whole: bool


def search(
    store: Store,
    where: JournalFilter,
    accept: Accept | None,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
) -> JournalPiece:
    """At most ``limit`` events, newest first, with a seq below ``before``; or oldest first, with a seq above ``after``.

    ``accept`` is asked about each event besides the filter. Runs in the store's thread.
    """
    with store.reading() as connection:
        low, high = bounds(connection, store.journal.head(connection)[0], where)
        forward = after is not None
        if after is not None:
            low = max(low, after)
        elif before is not None:
            high = min(high, before - 1)
        if low >= high:
            return JournalPiece((), high if forward else low + 1, True)
        first, last = low + 1, high
        kinds = kinds_asked(connection, where) if where.kinds else None
        indexed = kinds is not None and not where.persons and not where.services
        if not indexed:
            first, last = (first, min(last, low + STRETCH)) if forward else (max(first, high - STRETCH + 1), last)
        exact = accept is None and not where.services and all(each.isascii() for each in where.persons)
        most = limit if exact else max(limit, CANDIDATES)
        rows = _rows(connection, where, kinds, first, last, most, forward=forward)
    kept = []
    for row in rows:
        event = _event(store, row)
        if where.allows(event) and (accept is None or accept(event)):
            kept.append(event)
            if len(kept) == limit:
                break
    if len(kept) == limit:
        reached = kept[-1].seq
    elif len(rows) == most:
        reached = rows[-1][0]
    else:
        reached = last if forward else first
    return JournalPiece(tuple(kept), reached, reached >= high if forward else reached <= low + 1)


def _rows(
    connection: Connection,
    where: JournalFilter,
    kinds: list[str] | None,
    first: int,
    last: int,
    most: int,
    *,
    forward: bool,
) -> list[Any]:
    """The first ``most`` rows in the order of the search that the database's own conditions leave."""
    seq = _EVENT.c.seq
    query = select(*_COLUMNS).where(seq >= first, seq <= last).order_by(seq if forward else seq.desc()).limit(most)
    query = _conditions(query, where)
    if kinds is None:
        return list(connection.execute(query).all())
    # One at a time: only so is each a walk along the index, in the order that is wanted.
    found = [row for kind in kinds for row in connection.execute(query.where(_EVENT.c.kind == kind)).all()]
    return sorted(found, key=lambda row: int(row[0]), reverse=not forward)[:most]


def _conditions(query: Select[Any], where: JournalFilter) -> Select[Any]:
    if where.since is not None:
        query = query.where(_EVENT.c.occurred_at >= stamp(where.since))
    if where.until is not None:
        query = query.where(_EVENT.c.occurred_at < stamp(where.until))
    if where.persons and all(each.isascii() for each in where.persons):
        actor = func.lower(_EVENT.c.actor)
        query = query.where(or_(*(actor.contains(each, autoescape=True) for each in where.persons)))
    if where.services:
        subject = _EVENT.c.subject
        named = [subject == each for each in where.services]
        below = [subject.startswith(each + ".", autoescape=True) for each in where.services]
        # What a window covers is in its body.
        query = query.where(or_(*named, *below, _EVENT.c.kind.startswith("maintenance.")))
    if not where.routine:
        query = query.where(_EVENT.c.kind.not_in(sorted(routine_kinds())))
    return query


def _event(store: Store, row: Any) -> Event:
    try:
        return event_of(row)
    except (ValueError, TypeError) as error:
        raise StoreCorrupt.of(store.where, f"event {row[0]} cannot be read") from error
