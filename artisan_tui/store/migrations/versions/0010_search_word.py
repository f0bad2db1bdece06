"""The index of words, of another shape: emptied, and filled behind the events as at first."""

from __future__ import annotations

from alembic import op

from artisan_tui.store.dialect_search import SEARCH

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP TABLE search_word")
    for command in SEARCH[op.get_bind().dialect.name]:
        op.execute(command)
    op.execute("DELETE FROM meta WHERE key = 'search'")


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
