"""The minutes of SLOs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG, CLUSTERED

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_ref",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("slo_id", "definition")),
        sa.Column("stamp", BIG, nullable=False),
        sa.UniqueConstraint("slo_id", "definition"),
    )
    op.create_table(
        "ledger_hour",
        sa.Column("ledger_ref", sa.Integer(), sa.ForeignKey("ledger_ref.id"), primary_key=True, autoincrement=False),
        sa.Column("hour", BIG, primary_key=True, autoincrement=False),
        sa.Column("stamp", BIG, nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        **CLUSTERED,
    )
    op.create_index("ledger_hour_by_stamp", "ledger_hour", ["ledger_ref", "stamp"])


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
