"""The index of words in the journal. It is filled behind the events, also behind those that are there already."""

from __future__ import annotations

from alembic import op

from artisan_tui.store.dialect_search import SEARCH

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for command in SEARCH[op.get_bind().dialect.name]:
        op.execute(command)


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
