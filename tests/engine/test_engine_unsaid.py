"""What is not said, on the command line: neither an outage nor a lost network."""

from __future__ import annotations

from pathlib import Path

from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.once import probe_once
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.doctor import examine
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.settings import read
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
