"""Finds events of the journal by the words in them: an index beside the journal, filled behind it.

The index follows from the events alone, so nothing is lost with it. It is written in batches of its own, not with each
event: an append costs nothing more. A query first takes in what is not indexed yet, up to a limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.domain.journal_kinds import routine_kinds
from artisan_tui.domain.search_tokens import folded, index_tokens, query_tokens, texts_of
from artisan_tui.store.dialect_search import search_add, search_matches
from artisan_tui.store.journal import EventRow
from artisan_tui.store.journal_bounds import bounds, kinds_asked, written_before
from artisan_tui.store.model import Meta, table
from artisan_tui.store.part import Part
from artisan_tui.store.rows import EVENT, event_of

_EVENT, _META = table(EventRow), table(Meta)
_COLUMNS = [_EVENT.c[name] for name in EVENT]
#: The row of `Meta` with the seq up to which events are indexed.
_MARK = "search"
#: Events that are indexed in one transaction: some 20 ms, so that others write in between.
BATCH = 500
#: Events that one query reads and compares with the words themselves, at most: some 60 ms.
_CANDIDATES = 2_000
#: The least that are read at once.
_CHUNK = 50
_ANY = JournalFilter()
_TIME = "at0"


@dataclass(frozen=True, slots=True)
class Found:
    """``events`` newest first. ``whole``: there are no more. Everything from the seq ``reached`` on has been looked at."""

    events: tuple[Event, ...]
    whole: bool
    reached: int = 0


class SearchStore(Part):
    """The index of words."""

    def behind(self) -> int:
        """Events that are not indexed yet."""
        with self._store.reading() as connection:
            return _count(connection) - _mark(connection)

    def catch_up(self, batches: int = 1) -> int:
        """Index the next events; how many are left. Another session may do so at the same time."""
        for _ in range(batches):
            with self._store.writing(quiet=True) as transaction:
                left = self._batch(transaction.connection)
            if left <= 0:
                return 0
        return left

    def find(
        self,
        words: Sequence[str],
        *,
        subject: str = "",
        where: JournalFilter = _ANY,
        before: int | None = None,
        limit: int = 100,
    ) -> Found:
        """At most ``limit`` events that hold every one of ``words``, newest first, below the seq ``before``.

        Of ``subject`` alone when it is given, and of those that ``where`` allows. What is not indexed yet is read one by
        one. A bounded number of events is looked at, so there may be none while there are more: go on before `Found.reached`.
        """
        wanted = [folded(word) for word in words if word.strip()]
        tokens = [token for word in wanted for token in query_tokens(word)]
        if not tokens:
            return Found((), True)

        def fits(event: Event) -> bool:
            return (not subject or event.subject == subject) and where.allows(event) and _holds(event, wanted)

        with self._store.reading() as connection:
            low, top = bounds(connection, _count(connection), where)
            if before is not None:
                top = min(top, before - 1)
            mark = max(low, min(_mark(connection), top))
            reached = max(mark, top - _CANDIDATES)
            found = [each for each in _events_between(connection, reached, top) if fits(each)]
            whole = reached <= low
            if reached == mark and len(found) <= limit:
                groups = [[f"{token}*"] for token in tokens]
                if subject:
                    groups.append([_name_token("subject", subject)])
                if where.kinds:
                    groups.append([_name_token("kind", each) for each in kinds_asked(connection, where)])
                asked, left, high = max(limit + 1, _CHUNK), _CANDIDATES, mark
                late = _late(connection, mark, where) if mark > low and all(groups) else None
                while late is not None:
                    # First as many as a page holds: where matches are far apart, more would be a longer walk for nothing.
                    asked = min(left, asked)
                    numbers = _matches(connection, groups, where, max(low, late), low, high, asked)
                    found += [event for event in _events(connection, numbers) if fits(event)]
                    left -= len(numbers)
                    if len(numbers) < asked or len(found) > limit or left <= 0:
                        whole = len(numbers) < asked
                        reached = low if whole else numbers[-1] - 1
                        break
                    high, asked = numbers[-1] - 1, 2 * asked
                else:
                    whole, reached = True, low
        if len(found) > limit:
            return Found(tuple(found[:limit]), False, found[limit - 1].seq)
        return Found(tuple(found), whole, reached + 1)

    def _batch(self, connection: Connection) -> int:
        """Index the next `BATCH` events in this transaction; how many are left after them."""
        mark, count = _mark(connection), _count(connection)
        query = select(*_COLUMNS).where(_EVENT.c.seq > mark, _EVENT.c.seq <= mark + BATCH).order_by(_EVENT.c.seq)
        rows = [(row[0], _tokens(event)) for row in connection.execute(query) if (event := _readable(row)) is not None]
        search_add(connection, [row for row in rows if row[1]])
        reached = min(mark + BATCH, count)
        if reached != mark:
            values = {"value": str(reached)}
            if connection.execute(update(_META).where(_META.c.key == _MARK).values(values)).rowcount == 0:
                connection.execute(_META.insert().values(key=_MARK, **values))
        return count - reached


def _late(connection: Connection, high: int, where: JournalFilter) -> int:
    """The last seq up to ``high`` that was written before the end of the time asked for; ``high`` without an end.

    What was written after it is wanted where it happened before. What was written before it happened before it.
    """
    return high if where.until is None else written_before(connection, high, where.until)


def _matches(
    connection: Connection, groups: list[list[str]], where: JournalFilter, late: int, low: int, high: int, most: int
) -> list[int]:
    """At most ``most`` seqs, newest first, ``low`` < seq <= ``high``. ``late`` see `_late`."""
    found: list[int] = []
    if where.until is not None and high > late:
        found = search_matches(connection, [*groups, _times_until(where.until)], late, high + 1, most)
    end = min(high, late)
    if len(found) < most and end > low:
        found += search_matches(connection, groups, low, end + 1, most - len(found))
    return found


def _readable(row: Any) -> Event | None:
    """A damaged event is `audit verify`'s to name; the others are found all the same."""
    try:
        return event_of(row)
    except (ValueError, TypeError):
        return None


