"""PostgreSQL's index of words is kept in order as it is written: every search read the list of what was not, block by block."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX search_word_words SET (fastupdate = off)")
        op.execute("SELECT gin_clean_pending_list('search_word_words')")


def downgrade() -> None:
    raise NotImplementedError("the store only goes forward: put back a backup instead")
