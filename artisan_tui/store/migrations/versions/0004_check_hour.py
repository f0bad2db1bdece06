"""Hours of checks: uptime and latencies without reading samples; values in the roll-ups, for curves of days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG, CLUSTERED

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_HOUR = 3_600_000_000
_COUNTS = ("up", "degraded", "down", "unknown")


def upgrade() -> None:
    for name in ("value_min", "value_max"):
        op.add_column("check_roll_up", sa.Column(name, sa.Float(), nullable=True))
    op.create_table(
        "check_hour",
        sa.Column("check_ref", sa.Integer(), sa.ForeignKey("check_ref.id"), primary_key=True, autoincrement=False),
        sa.Column("start", BIG, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("latencies", sa.String(), nullable=False),
        **CLUSTERED,
    )
    # What is known already counts from the first look on; the roll-ups have no buckets of latencies.
    sums = ", ".join(f"SUM({name})" for name in _COUNTS)
    op.execute(
        f"INSERT INTO check_hour (check_ref, start, up, degraded, down, unknown, latencies) "
        f"SELECT check_ref, start / {_HOUR} * {_HOUR}, {sums}, '' FROM check_roll_up "
        f"GROUP BY check_ref, start / {_HOUR} * {_HOUR}"
    )


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
