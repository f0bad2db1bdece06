"""The docker kind against things that are no daemon, and its reading of what one says."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.docker import LARGEST, DockerSpec
from artisan_tui.sources.checks.docker.containers import Container
from artisan_tui.sources.restarts import Restarts, Starts
from support.docker_probing import INSPECTED, until_seen, watching
from support.probing import reason, run_probe
from support.servers import free_port, http_answer, saying, talking


async def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    _, outcome = await run_probe("docker", container="x")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.NOT_INSTALLED)
    assert outcome.detail == "the docker package is not installed: pip install artisan-tui"


VERSION = http_answer('{"ApiVersion": "1.41"}')


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROTOCOL),
        (b"", Reason.PROTOCOL),
        (http_answer("[]"), Reason.PROTOCOL),
        (http_answer("{"), Reason.PROTOCOL),
        (http_answer(json.dumps({"ApiVersion": "1.41", **INSPECTED, "RestartCount": "many"})), Reason.PROTOCOL),
        (http_answer("<h1>moved</h1>", status="404 Not Found", kind="text/html"), Reason.PROTOCOL),
        (http_answer("{}", status="404 Not Found"), Reason.PROTOCOL),
        (http_answer("", status="302 Found", more="Location: http://127.0.0.1:1/\r\n"), Reason.PROTOCOL),
        (http_answer('{"message": "who are you"}', status="401 Unauthorized"), Reason.AUTH),
        (http_answer('{"message": "denied by \\u001b[31mplugin"}', status="403 Forbidden"), Reason.DENIED),
        (http_answer('{"message": "oops"}', status="500 Internal Server Error"), Reason.STATUS),
        (http_answer('{"message": "starting"}', status="503 Service Unavailable"), Reason.REJECTED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", Reason.PROTOCOL),
        (f"HTTP/1.1 200 OK\r\nContent-Length: {LARGEST + 1}\r\n\r\n".encode(), Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", Reason.ENCODING),
    ],
)
async def test_what_is_no_daemon_is_no_evidence(answer: bytes, wanted: Reason) -> None:
    async with talking(saying(answer)) as port:
        _, outcome = await run_probe("docker", container="x", host=f"tcp://127.0.0.1:{port}")
    assert (outcome.reason, outcome.verdict) == (wanted, State.UNKNOWN), outcome.detail
    assert outcome.detail.isprintable()


async def test_an_answer_that_never_ends() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"[" * 65536)
            await writer.drain()

    async with talking(flood) as port:
        assert reason(await run_probe("docker", container="x", host=f"tcp://127.0.0.1:{port}")) is Reason.TOO_LARGE


async def test_a_trickle_blocks_one_thread_and_no_more() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not over.is_set():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    over = asyncio.Event()
    async with (
        talking(trickle) as port,
        watching(container="x", host=f"tcp://127.0.0.1:{port}", timeout="300ms") as once,
    ):
        assert (await once())[1].reason is Reason.TIMEOUT
        _, outcome = await once()
        assert (outcome.reason, outcome.verdict) == (Reason.BLOCKED, State.UNKNOWN)
        over.set()
        await until_seen(once, Reason.PROTOCOL)


async def test_the_version_is_asked_again_after_a_refusal() -> None:
    asked: list[str] = []

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        asked.append(path)
        answers = {
            "/version": http_answer(json.dumps({"ApiVersion": "1.43" if len(asked) == 1 else "1.44"})),
            "/v1.43/containers/x/json": http_answer('{"message": "client version 1.43 is too old"}', status="400 Bad"),
            "/v1.44/containers/x/json": http_answer('{"message": "No such container: x"}', status="404 Not Found"),
        }
        writer.write(answers[path])
        await writer.drain()

    async with talking(other) as port, watching(container="x", host=f"tcp://127.0.0.1:{port}") as once:
        assert [(await once())[1].reason for _ in range(3)] == [Reason.QUERY, Reason.ABSENT, Reason.ABSENT]
    assert [path for path in asked if path == "/version"] == ["/version"] * 2


async def test_a_404_that_is_not_about_the_container() -> None:
    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        writer.write(VERSION if path == b"/version" else http_answer("no backend", status="404 Not Found"))
        await writer.drain()

    async with talking(proxy) as port:
        _, outcome = await run_probe("docker", container="x", host=f"tcp://127.0.0.1:{port}")
    assert (outcome.reason, outcome.verdict) == (Reason.PROTOCOL, State.UNKNOWN)


async def test_the_surroundings_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    async with talking(saying(VERSION)) as port:
        _, outcome = await run_probe("docker", container="x", host=f"tcp://127.0.0.1:{port}")
    assert outcome.reason is Reason.PROTOCOL, "it was reached, and says nothing about containers"


def _container(**state: Any) -> Container:
    return Container.read({**INSPECTED, "State": {**INSPECTED["State"], **state}})  # type: ignore[dict-item]


def test_a_settled_container_that_restarted_too_often_is_degraded() -> None:
    one = _container()
    assert one.starts.started is not None
    for now, failing in ((one.starts.started + 9, True), (one.starts.started + 11, False)):
        assert (one.failure(4, 3, 600.0, now) is not None) is failing
        assert list(one.notes(4, 3, 600.0)) == ["web restarted 4 times within 10m, at most 3 expected"]
        assert one.failure(3, 3, 600.0, now) is None
        assert list(one.notes(3, 3, 600.0)) == []


def test_one_that_waits_to_be_started_again() -> None:
    failure = _container(Status="restarting", ExitCode=7).failure(1, 3, 600.0, 0.0)
    assert failure is not None
    assert (failure.reason, failure.detail) == (Reason.RESTARTING, "web is in a restart loop: exit code 7")


def test_the_same_sentence_from_probe_to_probe() -> None:
    """An age in it would tick, and every probe would repaint the board."""
    ended = _container(Status="exited", ExitCode=3, FinishedAt="2026-11-21T09:42:00Z")
    said = {str(ended.failure(0, 3, 600.0, now)) for now in (1.8e9, 1.8e9 + 1, 1.9e9)}
    assert len(said) == 1
    assert "web has exited, exit code 3 since 21 Nov 09:42 UTC" in said.pop()


def test_hostile_words_of_a_daemon() -> None:
    evil = "\x1b]0;x\x07\u202eA\x00\x9b31m[bold]"
    doc = {**INSPECTED, "Name": f"/{evil}", "Config": {"Image": evil}, "Id": evil}
    doc["State"] = {"Status": "exited", "Error": evil, "StartedAt": evil, "FinishedAt": evil, "ExitCode": 1}
    one = Container.read(doc)
    failure = one.failure(0, 3, 600.0, 0.0)
    assert failure is not None
    assert failure.detail.isprintable()
    assert all(str(value).isprintable() for value in one.body.values())


@pytest.mark.parametrize(
    ("probes", "counts"),
    [
        ([(0, 0, (0, 500, 0))], [0]),
        ([(900, 4, (0, 850, 0))], [1]),  # older than the window: only the last start is known
        ([(90, 4, (0, 80, 0))], [4]),  # made within the window: all of them
        ([(900, 4, (0, 100, 0))], [0]),
        ([(0, 1, (0, 0, 0)), (10, 3, (0, 9, 0))], [1, 3]),
        ([(0, 0, (0, 0, 0)), (10, 0, (0, 9, 0))], [0, 1]),  # by hand: the daemon does not count it
        ([(0, 5, (-9999, -9000, 0)), (10, 2, (-9999, 9, 0))], [0, 3]),  # by hand, and twice more since
        ([(0, 0, (0, 0, 0)), (10, 2, (0, 9, 0)), (500, 2, (0, 9, 0)), (620, 2, (0, 9, 0))], [0, 2, 2, 0]),
    ],
)
def test_counting_restarts(probes: list[Any], counts: list[int]) -> None:
    restarts, seen = Restarts(600.0), []
    for now, count, (created, started, _) in probes:
        seen.append(restarts.count({"a": Starts(count, float(started), float(created))}, float(now))["a"])
    assert seen == counts
    assert restarts.count({}, 0.0) == {}


def test_a_flood_of_restarts_costs_little() -> None:
    restarts = Restarts(600.0)
    restarts.count({"a": Starts(0, 0.0, 0.0)}, 0.0)
    assert restarts.count({"a": Starts(10**9, 1.0, 0.0)}, 1.0)["a"] == 1000
    assert Restarts(600.0).count({"a": Starts(10**9, 1.0, 0.0)}, 1.0)["a"] == 1000


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"container": "a", "compose_project": "p", "compose_service": "s"},
        {"container": "a", "compose_project": "p"},
        {"container": "a", "at_least": 1},
        {"compose_project": "p"},
        {"compose_service": "s"},
        {"container": "../../info"},
        {"container": "a b"},
        {"container": "a", "host": "ssh://root@db"},
        {"container": "a", "host": "tcp://u:p@h:1"},
        {"container": "a", "host": "unix://relative"},
        {"container": "a", "tls": True},
        {"container": "a", "host": "tcp://h:1", "ca_file": "/ca"},
        {"container": "a", "host": "tcp://h:1", "tls": True, "cert_file": "/c"},
        {"container": "a", "host": "tcp://h:1", "expect": ["status == 200"], "restarts": -1},
    ],
)
def test_what_is_no_target(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DockerSpec.model_validate({"id": "x", **keys})
