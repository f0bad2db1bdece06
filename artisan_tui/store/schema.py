"""Which shape the store has, and bringing it to the one this program knows."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from artisan_tui.store.errors import StoreForeign

#: Every revision this program knows, oldest first. Alembic costs 200 ms to import and is
#: only imported when it has work; a test holds these against its script directory.
REVISIONS = ("0001", "0002", "0003")
HEAD = REVISIONS[-1]
VERSION_TABLE = "alembic_version"
MIGRATIONS = Path(__file__).with_name("migrations")


class Shape(Enum):
    """How the store's schema stands to `HEAD`."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def shape(connection: Connection, where: str) -> Shape:
    """StoreForeign when ``where`` holds tables and is not ours."""
    names = inspect(connection).get_table_names()
    if VERSION_TABLE in names:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
        if found == [HEAD]:
            return Shape.CURRENT
        if found:
            return Shape.OLDER if all(revision in REVISIONS for revision in found) else Shape.NEWER
    elif not names:
        return Shape.EMPTY
    raise StoreForeign.of(where, f"it holds {', '.join(sorted(names)[:3])}")


def migrate(connection: Connection) -> None:
    """To `HEAD`, inside the caller's write transaction."""
    from alembic import command  # heavy, and rarely needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
