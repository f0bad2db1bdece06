"""What the store knows of all checks at a past moment: the probes before it, and the hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Dialect, Integer, bindparam, func, select

from artisan_tui.domain.checks.sample import ROLL_UP_SECONDS, CheckSample, RollUp
from artisan_tui.store.checks.hours import HOUR
from artisan_tui.store.checks.part import CheckRef, CheckRollUp, CheckSampleRow
from artisan_tui.store.checks.rows import ROLL_UP, SAMPLE, roll_up_of, sample_of
from artisan_tui.store.model import table
from artisan_tui.store.part import Transactions
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import micros, moment

_REF, _SAMPLE, _ROLL_UP = table(CheckRef), table(CheckSampleRow), table(CheckRollUp)
_DAY: Final = 86_400_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_BEGINNING: Final = -(2**62)


class Probes(NamedTuple):
    """``newest`` of ``number`` probes, oldest first."""

    newest: tuple[CheckSample, ...] = ()
    number: int = 0


class HourThen(NamedTuple):
    """Probes that were up or degraded, those that were down, and their packed `Latencies`."""

    start: datetime
    good: int
    down: int
    latencies: str


class Served(NamedTuple):
    """Probes that were up or degraded, and those that were down."""

    good: int = 0
    down: int = 0


class _Queries:
    """Every query as text, once for each database: some are asked for every check."""

    def __init__(self, dialect: Dialect) -> None:
        ref: Any = bindparam("ref")
        low: Any = bindparam("low")
        high: Any = bindparam("high")
        probed = (_SAMPLE.c.check_ref == ref, _SAMPLE.c.at > low, _SAMPLE.c.at <= high)
        newest = select(*(_SAMPLE.c[name] for name in SAMPLE)).where(*probed).order_by(_SAMPLE.c.at.desc())
        # Named, because SQLite would add an offset without a name.
        limited = newest.limit(bindparam("most", type_=Integer)).offset(bindparam("skip", type_=Integer))
        rolled = (_ROLL_UP.c.check_ref == ref, _ROLL_UP.c.start >= low, _ROLL_UP.c.start <= high)
        within = (HOUR.c.check_ref == ref, HOUR.c.start >= low, HOUR.c.start < high)
        served = (func.sum(HOUR.c.up + HOUR.c.degraded), func.sum(HOUR.c.down))
        whole = HOUR.c.start.type
        day = (HOUR.c.start + bindparam("offset", type_=whole)) // bindparam("day_long", type_=whole)
        self.newest = Prepared(limited, dialect)
        self.number = Prepared(select(func.count()).select_from(_SAMPLE).where(*probed), dialect)
        self.heard = Prepared(select(_SAMPLE.c.at, _SAMPLE.c.verdict, _SAMPLE.c.latency).where(*probed), dialect)
        self.rolled = Prepared(
            select(*(_ROLL_UP.c[each] for each in ROLL_UP)).where(*rolled).order_by(_ROLL_UP.c.start), dialect
        )
        self.days = Prepared(select(day.label("day"), *served).where(*within).group_by("day"), dialect)
        self.first = Prepared(select(func.min(HOUR.c.start)).where(HOUR.c.check_ref == ref), dialect)
        columns = [HOUR.c[name] for name in ("start", "up", "degraded", "down", "latencies")]
        self.hours = Prepared(select(*columns).where(*within).order_by(HOUR.c.start), dialect)


class _RolledUp(NamedTuple):
    """Roll-ups that begin in [low, last], by check: one moment is asked for them twice."""

    low: int
    last: int
    held: dict[str, tuple[RollUp, ...]]


@lru_cache(4)
def _queries(dialect: Dialect) -> _Queries:
    return _Queries(dialect)


class ChecksThen:
    """Within one transaction that reads."""

    def __init__(self, connection: Connection) -> None:
        self._cursor: Any = connection.connection.cursor()
        self._queries = _queries(connection.dialect)
        self._refs = {name: ref for name, ref in connection.execute(select(_REF.c.check_id, _REF.c.id))}
        self._rolled: _RolledUp | None = None

    def _rows(self, query: Prepared, check_ids: Iterable[str], **values: int) -> Iterator[tuple[str, list[Any]]]:
        for check_id in check_ids:
            ref = self._refs.get(check_id)
            if ref is not None:
                query.one(self._cursor, {"ref": ref, **values})
                yield check_id, self._cursor.fetchall()

    # -- probes -------------------------------------------------------------------------------

    def probes(self, after: Mapping[str, datetime | None], upto: datetime, limit: int) -> dict[str, Probes]:
        """Of each check the newest ``limit`` probes after its moment (None: all) up to ``upto``, and how many there are."""
        high, found = micros(upto), {}
        for check_id, since in after.items():
            low = _BEGINNING if since is None else micros(since)
            span = {"low": low, "high": high}
            for _, rows in self._rows(self._queries.newest, (check_id,), **span, most=limit, skip=0):
                number = len(rows)
                if number == limit:
                    ((_, ((number,),)),) = self._rows(self._queries.number, (check_id,), **span)
                found[check_id] = Probes(tuple(sample_of(check_id, row) for row in reversed(rows)), number)
        return found

    def heard(
        self, check_ids: Sequence[str], since: datetime, upto: datetime
    ) -> dict[str, list[tuple[int, str, int | None]]]:
        """Of each check (microsecond, verdict, microseconds of latency) of every probe in [since, upto], in no order."""
        return dict(self._rows(self._queries.heard, check_ids, low=micros(since) - 1, high=micros(upto)))

    def roll_ups(self, check_ids: Iterable[str], upto: datetime, limit: int) -> dict[str, tuple[RollUp, ...]]:
        """Of each check the roll-ups of the last ``limit`` times five minutes, oldest first."""
        grain = ROLL_UP_SECONDS * 1_000_000
        last = micros(upto) // grain * grain
        low = last - (limit - 1) * grain
        if self._rolled is None or self._rolled.last != last or self._rolled.low > low:
            self._rolled = _RolledUp(low, last, {})
        held, first = self._rolled.held, moment(low)
        for name, rows in self._rows(
            self._queries.rolled, (each for each in check_ids if each not in held), low=self._rolled.low, high=last
        ):
            held[name] = tuple(roll_up_of(name, row) for row in rows)
        found = {name: held[name] for name in check_ids if name in held}
        if self._rolled.low == low:
            return found
        return {name: tuple(each for each in rolled if each.start >= first) for name, rolled in found.items()}

    # -- hours --------------------------------------------------------------------------------

    def days(
        self, check_ids: Iterable[str], start: datetime, end: datetime, offset: timedelta
    ) -> dict[str, dict[int, Served]]:
        """By check and day, of the hours that begin in [start, end). Days are counted from 1970 at this ``offset`` from UTC."""
        span = {"low": micros(start), "high": micros(end), "offset": offset // _MICROSECOND, "day_long": _DAY}
        rows = self._rows(self._queries.days, check_ids, **span)
        return {name: {int(day): Served(int(good), int(down)) for day, good, down in found} for name, found in rows}

    def first_hours(self, check_ids: Iterable[str]) -> dict[str, datetime]:
        """When the first hour of each check that is kept began."""
        rows = self._rows(self._queries.first, check_ids)
        return {name: moment(found[0][0]) for name, found in rows if found[0][0] is not None}

    def hours(self, check_id: str, start: datetime, end: datetime) -> list[HourThen]:
        """The hours of a check that begin in [start, end), oldest first."""
        rows = self._rows(self._queries.hours, (check_id,), low=micros(start), high=micros(end))
        return [
            HourThen(moment(at), up + degraded, down, latencies)
            for _, found in rows
            for at, up, degraded, down, latencies in found
        ]


@contextmanager
def checks_then(store: Transactions) -> Iterator[ChecksThen]:
    """All of it within one transaction."""
    with store.reading() as connection:
        yield ChecksThen(connection)
