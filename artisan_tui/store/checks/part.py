"""What is kept of checks: raw samples, their five-minute roll-ups, and the last status of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, ForeignKey, Table, case, select, text
from sqlmodel import Field

from artisan_tui.domain.checks.heartbeat import Heartbeat
from artisan_tui.domain.checks.sample import (
    HOURS_KEPT_SECONDS,
    RAW_KEPT_SECONDS,
    ROLL_UP_SECONDS,
    ROLL_UPS_KEPT_SECONDS,
    CheckHour,
    CheckSample,
    CheckStatus,
    RollUp,
    number_of,
)
from artisan_tui.store.checks.heartbeats import put_heartbeats, read_heartbeats
from artisan_tui.store.checks.hours import HOUR, Hours, hours_of
from artisan_tui.store.checks.rows import (
    ROLL_UP,
    SAMPLE,
    STATUS,
    VERDICTS,
    roll_up_of,
    sample_of,
    status_of,
    status_values,
)
from artisan_tui.store.dialect import BIG, CLUSTERED, upsert
from artisan_tui.store.model import Model, table
from artisan_tui.store.part import Part, Transaction, Transactions
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.prune import Shelf
from artisan_tui.store.rows import duration, micros, storable


class CheckRef(Model, table=True):
    """A check's id as a small number, so that millions of samples stay small. Never deleted."""

    __tablename__ = "check_ref"
    id: int | None = Field(default=None, primary_key=True)
    check_id: str = Field(unique=True)


class CheckState(Model, table=True):
    """The last status of a check: `domain.checks.sample.CheckStatus`."""

    __tablename__ = "check_state"
    check_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("check_ref.id")])
    service_name: str
    kind: str
    state: str
    reason: str
    detail: str
    since: int = Field(sa_type=BIG)
    seen_at: int | None = Field(sa_type=BIG)
    baseline: str | None
    downs: int
    lows: int
    blind: int
    stale: bool
    latency: int | None = Field(sa_type=BIG)
    value: str | None
    every_seconds: float
    timeout_seconds: float
    evidence: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    pulse: int = Field(default=0, sa_type=BIG, sa_column_kwargs={"server_default": "0"})


class CheckSampleRow(Model, table=True):
    """The result of one probe: `domain.checks.sample.CheckSample`. Kept for two days."""

    __tablename__ = "check_sample"
    __table_args__ = CLUSTERED
    check_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("check_ref.id")])
    at: int = Field(primary_key=True, sa_type=BIG)
    verdict: str
    reason: str
    latency: int | None = Field(sa_type=BIG)
    value: str | None


class CheckRollUp(Model, table=True):
    """Five minutes of one check: `domain.checks.sample.RollUp`. Kept for ninety days."""

    __tablename__ = "check_roll_up"
    __table_args__ = CLUSTERED
    check_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("check_ref.id")])
    start: int = Field(primary_key=True, sa_type=BIG)
    up: int
    degraded: int
    down: int
    unknown: int
    latency_min: int | None = Field(sa_type=BIG)
    latency_max: int | None = Field(sa_type=BIG)
    latency_sum: int = Field(sa_type=BIG)
    latency_count: int
    value_min: float | None
    value_max: float | None


_REF, _STATE = table(CheckRef), table(CheckState)
_SAMPLE, _ROLL_UP = table(CheckSampleRow), table(CheckRollUp)
_GRAIN: Final = ROLL_UP_SECONDS * 1_000_000
#: Values in one IN list; every database takes as many.
_AT_ONCE = 500


