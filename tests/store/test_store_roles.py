"""The three roles of docs/postgresql.md, made by the statements that stand there: what each may do, and may not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.lease import Holder
from artisan_tui.domain.state import State
from artisan_tui.store import errors, schema
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.search import SearchStore
from artisan_tui.store.store import Store
from support.forked import ordinary, run_program
from support.postgres_server import Postgres, postgres_server
from support.services import config_text
from support.several_sessions import colleagues, met

AT = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)
MANUAL = Path(__file__).parents[2] / "docs" / "postgresql.md"


def statements(begins: str) -> list[str]:
    """The SQL block of the manual whose comment begins so."""
    blocks = re.findall(r"```sql\n-- (.*?)\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    (found,) = [body for comment, body in blocks if comment.startswith(begins)]
    return [line.strip() for line in found.split(";\n") if line.strip()]


@dataclass
class Roles:
    server: Postgres

    def url(self, role: str) -> str:
        passwords = {"owner": "change-me-1", "writer": "change-me-2", "reader": "change-me-3"}
        return f"postgresql://artisan_{role}:{passwords[role]}@{self.server.address}/artisan"

    def place(self, role: str) -> StorePlace:
        return StorePlace(Path("/nowhere"), self.url(role))

    def run(self, role: str, *said: str) -> None:
        with psycopg.connect(self.url(role), autocommit=True) as connection:
            for statement in said:
                connection.execute(statement)


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roles]:
    folder = tmp_path_factory.mktemp("owner")
    (folder / "artisan.toml").write_text(
        'database = "env:ARTISAN_DB"\n' + config_text('id = "m"\nkind = "memory"\nevery = "30s"\n')
    )
    with postgres_server() as server:
        hba = server.data / "pg_hba.conf"
        hba.write_text(hba.read_text() + "host all all 127.0.0.1/32 scram-sha-256\n")
        server.sql("SELECT pg_reload_conf()")
        for statement in statements("as a superuser"):
            server.sql(statement)
        found = Roles(server)
        found.run("owner", *statements("as artisan_owner, in the database artisan, before"))
        with pytest.raises(errors.StoreNotOurs, match="audit rebuild"):
            Store.open(found.place("writer"))
        where = ["--config", str(folder / "artisan.toml"), "--state", str(folder / "state")]
        done = run_program(
            *where, "audit", "rebuild", env=ordinary({**os.environ, "ARTISAN_DB": found.url("owner")}), cwd=folder
        )
        assert done.returncode == 0, done.stderr
        found.run("owner", *statements("as artisan_owner, in the database artisan, once"))
        yield found


def test_a_writer_does_all_that_a_session_does(roles: Roles, entries: Any) -> None:
    with Store.open(roles.place("writer")) as store:
        seen = store.leases.read()
        mine = store.leases.claim(seen, Holder("one", "j.park"))
        assert mine is not None
        store.append([entries(1)], at=AT, fence=mine.fence)
        store.part(CheckStore).record([CheckSample("api", AT, State.UP, "ok", 0.1, "1")], fence=mine.fence)
        store.part(SearchStore).catch_up()
        store.prune(datetime(2028, 1, 1, tzinfo=UTC))
        store.leases.release(mine.fence)
        assert store.verify().sound


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'mallory'",
        "DELETE FROM event",
        "TRUNCATE event",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP TABLE event",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE mine (id int)",
    ],
)
def test_what_a_writer_has_no_right_to(roles: Roles, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        roles.run("writer", statement)


def test_a_reader_reads_everything_with_select_alone(roles: Roles, entries: Any) -> None:
    with Store.open(roles.place("writer")) as writer:
        writer.append([entries(3)], at=AT)
    with Store.open(roles.place("reader"), read_only=True) as store:
        assert store.journal.page()
        assert store.part(CheckStore).statuses() is not None
        assert store.part(SearchStore).find(["복구"]).events
        assert store.pulse()[0] >= 1
        assert store.verify().sound
        with pytest.raises(errors.StoreReadOnly):
            store.append([entries(2)], at=AT)
    with psycopg.connect(roles.url("reader"), autocommit=True) as connection:
        connection.execute("LISTEN anything")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO meta VALUES ('a', 'b')")


async def test_sessions_of_a_writer_and_a_reader_show_the_same(roles: Roles, tmp_path: Path) -> None:
    config = tmp_path / "artisan.toml"
    config.write_text('database = "env:ARTISAN_DB"\n' + config_text('id = "m"\nkind = "memory"\nevery = "30s"\n'))
    urls = {"url": roles.url("writer"), "reading": roles.url("reader")}
    async with colleagues(["ann", "eve"], config, readers=["eve"], **urls) as (ann, eve):
        await ann.note("seen by a reader")
        await met(lambda: "seen by a reader" in eve.seen, 10, "the note")
        assert eve.engine._leadership._news.trusted
        for each in (ann, eve):
            assert (each.status.store_problem, each.status.store_notice, each.status.shared_store_notice) == (
                "",
                "",
                "",
            )


def test_a_writer_is_told_who_upgrades_an_older_store(roles: Roles) -> None:
    # Whose last step may be taken twice.
    roles.run("owner", f"UPDATE alembic_version SET version_num = '{schema.REVISIONS[-2]}'")
    with pytest.raises(errors.StoreNotOurs, match="may not do"):
        Store.open(roles.place("writer"))
    Store.open(roles.place("owner")).close()
    Store.open(roles.place("writer")).close()
