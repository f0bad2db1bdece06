"""Alembic's entry. Only run by `store.schema.migrate`, on a connection inside a write transaction."""

from __future__ import annotations

from alembic import context

from artisan_tui.store.model import Model

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Model.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
