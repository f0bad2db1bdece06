"""What is not said, on the command line: neither an outage nor a lost network."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.once import probe_once
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.doctor import examine
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.settings import read
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.servers import free_port, http_answer, saying, talking


async def test_a14_services_that_answer_without_a_field_are_not_a_lost_network(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    async with talking(saying(http_answer('{"status": "ok"}'))) as port:
        path.write_text(
            "".join(
                f'[[service]]\nid = "{name}"\n[[service.check]]\nid = "c"\nkind = "http"\n'
                f'url = "http://127.0.0.1:{port}/"\nexpect = ["body.services.db == up"]\n'
                for name in ("a", "b")
            )
        )
        done = await probe_once(read(path), (), SystemClock(), {})
    assert [(each.outcome.verdict, each.outcome.reason) for each in done.answers] == [
        (State.UNKNOWN, Reason.MISSING)
    ] * 2
    assert not done.unreached
    assert done.exit_code == 3


async def test_a17_doctor_says_which_source_of_alerts_does_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    service = '[[service]]\nid = "a"\n[[service.check]]\nid = "c"\nkind = "command"\nrun = ["true"]\n'
    options = GlobalOptions(config=path, state=tmp_path)
    path.write_text(service)
    assert "alerts" not in [each.what for each in await examine(options, {"TERM": "dumb"})]
    path.write_text(service + f'[alerts]\nalertmanager = "http://127.0.0.1:{free_port()}"\n')
    (found,) = [each for each in await examine(options, {"TERM": "dumb"}) if each.what == "alerts"]
    assert found.ok is False
    assert "connection refused" in found.said
    assert found.mend


async def test_doctor_says_which_checks_stay_unknown_until_somebody_acts(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    options = GlobalOptions(config=path, state=tmp_path)
    async with talking(saying(http_answer('{"status": "ok"}'))) as port:
        path.write_text(
            f'[[service]]\nid = "a"\n[[service.check]]\nid = "field"\nkind = "http"\n'
            f'url = "http://127.0.0.1:{port}/"\nexpect = ["body.services.db == up"]\n'
            f'[[service.check]]\nid = "secret"\nkind = "http"\nurl = "http://127.0.0.1:{port}/"\n'
            'bearer_token = "env:NO_SUCH_TOKEN"\n'
            '[[service.check]]\nid = "tool"\nkind = "command"\nrun = ["no-such-program-here"]\n'
        )
        found = {each.what: each for each in await examine(options, {"TERM": "dumb"})}
    assert "stays unknown while the response does not have this" in found["a.field"].mend
    assert "stays unknown until this is corrected" in found["a.secret"].mend
    assert "NO_SUCH_TOKEN" in found["a.secret"].said
    assert found["a.tool"].mend
    assert {found[f"a.{name}"].ok for name in ("field", "secret", "tool")} == {None}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TRIGGER spy AFTER INSERT ON event BEGIN SELECT 1; END", "foreign in the database: trigger spy"),
        ("DROP TRIGGER event_no_update", "append-only triggers are missing"),
    ],
)
async def test_doctor_does_not_call_a_store_valid_that_audit_verify_refuses(
    tmp_path: Path, statement: str, said: str
) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text('[[service]]\nid = "a"\n[[service.check]]\nid = "c"\nkind = "memory"\n')
    place = StorePlace(tmp_path)
    Store.open(place).close()
    assert place.sqlite_path is not None
    with closing(sqlite3.connect(place.sqlite_path)) as file:
        file.execute(statement)
        file.commit()
    options = GlobalOptions(config=path, state=tmp_path)
    (found,) = [each for each in await examine(options, {"TERM": "dumb"}) if each.what == "store"]
    assert found.ok is False
    assert said in found.said
    assert "audit verify" in found.mend
