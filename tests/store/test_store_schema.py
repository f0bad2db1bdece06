"""Migrations: the tables as declared, known by name, and a newer program's store is only read."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from artisan_tui.store import schema
from artisan_tui.store.dialect import guards
from artisan_tui.store.errors import StoreError, StoreForeign, StoreNewer, StoreOlder
from artisan_tui.store.model import Model
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store


def test_the_revisions_are_those_that_ship() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.HEAD]
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == list(schema.REVISIONS)


def test_the_migrations_make_exactly_the_declared_tables(store: Store, place: StorePlace) -> None:
    engine = create_engine(place.sqlalchemy_url)
    with engine.connect() as connection:
        # FTS5 keeps the index of words in tables of its own.
        own = {"include_name": lambda name, kind, parent: kind != "table" or not name.startswith("search_word")}
        options = {"compare_type": True, "compare_server_default": True, **own}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Model.metadata) == []
        # The comparison above must be able to see a difference.
        connection.exec_driver_sql("DROP TABLE meta")
        assert compare_metadata(context, Model.metadata) != []
    engine.dispose()


def test_the_event_table_has_no_key_but_seq(store: Store, raw: Any) -> None:
    assert [(name, unique) for _, name, unique, *_ in sorted(raw("PRAGMA index_list(event)"))] == [
        ("event_by_subject", 0),
        ("event_by_kind", 0),
    ]
    assert "WITHOUT ROWID" in str(raw("SELECT sql FROM sqlite_master WHERE name = 'check_sample'"))


def test_connections_are_as_durable_as_documented(store: Store) -> None:
    assert store._writer is not None
    driver: Any = store._writer.connection.driver_connection
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
    assert [driver.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == ["wal", 2, 1, 5000, 0]
    assert driver.isolation_level is None


def test_opening_again_changes_nothing(store: Store, place: StorePlace, raw: Any) -> None:
    before = raw("SELECT type, name, sql FROM sqlite_master")
    Store.open(place).close()
    assert raw("SELECT type, name, sql FROM sqlite_master") == before
    assert {row[1] for row in before if row[0] == "trigger"} == set(guards("sqlite"))


def test_a_newer_store_is_only_read(filled: Store, place: StorePlace, raw: Any, entries: Any, at: datetime) -> None:
    filled.close()
    raw("UPDATE alembic_version SET version_num = '9999'")
    with Store.open(place) as store:
        assert store.newer
        assert store.read_only
        assert len(store.journal.page()) == 5
        with pytest.raises(StoreNewer, match="newer artisan-tui"):
            store.append([entries(6)], at=at)
    assert raw("SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_newer_store_that_cannot_be_read_is_an_error_for_a_person(filled: Store, place: StorePlace, raw: Any) -> None:
    filled.close()
    raw("UPDATE alembic_version SET version_num = '9999'", "ALTER TABLE event RENAME TO happening")
    with Store.open(place) as store, pytest.raises(StoreError, match="its tables are not those of this artisan-tui"):
        store.journal.page()


def test_an_older_store_is_brought_up_and_not_by_a_viewer(filled: Store, place: StorePlace, raw: Any) -> None:
    """From the first schema there was, for real."""
    filled.close()
    raw(
        "DROP TABLE shown",
        "DROP TABLE shown_briefly",
        "DROP TABLE shown_name",
        "DROP TABLE approval",
        "DROP TABLE run_def",
        "DROP TABLE run_lock",
        "DROP TABLE run",
        "DROP TABLE incident_alert",
        "DROP TABLE timer",
        "DROP TABLE incident",
        "DROP TABLE search_word",
        "DROP TABLE outbox",
        "DROP TABLE outbox_channel",
        "DROP TABLE check_hour",
        "DROP TABLE slo_scraped",
        "DROP TABLE ledger_hour",
        "DROP TABLE ledger_ref",
        "DROP TABLE lease",
        "ALTER TABLE check_roll_up DROP COLUMN value_min",
        "ALTER TABLE check_roll_up DROP COLUMN value_max",
        "ALTER TABLE check_state DROP COLUMN evidence",
        "ALTER TABLE check_state DROP COLUMN pulse",
        "UPDATE alembic_version SET version_num = '0001'",
    )
    with pytest.raises(StoreOlder, match="without --read-only"):
        Store.open(place, read_only=True)
    with Store.open(place) as store:
        assert len(store.journal.page()) == 5
        assert store.verify().sound
        assert store.leases.read().holder is None
        assert store.part(SloStore).ledgers() == []
    assert raw("SELECT version_num FROM alembic_version") == [(schema.HEAD,)]


def test_a_migration_that_fails_leaves_the_file_as_it_was(place: StorePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate = schema.migrate

    def breaks(connection: Any) -> None:
        migrate(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrate", breaks)
        with pytest.raises(KeyboardInterrupt):
            Store.open(place)
    with closing(sqlite3.connect(place.state_dir / "artisan.db")) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == []
    with Store.open(place) as store:
        assert store.verify().sound


def test_a_version_table_without_a_version_is_not_ours(filled: Store, place: StorePlace, raw: Any) -> None:
    filled.close()
    raw("DELETE FROM alembic_version")
    with pytest.raises(StoreForeign):
        Store.open(place)


def test_a_file_alone_adds_a_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: StorePlace) -> None:
    Store.open(place).close()
    migrations = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations)
    (migrations / "versions" / "9998_more.py").write_text(
        f"from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '9998', '{schema.HEAD}'\n"
        "def upgrade():\n    op.create_table('more', sa.Column('id', sa.Integer(), primary_key=True))\n"
    )
    (migrations / "versions" / "notes.txt").touch()
    found = schema.revisions(migrations)
    assert found == (*schema.REVISIONS, "9998")
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    monkeypatch.setattr(schema, "REVISIONS", found)
    monkeypatch.setattr(schema, "HEAD", found[-1])
    Store.open(place).close()
    with closing(sqlite3.connect(place.state_dir / "artisan.db")) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("9998",)]
        assert raw.execute("SELECT COUNT(*) FROM more").fetchall() == [(0,)]
