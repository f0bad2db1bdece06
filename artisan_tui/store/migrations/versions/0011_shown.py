"""What was shown, for the time machine: pieces by name and moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG, CLUSTERED

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shown_name",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
    )
    for name in ("shown", "shown_briefly"):
        op.create_table(
            name,
            sa.Column("name_ref", sa.Integer(), sa.ForeignKey("shown_name.id"), primary_key=True, autoincrement=False),
            sa.Column("at", BIG, primary_key=True, autoincrement=False),
            sa.Column("body", sa.LargeBinary(), nullable=False),
            **CLUSTERED,
        )


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
