"""What is remembered of checks: raw looks, their five-minute roll-ups, and where each stood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Dialect, Table, case, select

from artisan_tui.domain.checks.sample import ROLL_UP_SECONDS, CheckSample, CheckStatus, RollUp
from artisan_tui.store.dialect import upsert
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import (
    ROLL_UP,
    SAMPLE,
    STANDING,
    VERDICTS,
    duration,
    micros,
    roll_up_of,
    sample_of,
    standing_of,
    standing_values,
    storable,
)
from artisan_tui.store.tables import CheckRef, CheckRollUp, CheckSampleRow, CheckState, table

_REF, _STATE = table(CheckRef), table(CheckState)
_SAMPLE, _ROLL_UP = table(CheckSampleRow), table(CheckRollUp)
_GRAIN: Final = ROLL_UP_SECONDS * 1_000_000
#: Values in one IN list; every database takes as many.
_AT_ONCE = 500


class CheckTables:
    """Methods that write take a connection that holds the write lock."""

    def __init__(self, dialect: Dialect) -> None:
        self._refs: dict[str, int] = {}
        self._new_ref = Prepared(upsert(dialect.name, _REF), dialect, ["check_id"])
        self._insert = Prepared(upsert(dialect.name, _SAMPLE), dialect, ["check_ref", *SAMPLE])
        self._roll_up = Prepared(
            upsert(dialect.name, _ROLL_UP, lambda new: _merged(_ROLL_UP, new)), dialect, ["check_ref", *ROLL_UP]
        )
        self._stand = Prepared(
            upsert(dialect.name, _STATE, lambda new: {name: new[name] for name in (*STANDING, "pulse")}),
            dialect,
            ["check_ref", *STANDING, "pulse"],
        )

    def record(self, connection: Connection, samples: Sequence[CheckSample], refs: Mapping[str, int]) -> None:
        """Samples and their share of the roll-ups. One already there, by check and moment, changes nothing."""
        rows: dict[tuple[int, int], dict[str, object]] = {}
        for sample in samples:
            row = _sample_values(refs[sample.check_id], sample)
            rows.setdefault((refs[sample.check_id], micros(sample.at)), row)
        for key in self._known(connection, list(rows)):
            del rows[key]
        self._insert.all(connection, list(rows.values()))
        self._roll_up.all(connection, _rolled(rows.values()))

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

    def stand(
        self, connection: Connection, check_statuses: Sequence[CheckStatus], refs: Mapping[str, int], pulse: int = 0
    ) -> None:
        """``pulse`` is the lease's beat they are written with: readers ask for what came after one."""
        rows = [
            {"check_ref": refs[check_status.check_id], **standing_values(check_status), "pulse": pulse}
            for check_status in check_statuses
        ]
        self._stand.all(connection, rows)

    def refs(self, connection: Connection, names: Iterable[str]) -> dict[str, int]:
        """The numbers of these checks, given out now to new ones.

        Hand the result to `learn` once committed: a number from a transaction that was rolled back means nothing.
        """
        wanted = dict.fromkeys(names)
        refs = {name: self._refs[name] for name in wanted if name in self._refs}
        new = [name for name in wanted if name not in refs]
        if new:
            self._new_ref.all(connection, [{"check_id": storable(name)} for name in new])
        for first in range(0, len(new), _AT_ONCE):
            some = {storable(name): name for name in new[first : first + _AT_ONCE]}
            query = select(_REF.c.check_id, _REF.c.id).where(_REF.c.check_id.in_(list(some)))
            refs |= {some[stored]: ref for stored, ref in connection.execute(query)}
        return refs

    def learn(self, refs: Mapping[str, int]) -> None:
        """These numbers are committed. They never change: `check_ref` only grows."""
        self._refs.update(refs)

    def samples(
        self, connection: Connection, check_id: str, since: datetime, until: datetime | None
    ) -> tuple[CheckSample, ...]:
        rows = _between(connection, _SAMPLE, SAMPLE, check_id, micros(since), until)
        return tuple(sample_of(check_id, row) for row in rows)

    def roll_ups(
        self, connection: Connection, check_id: str, since: datetime, until: datetime | None
    ) -> tuple[RollUp, ...]:
        start = micros(since) // _GRAIN * _GRAIN
        rows = _between(connection, _ROLL_UP, ROLL_UP, check_id, start, until)
        return tuple(roll_up_of(check_id, row) for row in rows)

    def check_statuses(self, connection: Connection, after: int | None = None) -> tuple[CheckStatus, ...]:
        columns = [_STATE.c[name] for name in STANDING]
        query = select(_REF.c.check_id, *columns).join_from(_STATE, _REF).order_by(_REF.c.check_id)
        if after is not None:
            query = query.where(_STATE.c.pulse > after)
        return tuple(standing_of(row) for row in connection.execute(query))


def _between(
    connection: Connection, table: Table, names: Sequence[str], check_id: str, first: int, until: datetime | None
) -> Sequence[Any]:
    """Rows of one check from ``first`` (included) until ``until`` (not included), oldest first."""
    moment = table.c[names[0]]
    ref = select(_REF.c.id).where(_REF.c.check_id == storable(check_id)).scalar_subquery()
    query = select(*(table.c[name] for name in names)).where(table.c.check_ref == ref, moment >= first)
    if until is not None:
        query = query.where(moment < micros(until))
    return connection.execute(query.order_by(moment)).all()


def _sample_values(ref: int, sample: CheckSample) -> dict[str, object]:
    if sample.verdict.value not in VERDICTS:
        raise ValueError(f"{sample.check_id}: {sample.verdict.value} is a state, not what a look can say")
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
    }
