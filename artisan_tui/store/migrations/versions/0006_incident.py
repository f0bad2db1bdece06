"""Incidents, their timers and their alerts. The rows are rebuilt from the journal when the store is opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in ("version", "changed", "declared_at")),
        sa.Column("state", sa.String(), nullable=False),
    )
    op.create_index("incident_by_changed", "incident", ["open", "changed"])
    op.create_index("incident_by_declared", "incident", ["declared_at"])
    op.create_table(
        "timer",
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("due", BIG, nullable=False),
    )
    op.create_index("timer_by_due", "timer", ["due"])
    op.create_table(
        "incident_alert",
        sa.Column("incident", sa.String(), primary_key=True),
        sa.Column("fingerprint", sa.String(), primary_key=True),
    )
    op.create_index("incident_by_alert", "incident_alert", ["fingerprint"])


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
