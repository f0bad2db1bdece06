"""The tables. A change here needs a migration; a test holds the two against each other.

Moments and durations are integer microseconds, except in the journal, whose text is what was hashed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, MetaData, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from artisan_tui.store.dialect import BIG, CLUSTERED

#: The row of `Meta` that holds "count:hash" of the journal's last event.
JOURNAL = "journal"


class Model(SQLModel):
    """Keeps these tables apart from any other SQLModel tables in the process."""

    metadata: ClassVar[MetaData] = MetaData()


class Meta(Model, table=True):
    """Single facts about the store itself."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class CheckRef(Model, table=True):
    """A check's id as a small number, so that millions of samples stay small. Never deleted."""

    __tablename__ = "check_ref"
    id: int | None = Field(default=None, primary_key=True)
    check_id: str = Field(unique=True)


class CheckState(Model, table=True):
    """Where a check stood when last written down: `domain.sample.CheckStatus`."""

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


class LeaseRow(Model, table=True):
    """Who polls: `domain.lease.Lease`. ``holder`` and ``asked`` are JSON, "" for nobody and nothing."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    fence: int = Field(sa_type=BIG)
    beat: int = Field(sa_type=BIG)
    holder: str
    asked: str
    audience: int = Field(sa_type=BIG)


class CheckSampleRow(Model, table=True):
    """One look: `domain.sample.CheckSample`. Kept for two days."""

    __tablename__ = "check_sample"
    __table_args__ = CLUSTERED
    check_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("check_ref.id")])
    at: int = Field(primary_key=True, sa_type=BIG)
    verdict: str
    reason: str
    latency: int | None = Field(sa_type=BIG)
    value: str | None


class CheckRollUp(Model, table=True):
    """Five minutes of one check: `domain.sample.RollUp`. Kept for ninety days."""

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


class LedgerRef(Model, table=True):
    """A ledger: one definition of one SLO. ``stamp`` grows with every write that changes a minute. Never deleted."""

    __tablename__ = "ledger_ref"
    __table_args__ = (UniqueConstraint("slo_id", "definition"),)
    id: int | None = Field(default=None, primary_key=True)
    slo_id: str
    definition: str
    stamp: int = Field(sa_type=BIG)


class LedgerHour(Model, table=True):
    """Sixty minutes of a ledger, ``hour`` hours after 1970 UTC, as `ledgers.packed` writes them; of which write.

    Kept for `domain.slo.ledger.KEPT`. The index finds what moved among a year of hours.
    """

    __tablename__ = "ledger_hour"
    __table_args__ = (Index("ledger_hour_by_stamp", "ledger_ref", "stamp"), CLUSTERED)
    ledger_ref: int = Field(primary_key=True, sa_column_args=[ForeignKey("ledger_ref.id")])
    hour: int = Field(primary_key=True, sa_type=BIG)
    stamp: int = Field(sa_type=BIG)
    cells: bytes


class EventRow(Model, table=True):
    """The journal: `domain.event.StoredRow`. Guarded by triggers, see `dialect.guards`.

    No other UNIQUE than the key: INSERT OR REPLACE could delete a row through it unseen by the guards.
    """

    __tablename__ = "event"
    __table_args__ = (Index("event_by_kind", "kind", "seq"), Index("event_by_subject", "subject", "seq"))
    seq: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    occurred_at: str
    recorded_at: str
    actor: str
    kind: str
    subject: str
    body: str
    supersedes: int | None = Field(sa_type=BIG)
    prev_hash: str
    hash: str


def table(model: type[Model]) -> Table:
    """The table under ``model``, typed."""
    found: Any = model
    return found.__table__  # type: ignore[no-any-return]