def _tokens(event: Event) -> tuple[str, ...]:
    if event.kind in routine_kinds():
        return ()
    names = [_name_token("subject", event.subject)] if event.subject else []
    names += [_name_token("kind", event.kind), _time_token(event.occurred_at)]
    return (*names, *index_tokens(_texts(event)))


def _texts(event: Event) -> list[str]:
    return [event.subject, event.actor, event.kind.replace(".", " "), *texts_of(event.body)]


def _holds(event: Event, words: Sequence[str]) -> bool:
    said = folded("\n".join(_texts(event)))
    return all(word in said for word in words)


def _name_token(sort: str, name: str) -> str:
    """One word for a whole subject or kind that no text has: its letters behind a mark that texts are cut at."""
    return f"{sort}0" + "".join(each for each in folded(name) if each.isalnum())


def _time_token(moment: datetime) -> str:
    """One word for the minute. What is written late is found at its own time, and not among the seqs of its neighbours."""
    return f"{_TIME}{moment.astimezone(UTC):%Y%m%d%H%M}"


def _times_until(moment: datetime) -> list[str]:
    """Beginnings of the words of all minutes up to this one."""
    last = _time_token(moment)
    places = range(len(_TIME), len(last))
    return [last, *(f"{last[:place]}{digit}*" for place in places for digit in range(int(last[place])))]


def _events(connection: Connection, numbers: Sequence[int]) -> list[Event]:
    query = select(*_COLUMNS).where(_EVENT.c.seq.in_(numbers)).order_by(_EVENT.c.seq.desc())
    return [event for row in connection.execute(query) if (event := _readable(row)) is not None]


def _events_between(connection: Connection, above: int, upto: int) -> list[Event]:
    """Events with ``above`` < seq <= ``upto``, newest first, without what sessions say of themselves."""
    query = select(*_COLUMNS).where(_EVENT.c.seq > above, _EVENT.c.seq <= upto).order_by(_EVENT.c.seq.desc())
    events = [event for row in connection.execute(query) if (event := _readable(row)) is not None]
    return [event for event in events if event.kind not in routine_kinds()]


def _mark(connection: Connection) -> int:
    found = connection.execute(select(_META.c.value).where(_META.c.key == _MARK)).scalar()
    return int(found) if found is not None and str(found).isdecimal() else 0


def _count(connection: Connection) -> int:
    found = connection.execute(select(_META.c.value).where(_META.c.key == "journal")).scalar()
    count = str(found or "").partition(":")[0]
    return int(count) if count.isdecimal() else 0
