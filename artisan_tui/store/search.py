"""Finds events of the journal by the words in them: an index beside the journal, filled behind it.

The index follows from the events alone, so nothing is lost with it. It is written in batches of its own, not with each
event: an append costs nothing more. A query first takes in what is not indexed yet, up to a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_kinds import routine_kinds
from artisan_tui.domain.search_tokens import folded, index_tokens, query_tokens, texts_of
from artisan_tui.store import dialect
from artisan_tui.store.journal import EventRow
from artisan_tui.store.model import Meta, table
from artisan_tui.store.part import Part
from artisan_tui.store.rows import EVENT, event_of

_EVENT, _META = table(EventRow), table(Meta)
_COLUMNS = [_EVENT.c[name] for name in EVENT]
#: The row of `Meta` with the seq up to which events are indexed.
_MARK = "search"
#: Events that are indexed in one transaction: some 20 ms, so that others write in between.
BATCH = 500
#: Found rows that are read and compared with the words themselves, at most.
_CANDIDATES = 2_000
#: The newest events that a query reads one by one when they are not indexed yet, at most.
_TAIL = 5_000
#: The newest indexed events that a query reads one by one before it asks the index. A word that is in many entries is
#: found there: to gather all its places from the index would take a second of a million entries.
_NEAR = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """``events`` newest first. ``whole``: there are no more. ``behind`` events were not indexed, nor read one by one."""

    events: tuple[Event, ...]
    whole: bool
    behind: int = 0


class SearchStore(Part):
    """The index of words."""

    def behind(self) -> int:
        """Events that are not indexed yet."""
        with self._store.reading() as connection:
            return _count(connection) - _mark(connection)

    def catch_up(self, batches: int = 1) -> int:
        """Index the next events; how many are left. Another session may do so at the same time."""
        for _ in range(batches):
            with self._store.writing() as transaction:
                left = self._batch(transaction.connection)
            if left <= 0:
                return 0
        return left

    def find(self, words: Sequence[str], *, subject: str = "", before: int | None = None, limit: int = 100) -> Found:
        """At most ``limit`` events that hold every one of ``words``, newest first, below the seq ``before``.

        Of ``subject`` alone when it is given. What is not indexed yet is read one by one, up to a limit.
        """
        wanted = [folded(word) for word in words if word.strip()]
        tokens = [token for word in wanted for token in query_tokens(word)]
        if not tokens:
            return Found((), True)

        def fits(event: Event) -> bool:
            return (not subject or event.subject == subject) and _holds(event, wanted)

        with self._store.reading() as connection:
            mark, count = _mark(connection), _count(connection)
            top = count if before is None else before - 1
            found = [each for each in _events_between(connection, max(mark, top - _TAIL), top) if fits(each)]
            behind = max(0, min(top, count) - _TAIL - mark)
            near, reached = _newest(connection, min(top, mark), subject)
            found += [each for each in near if fits(each) and _begins(each, tokens)]
            if len(found) > limit:
                return Found(tuple(found[:limit]), False, behind)
            exact = _subject_token(subject) if subject else ""
            numbers = dialect.search_matches(connection, tokens, exact, reached, _CANDIDATES) if reached else []
            for start in range(0, len(numbers), limit):
                if len(found) > limit:
                    break
                found += [each for each in _events(connection, numbers[start : start + limit]) if fits(each)]
        return Found(tuple(found[:limit]), len(found) <= limit and len(numbers) < _CANDIDATES and not behind, behind)

    def _batch(self, connection: Connection) -> int:
        """Index the next `BATCH` events in this transaction; how many are left after them."""
        mark, count = _mark(connection), _count(connection)
        query = select(*_COLUMNS).where(_EVENT.c.seq > mark, _EVENT.c.seq <= mark + BATCH).order_by(_EVENT.c.seq)
        rows = [(row[0], _tokens(event)) for row in connection.execute(query) if (event := _readable(row)) is not None]
        dialect.search_add(connection, [row for row in rows if row[1]])
        reached = min(mark + BATCH, count)
        if reached != mark:
            values = {"value": str(reached)}
            if connection.execute(update(_META).where(_META.c.key == _MARK).values(values)).rowcount == 0:
                connection.execute(_META.insert().values(key=_MARK, **values))
        return count - reached


def _readable(row: Any) -> Event | None:
    """A damaged event is `audit verify`'s to name; the others are found all the same."""
    try:
        return event_of(row)
    except (ValueError, TypeError):
        return None


def _tokens(event: Event) -> tuple[str, ...]:
    if event.kind in routine_kinds():
        return ()
    return (
        (_subject_token(event.subject), *index_tokens(_texts(event))) if event.subject else index_tokens(_texts(event))
    )


def _texts(event: Event) -> list[str]:
    return [event.subject, event.actor, event.kind.replace(".", " "), *texts_of(event.body)]


def _holds(event: Event, words: Sequence[str]) -> bool:
    said = folded("\n".join(_texts(event)))
    return all(word in said for word in words)


def _begins(event: Event, tokens: Sequence[str]) -> bool:
    """Whether the index would say so: each of ``tokens`` begins a word of the event."""
    words = index_tokens(_texts(event))
    return all(any(word.startswith(token) for word in words) for token in tokens)


def _subject_token(subject: str) -> str:
    """One word for a whole subject that no text has: its letters behind a mark that texts are cut at."""
    return "subject0" + "".join(each for each in folded(subject) if each.isalnum())


def _events(connection: Connection, numbers: Sequence[int]) -> list[Event]:
    query = select(*_COLUMNS).where(_EVENT.c.seq.in_(numbers)).order_by(_EVENT.c.seq.desc())
    return [event for row in connection.execute(query) if (event := _readable(row)) is not None]


def _events_between(connection: Connection, above: int, upto: int) -> list[Event]:
    """Events with ``above`` < seq <= ``upto``, newest first, without what sessions say of themselves."""
    query = select(*_COLUMNS).where(_EVENT.c.seq > above, _EVENT.c.seq <= upto).order_by(_EVENT.c.seq.desc())
    events = [event for row in connection.execute(query) if (event := _readable(row)) is not None]
    return [event for event in events if event.kind not in routine_kinds()]


def _newest(connection: Connection, upto: int, subject: str) -> tuple[list[Event], int]:
    """(the newest `_NEAR` events with a seq up to ``upto``, of ``subject`` if it is given; the seq that was reached, 0 for
    the first), without what sessions say of themselves.
    """
    query = select(*_COLUMNS).where(_EVENT.c.seq <= upto).order_by(_EVENT.c.seq.desc()).limit(_NEAR)
    if subject:
        query = query.where(_EVENT.c.subject == subject)
    rows = connection.execute(query).all()
    events = [event for row in rows if (event := _readable(row)) is not None and event.kind not in routine_kinds()]
    return events, int(rows[-1][0]) if len(rows) == _NEAR else 0


def _mark(connection: Connection) -> int:
    found = connection.execute(select(_META.c.value).where(_META.c.key == _MARK)).scalar()
    return int(found) if found is not None and str(found).isdecimal() else 0


def _count(connection: Connection) -> int:
    found = connection.execute(select(_META.c.value).where(_META.c.key == "journal")).scalar()
    count = str(found or "").partition(":")[0]
    return int(count) if count.isdecimal() else 0
