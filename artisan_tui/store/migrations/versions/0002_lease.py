"""Several sessions on one store: who probes, and what the others show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("fence", BIG, nullable=False),
        sa.Column("beat", BIG, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("holder", "asked")),
        sa.Column("audience", BIG, nullable=False),
    )
    op.execute(sa.text("INSERT INTO lease VALUES ('poll', 0, 0, '', '', 0)"))
    op.add_column("check_state", sa.Column("evidence", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("check_state", sa.Column("pulse", BIG, nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
