"""The outbox of notifications, and how its channels do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from artisan_tui.store.dialect import BIG

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("channel", "by", "incident", "purpose", "severity", "title", "to", "person")
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("seq", BIG, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("fallback", "drill")),
        *(sa.Column(name, BIG, nullable=False) for name in ("queued_at", "changed_at", "due")),
        sa.Column("state", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("tries", "maybe", "wanted")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("why", "key", "order_key")),
    )
    op.create_index("outbox_by_state", "outbox", ["state", "seq"])
    op.create_index("outbox_by_order", "outbox", ["order_key", "seq"])
    op.create_index("outbox_by_page", "outbox", ["page"])
    op.create_index("outbox_by_incident", "outbox", ["incident"])
    op.create_index("outbox_by_queued_at", "outbox", ["queued_at"])
    op.create_table(
        "outbox_channel",
        sa.Column("channel", sa.String(), primary_key=True),
        *(sa.Column(name, BIG, nullable=True) for name in ("held_until", "broken_since", "sent_at", "failed_at")),
        sa.Column("why", sa.String(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
