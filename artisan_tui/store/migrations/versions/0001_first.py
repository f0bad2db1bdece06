"""The first tables: journal, checks, samples, roll-ups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.domain.event import GENESIS
from artisan_tui.store.dialect import BIG, CLUSTERED, guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meta", sa.Column("key", sa.String(), primary_key=True), sa.Column("value", sa.String(), nullable=False)
    )
    op.execute(sa.text("INSERT INTO meta (key, value) VALUES ('journal', :head)").bindparams(head=f"0:{GENESIS}"))
    op.create_table(
        "check_ref",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("check_id", sa.String(), nullable=False, unique=True),
    )
    op.create_table(
        "check_state",
        _check(),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("service_name", "kind", "state", "reason", "detail")
        ),
        sa.Column("since", BIG, nullable=False),
        sa.Column("seen_at", BIG),
        sa.Column("baseline", sa.String()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("downs", "lows", "blind")),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("latency", BIG),
        sa.Column("value", sa.String()),
        sa.Column("every_seconds", sa.Float(), nullable=False),
        sa.Column("timeout_seconds", sa.Float(), nullable=False),
    )
    op.create_table(
        "check_sample",
        _check(),
        sa.Column("at", BIG, primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("latency", BIG),
        sa.Column("value", sa.String()),
        **CLUSTERED,
    )
    op.create_table(
        "check_roll_up",
        _check(),
        sa.Column("start", BIG, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("up", "degraded", "down", "unknown")),
        sa.Column("latency_min", BIG),
        sa.Column("latency_max", BIG),
        sa.Column("latency_sum", BIG, nullable=False),
        sa.Column("latency_count", sa.Integer(), nullable=False),
        **CLUSTERED,
    )
    op.create_table(
        "event",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("occurred_at", "recorded_at", "actor", "kind", "subject", "body")
        ),
        sa.Column("supersedes", BIG),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
    )
    op.create_index("event_by_kind", "event", ["kind", "seq"])
    op.create_index("event_by_subject", "event", ["subject", "seq"])
    connection = op.get_bind()
    for sql in guards(connection.dialect.name).values():
        connection.exec_driver_sql(sql)


def _check() -> sa.Column[int]:
    return sa.Column("check_ref", sa.Integer(), sa.ForeignKey("check_ref.id"), primary_key=True, autoincrement=False)


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
