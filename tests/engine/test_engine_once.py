"""One round of probes for the command line: what its exit code blames."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from artisan_tui.cli.checks import lines
from artisan_tui.domain.checks.observer import EndpointReach
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.once import CheckAnswer, ProbeRound, as_json, explained, probe_once
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.settings import read
from support.services import config_text, service


@contextmanager
def hung() -> Iterator[int]:
    """The port of a server that accepts every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@contextmanager
def refused() -> Iterator[int]:
    """A port that refuses: it is bound, and nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def http(name: str, port: int) -> str:
    return f'id = "{name}"\nkind = "http"\nurl = "http://127.0.0.1:{port}/{name}"\nevery = "5s"\ntimeout = "500ms"\n'


def tcp(name: str, port: int, more: str = "") -> str:
    return f'id = "{name}"\nkind = "tcp"\naddress = "127.0.0.1:{port}"\nevery = "5s"\ntimeout = "500ms"\n{more}'


async def probed(folder: Path, *checks: str) -> ProbeRound:
    path = folder / "artisan.toml"
    path.write_text(config_text(*checks))
    return await probe_once(read(path), (), SystemClock(), {})


def states(probe_round: ProbeRound) -> set[str]:
    return {answer.outcome.verdict.value for answer in probe_round.answers}


async def test_a16_a_hung_api_is_down_and_no_fault_of_this_network(tmp_path: Path) -> None:
    with hung() as port:
        probe_round = await probed(tmp_path, *(http(f"c{n}", port) for n in range(6)))
    assert states(probe_round) == {"down"}
    assert (probe_round.exit_code, probe_round.unreached, as_json(probe_round)["unreached"]) == (1, False, False)


async def test_a16_several_services_that_hang_have_been_reached(tmp_path: Path) -> None:
    """A database that locks up takes three services with it: each accepts, and none answers."""
    with ExitStack() as stack:
        ports = [stack.enter_context(hung()) for _ in range(4)]
        checks = [http(f"c{port}", port) for port in ports[:3]]
        banner = tcp("banner", ports[3], 'expect = ["body == x"]')
        probe_round = await probed(tmp_path, *checks, banner)
    assert states(probe_round) == {"down"}
    assert (probe_round.exit_code, probe_round.unreached) == (1, False)


@pytest.mark.parametrize(("dead", "alive", "code"), [(1, 0, 1), (2, 0, 1), (3, 0, 3), (3, 1, 1), (4, 1, 3)])
async def test_a16_only_when_nearly_everything_fails_it_is_unknown(
    tmp_path: Path, dead: int, alive: int, code: int
) -> None:
    """Endpoints count, each with two checks."""
    with ExitStack() as stack:
        ports = [stack.enter_context(refused()) for _ in range(dead)]
        ports += [stack.enter_context(service()).port for _ in range(alive)]
        checks = [make(f"{kind}{port}", port) for port in ports for kind, make in (("h", http), ("t", tcp))]
        own = 'id = "memory"\nkind = "memory"\nexpect = ["value <= 100"]\n'
        probe_round = await probed(tmp_path, *checks, own)
    assert (probe_round.exit_code, probe_round.unreached) == (code, code == 3)


async def test_e_what_fails_because_of_another_names_it(tmp_path: Path) -> None:
    """As the board has it: the deepest failing check that it needs, directly or through others."""
    with refused() as gone, service() as well:
        probe_round = await probed(
            tmp_path,
            tcp("db", gone),
            tcp("cache", well.port),
            tcp("gate", gone, 'needs = ["s.db"]'),
            http("api", gone) + 'needs = ["s.cache", "s.gate"]\n',
            http("site", well.port) + 'needs = ["s.gate"]\n',
            http("wrong", well.port) + 'needs = ["s.cache"]\nexpect = ["status == 599"]\n',
            http("odd", well.port) + 'needs = ["s.db"]\nexpect = ["header.x-no == 1"]\n',
        )
    found = {each["id"]: each["cause"] for each in as_json(probe_round)["checks"]}  # type: ignore[attr-defined]
    assert found == {
        **dict.fromkeys(("s.db", "s.cache", "s.site", "s.wrong", "s.odd")),
        "s.gate": "s.db",
        "s.api": "s.db",
    }
    assert any(line.startswith("s.api ") and "caused by s.db  refused" in line for line in lines(probe_round))


async def test_e_a_check_alone_has_no_cause_that_nobody_probed(tmp_path: Path) -> None:
    with refused() as gone:
        path = tmp_path / "artisan.toml"
        path.write_text(config_text(tcp("db", gone), tcp("api", gone, 'needs = ["s.db"]')))
        probe_round = await probe_once(read(path), ("s.api",), SystemClock(), {})
    assert [each.cause for each in probe_round.answers] == [""]


async def test_e_what_was_heard_from_the_same_endpoint_speaks_for_itself(tmp_path: Path) -> None:
    """A port that accepts once and then no more: the check that was answered has no cause there."""
    here = EndpointReach("h:1", True, 0.0, 5.0)
    about = {"service": "s", "kind": "tcp", "latency": None}
    down = Outcome(State.DOWN, Reason.BODY, "wrong")
    gone = Outcome(State.DOWN, Reason.REFUSED, "refused")
    answers = [
        CheckAnswer("s.db", outcome=gone, reach=replace(here, reached=False), **about),  # type: ignore[arg-type]
        CheckAnswer("s.api", outcome=down, reach=here, **about),  # type: ignore[arg-type]
        CheckAnswer("s.far", outcome=down, reach=replace(here, endpoint="h:2"), **about),  # type: ignore[arg-type]
    ]
    found = explained(answers, {"s.api": ("s.db",), "s.far": ("s.db",)})
    assert [each.cause for each in found] == ["", "", "s.db"]
