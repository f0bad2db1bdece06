"""The store on a real PostgreSQL: the same guarantees as on SQLite, and whose accounts may read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.store import connections, errors, schema
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgres_server import PASSWORD, Postgres
from support.postgresql_store import START, sample_at

pytestmark = pytest.mark.xdist_group("store-postgresql")


def test_a_url_without_a_driver_takes_psycopg(server: Postgres, database: str, tmp_path: Path, entries: Any) -> None:
    with Store.open(StorePlace(tmp_path, server.url(database))) as store:
        assert store.append([entries(1)], at=START)[0].seq == 1
    assert not list(tmp_path.iterdir())


def test_without_the_driver_the_mend_is_said(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from pathlib import Path\nfrom artisan_tui.store.place import StorePlace\n"
        "from artisan_tui.store.store import Store\n"
        "try: Store.open(StorePlace(Path('/s'), 'postgresql://u@h/d'))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("StoreError")
    assert 'pip install "artisan-tui[postgres]"' in done.stdout


def test_the_tables_are_what_the_models_say(place: StorePlace, raw: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from artisan_tui.store.model import Model

    with Store.open(place) as store:
        assert store.verify().sound
        assert store.verify().guards
    with connections.connect(place, read_only=True).connect() as connection:
        own = {"include_name": lambda name, kind, parent: kind != "table" or name != "search_word"}
        assert compare_metadata(MigrationContext.configure(connection, opts=own), Model.metadata) == []
    assert raw("SELECT version_num FROM alembic_version") == [(schema.HEAD,)]
    with Store.open(place) as again:
        assert again.verify().events == 0


def test_read_only(place: StorePlace, entries: Any) -> None:
    with pytest.raises(errors.StoreMissing, match="without --read-only"):
        Store.open(place, read_only=True)
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
    with Store.open(place, read_only=True) as store:
        assert [event.seq for event in store.journal.page()] == [1]
        with pytest.raises(errors.StoreReadOnly):
            store.append([entries(2)], at=START)
        with pytest.raises(errors.StoreReadOnly):
            store.part(CheckStore).record([sample_at(0)])


def test_an_account_that_may_only_read(server: Postgres, database: str, place: StorePlace, entries: Any) -> None:
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
    server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ford", database)
    url = server.url(database, user=f"ford:{PASSWORD}")
    with Store.open(place._replace(url=url)) as store:
        assert len(store.journal.page()) == 1
        with pytest.raises(errors.StoreReadOnly) as refused:
            store.append([entries(2)], at=START)
    assert PASSWORD not in str(refused.value)


def test_what_is_not_ours_and_what_is_newer(server: Postgres, place: StorePlace, raw: Any, entries: Any) -> None:
    raw("CREATE TABLE invoices (id int)")
    with pytest.raises(errors.StoreForeign, match="invoices"):
        Store.open(place)
    raw("DROP TABLE invoices")
    with Store.open(place) as store:
        store.append([entries(1)], at=START)
    raw("UPDATE alembic_version SET version_num = '9999'")
    with Store.open(place) as store:
        assert store.newer
        assert len(store.journal.page()) == 1
        with pytest.raises(errors.StoreNewer):
            store.append([entries(2)], at=START)
