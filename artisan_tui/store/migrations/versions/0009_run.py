"""Runs, their locks, their definitions and their approvals. The rows are rebuilt from the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("runbook", "target", "definition", "mode", "state", "rollback_state", "incident")
    numbers = ("version", "fence", "changed", "started_at", "finished_at")
    op.create_table(
        "run",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("over", sa.Integer(), nullable=False),
        *(sa.Column(name, BIG, nullable=False) for name in numbers),
        sa.Column("body", sa.String(), nullable=False),
    )
    op.create_index("run_by_changed", "run", ["over", "changed"])
    op.create_index("run_by_runbook", "run", ["runbook", "started_at"])
    op.create_table(
        "run_lock",
        sa.Column("resource", sa.String(), primary_key=True),
        sa.Column("run", sa.String(), nullable=False),
    )
    op.create_index("ix_run_lock_run", "run_lock", ["run"])
    op.create_table(
        "run_def",
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
    )
    op.create_table(
        "approval",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("run", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("step", "binding", "login")),
        sa.Column("expires", BIG, nullable=False),
    )
    op.create_index("ix_approval_run", "approval", ["run"])


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
