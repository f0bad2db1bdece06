"""Hours of checks in the store: what samples add to them, and reading them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Dialect, ForeignKey, select
from sqlmodel import Field

from artisan_tui.domain.checks.latencies import Latencies
from artisan_tui.domain.checks.sample import HOUR_SECONDS, CheckHour, CheckSample
from artisan_tui.store.checks.rows import VERDICTS
from artisan_tui.store.dialect import BIG, CLUSTERED, upsert
from artisan_tui.store.model import Model, table
from artisan_tui.store.prepared import Prepared
from artisan_tui.store.rows import micros, moment

_GRAIN: Final = HOUR_SECONDS * 1_000_000


class CheckHourRow(Model, table=True):
    """An hour of one check: `domain.checks.sample.CheckHour`. Kept for ninety-one days."""

    __tablename__ = "check_hour"
    __table_args__ = CLUSTERED
    check_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("check_ref.id")])
    start: int = Field(primary_key=True, sa_type=BIG)
    up: int
    degraded: int
    down: int
    unknown: int
    latencies: str


HOUR = table(CheckHourRow)
_NAMES = ("start", *VERDICTS, "latencies")


class Hours:
    """Adds samples to the hours. The latencies are merged here, so the caller holds the write lock."""

    def __init__(self, dialect: Dialect) -> None:
        self._put = Prepared(
            upsert(dialect.name, HOUR, lambda new: {name: new[name] for name in (*VERDICTS, "latencies")}),
            dialect,
            ["check_ref", *_NAMES],
        )

    def add(self, connection: Connection, samples: Iterable[tuple[int, CheckSample]]) -> None:
        """Samples by the number of their check; those of a maintenance window are left out."""
        groups: defaultdict[tuple[int, int], list[CheckSample]] = defaultdict(list)
        for ref, sample in samples:
            if not sample.planned:
                groups[ref, micros(sample.at) // _GRAIN * _GRAIN].append(sample)
        if not groups:
            return
        known = self._known(connection, groups)
        rows = []
        for (ref, start), some in groups.items():
            before = known.get((ref, start), {})
            latencies = Latencies.of(sample.latency for sample in some if sample.latency is not None)
            counts = {
                verdict: before.get(verdict, 0) + sum(sample.verdict.value == verdict for sample in some)
                for verdict in VERDICTS
            }
            total = Latencies.unpack(before.get("latencies", "")) + latencies
            rows.append({"check_ref": ref, "start": start, **counts, "latencies": total.pack()})
        self._put.all(connection, rows)

    def _known(
        self, connection: Connection, keys: Iterable[tuple[int, int]]
    ) -> Mapping[tuple[int, int], Mapping[str, Any]]:
        by_start: defaultdict[int, list[int]] = defaultdict(list)
        for ref, start in keys:
            by_start[start].append(ref)
        found: dict[tuple[int, int], Mapping[str, Any]] = {}
        for start, refs in by_start.items():
            for first in range(0, len(refs), 500):
                some = refs[first : first + 500]
                query = select(HOUR).where(HOUR.c.start == start, HOUR.c.check_ref.in_(some))
                found |= {(row.check_ref, row.start): row._mapping for row in connection.execute(query)}
        return found


def hours_of(
    connection: Connection, check_ids: Mapping[int, str], since: datetime
) -> Mapping[str, Sequence[CheckHour]]:
    """By check id, the hours that began at ``since`` or later, oldest first; ``check_ids`` by their numbers here."""
    query = (
        select(HOUR.c.check_ref, *(HOUR.c[name] for name in _NAMES))
        .where(HOUR.c.check_ref.in_(check_ids), HOUR.c.start >= micros(since))
        .order_by(HOUR.c.check_ref, HOUR.c.start)
    )
    found: defaultdict[str, list[CheckHour]] = defaultdict(list)
    for ref, start, up, degraded, down, unknown, latencies in connection.execute(query):
        hour = CheckHour(moment(start), up, degraded, down, unknown, Latencies.unpack(latencies))
        found[check_ids[ref]].append(hour)
    return {check_id: tuple(hours) for check_id, hours in found.items()}