class CheckStore(Part):
    """Samples, roll-ups and statuses of checks, by check id."""

    def __init__(self, store: Transactions) -> None:
        super().__init__(store)
        dialect = store.dialect
        self._refs: dict[str, int] = {}
        self._new_ref = Prepared(upsert(dialect.name, _REF), dialect, ["check_id"])
        self._insert = Prepared(upsert(dialect.name, _SAMPLE), dialect, ["check_ref", *SAMPLE])
        self._roll_up = Prepared(
            upsert(dialect.name, _ROLL_UP, lambda new: _merged(_ROLL_UP, new)), dialect, ["check_ref", *ROLL_UP]
        )
        self._hours = Hours(dialect)
        self._put = Prepared(
            upsert(dialect.name, _STATE, lambda new: {name: new[name] for name in (*STATUS, "pulse")}),
            dialect,
            ["check_ref", *STATUS, "pulse"],
        )

    def shelves(self, now: datetime) -> Iterable[Shelf]:
        """Raw samples are kept for two days, roll-ups for ninety."""
        raw, rolled = (micros(now - timedelta(seconds=kept)) for kept in (RAW_KEPT_SECONDS, ROLL_UPS_KEPT_SECONDS))
        yield Shelf(_SAMPLE, _REF, _SAMPLE.c.check_ref, _SAMPLE.c.at, raw)
        yield Shelf(_ROLL_UP, _REF, _ROLL_UP.c.check_ref, _ROLL_UP.c.start, rolled)
        yield Shelf(HOUR, _REF, HOUR.c.check_ref, HOUR.c.start, micros(now - timedelta(seconds=HOURS_KEPT_SECONDS)))

    # -- writing ----------------------------------------------------------------------------

    def record(
        self,
        samples: Sequence[CheckSample],
        statuses: Sequence[CheckStatus] = (),
        *,
        fence: int | None = None,
        also: Callable[[Transaction], None] = lambda transaction: None,
    ) -> None:
        """Raw samples, their roll-ups and statuses, and what is written ``also``, in one transaction.

        With ``fence`` it is also a beat of the lease: LeaseLost, and nothing written, when it is held no longer.

        A sample recorded before (same check, same microsecond, still kept) changes nothing; of two
        different ones the first stays. ValueError for a verdict that no probe can have.
        """
        if not samples and not statuses and fence is None:
            return
        with self._store.writing(fence) as transaction:
            refs = self._known_refs(transaction, (sample.check_id for sample in samples))
            self._add(transaction.connection, samples, refs)
            self.put_statuses(transaction, statuses)
            also(transaction)

    def put_statuses(self, transaction: Transaction, statuses: Sequence[CheckStatus]) -> None:
        """Statuses, in a transaction of the caller; readers ask for those written after a beat of the lease."""
        refs = self._known_refs(transaction, (status.check_id for status in statuses))
        rows = [
            {"check_ref": refs[status.check_id], **status_values(status), "pulse": transaction.pulse}
            for status in statuses
        ]
        self._put.all(transaction.connection, rows)

    def _add(self, connection: Connection, samples: Sequence[CheckSample], refs: Mapping[str, int]) -> None:
        """Samples and their share of the roll-ups. One already there, by check and moment, changes nothing."""
        rows: dict[tuple[int, int], dict[str, object]] = {}
        new: dict[tuple[int, int], CheckSample] = {}
        for sample in samples:
            row = _sample_values(refs[sample.check_id], sample)
            rows.setdefault((refs[sample.check_id], micros(sample.at)), row)
            new.setdefault((refs[sample.check_id], micros(sample.at)), sample)
        for key in self._known(connection, list(rows)):
            del rows[key], new[key]
        self._insert.all(connection, list(rows.values()))
        self._roll_up.all(connection, _rolled(rows.values()))
        self._hours.add(connection, ((ref, sample) for (ref, _at), sample in new.items()))

    def _known(self, connection: Connection, keys: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
        known: list[tuple[int, int]] = []
        for first in range(0, len(keys), _AT_ONCE):
            some = set(keys[first : first + _AT_ONCE])
            refs, moments = {ref for ref, _ in some}, [at for _, at in some]
            # Not as pairs: SQLite (3.40) walks through the whole table for an IN list of them.
            near = _SAMPLE.c.check_ref.in_(refs), _SAMPLE.c.at.between(min(moments), max(moments))
            query = select(_SAMPLE.c.check_ref, _SAMPLE.c.at).where(*near)
            known += [(ref, at) for ref, at in connection.execute(query) if (ref, at) in some]
        return known

    def _known_refs(self, transaction: Transaction, names: Iterable[str]) -> dict[str, int]:
        """The numbers of these checks, given out now to new ones. They never change: `check_ref` only grows.

        A number is remembered once it is committed: one from a transaction that was rolled back means nothing.
        """
        connection, wanted = transaction.connection, dict.fromkeys(names)
        refs = {name: self._refs[name] for name in wanted if name in self._refs}
        new = [name for name in wanted if name not in refs]
        if not new:
            return refs
        self._new_ref.all(connection, [{"check_id": storable(name)} for name in new])
        for first in range(0, len(new), _AT_ONCE):
            some = {storable(name): name for name in new[first : first + _AT_ONCE]}
            query = select(_REF.c.check_id, _REF.c.id).where(_REF.c.check_id.in_(list(some)))
            refs |= {some[stored]: ref for stored, ref in connection.execute(query)}
        transaction.after_commit(lambda: self._refs.update(refs))
        return refs

    # -- reading ----------------------------------------------------------------------------

    def samples(self, check_id: str, since: datetime, until: datetime | None = None) -> tuple[CheckSample, ...]:
        """Raw samples with ``since`` <= at < ``until``, oldest first."""
        with self._store.reading() as connection:
            rows = _between(connection, _SAMPLE, SAMPLE, check_id, micros(since), until)
        return tuple(sample_of(check_id, row) for row in rows)

    def roll_ups(self, check_id: str, since: datetime, until: datetime | None = None) -> tuple[RollUp, ...]:
        """Roll-ups from the one that ``since`` falls in, those that start before ``until``, oldest first."""
        start = micros(since) // _GRAIN * _GRAIN
        with self._store.reading() as connection:
            rows = _between(connection, _ROLL_UP, ROLL_UP, check_id, start, until)
        return tuple(roll_up_of(check_id, row) for row in rows)

    def hours(self, check_ids: Sequence[str], since: datetime) -> Mapping[str, Sequence[CheckHour]]:
        """The hours of each of these checks that began at ``since`` or later, oldest first."""
        wanted = {storable(check_id): check_id for check_id in check_ids}
        query = select(_REF.c.id, _REF.c.check_id).where(_REF.c.check_id.in_(wanted))
        with self._store.reading() as connection:
            found = hours_of(connection, {ref: wanted[name] for ref, name in connection.execute(query)}, since)
        return {check_id: found.get(check_id, ()) for check_id in check_ids}

    def statuses(self, after: int | None = None) -> tuple[CheckStatus, ...]:
        """The last status of every check, by check id; only those written with a later beat of the lease than ``after``."""
        columns = [_STATE.c[name] for name in STATUS]
        query = select(_REF.c.check_id, *columns).join_from(_STATE, _REF).order_by(_REF.c.check_id)
        if after is not None:
            query = query.where(_STATE.c.pulse > after)
        with self._store.reading() as connection:
            return tuple(status_of(row) for row in connection.execute(query))

    def heartbeats(self) -> Mapping[str, Heartbeat]:
        """The last call of every heartbeat check, by check id."""
        with self._store.reading() as connection:
            return read_heartbeats(connection)

    def put_heartbeats(self, beats: Mapping[str, Heartbeat]) -> None:
        with self._store.writing() as transaction:  # a call is what a stranger did, so no lease is needed
            put_heartbeats(transaction.connection, beats)


PART = CheckStore


def _between(
    connection: Connection, source: Table, names: Sequence[str], check_id: str, first: int, until: datetime | None
) -> Sequence[Any]:
    """Rows of one check from ``first`` (included) until ``until`` (not included), oldest first."""
    moment = source.c[names[0]]
    ref = select(_REF.c.id).where(_REF.c.check_id == storable(check_id)).scalar_subquery()
    query = select(*(source.c[name] for name in names)).where(source.c.check_ref == ref, moment >= first)
    if until is not None:
        query = query.where(moment < micros(until))
    return connection.execute(query.order_by(moment)).all()


def _sample_values(ref: int, sample: CheckSample) -> dict[str, object]:
    if sample.verdict.value not in VERDICTS:
        raise ValueError(f"{sample.check_id}: {sample.verdict.value} is a state, not what a probe can say")
    return {
        "check_ref": ref,
        "at": micros(sample.at),
        "verdict": sample.verdict.value,
        "reason": storable(sample.reason),
        "latency": duration(sample.latency),
        "value": None if sample.value is None else storable(sample.value),
    }


def _rolled(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
    """What ``rows`` of `check_sample` add to the roll-ups."""
    groups: defaultdict[tuple[int, int], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["check_ref"], row["at"] // _GRAIN * _GRAIN].append(row)
    out: list[dict[str, object]] = []
    for (ref, start), group in groups.items():
        latencies = [row["latency"] for row in group if row["latency"] is not None]
        values = [number for row in group if (number := number_of(row["value"])) is not None]
        counts = {verdict: sum(row["verdict"] == verdict for row in group) for verdict in VERDICTS}
        out.append(
            {
                "check_ref": ref,
                "start": start,
                **counts,
                "latency_min": min(latencies, default=None),
                "latency_max": max(latencies, default=None),
                "latency_sum": sum(latencies),
                "latency_count": len(latencies),
                "value_min": min(values, default=None),
                "value_max": max(values, default=None),
            }
        )
    return out


def _merged(old: Table, new: Any) -> Mapping[str, ColumnElement[Any]]:
    """A roll-up and what is added to it. CASE, because MIN of two values differs between databases over NULL."""

    def better(name: str, wins: ColumnElement[bool]) -> ColumnElement[Any]:
        kept = old.c[name]
        return case((new[name].is_(None), kept), (kept.is_(None), new[name]), (wins, new[name]), else_=kept)

    added = (*VERDICTS, "latency_sum", "latency_count")
    return {
        **{name: old.c[name] + new[name] for name in added},
        "latency_min": better("latency_min", new["latency_min"] < old.c["latency_min"]),
        "latency_max": better("latency_max", new["latency_max"] > old.c["latency_max"]),
        "value_min": better("value_min", new["value_min"] < old.c["value_min"]),
        "value_max": better("value_max", new["value_max"] > old.c["value_max"]),
    }
