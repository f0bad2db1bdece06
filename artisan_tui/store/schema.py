"""Which revision of the schema the store has, and how it is brought to the one this program knows."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from artisan_tui.store.errors import StoreForeign

VERSION_TABLE = "alembic_version"
MIGRATIONS = Path(__file__).with_name("migrations")


def revisions(migrations: Path) -> tuple[str, ...]:
    """Every revision that has a file in ``migrations``, oldest first: what its name begins with, ``0001_first.py``.

    Not asked of Alembic: it costs 200 ms to import and is only imported when it has work.
    """
    return tuple(sorted(file.name.partition("_")[0] for file in (migrations / "versions").glob("[0-9]*_*.py")))


#: Every revision this program knows, oldest first.
REVISIONS = revisions(MIGRATIONS)
HEAD = REVISIONS[-1]


class Shape(Enum):
    """The store's schema beside `HEAD`."""

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
