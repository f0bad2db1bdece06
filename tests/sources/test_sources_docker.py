"""The docker kind against a real dockerd, and against things that are none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.docker import LARGEST, DockerProbe, DockerSpec
from artisan_tui.sources.checks.docker.containers import Container
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.sources.restarts import Restarts, Starts, moment
from support.docker_daemon import Daemon, dockerd
from support.probing import reason, run_probe
from support.servers import free_port, http_answer, saying, talking
from support.stopwatch import Stopwatch

INSPECTED = {
    "Id": "f00d",
    "Name": "/web",
    "Created": "2026-11-20T00:00:00.000000001Z",
    "RestartCount": 0,
    "Config": {"Image": "web:1"},
    "State": {"Status": "running", "ExitCode": 0, "StartedAt": "2026-11-21T00:00:00.123456789Z"},
}


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with dockerd() as running:
        yield running


@pytest.fixture
def name() -> str:
    return f"t-{uuid.uuid4().hex[:10]}"


@contextlib.asynccontextmanager
async def watching(**keys: Any) -> AsyncIterator[Any]:
    """A probe kept from probe to probe; calling it probes once."""
    spec = DockerSpec.model_validate({"id": "x", "timeout": "5s", **keys})
    probe_context = ProbeContext.open(None, {})
    probe = DockerProbe(spec, probe_context)

    async def once() -> tuple[ProbeResult, Outcome]:
        probe_result = await probe.probe()
        return probe_result, assess(probe_result, spec.effective(), spec.degraded, search, required=spec.required)

    yield once
    await probe.aclose()
    await probe_context.aclose()


async def until_seen(once: Any, wanted: Reason, seconds: float = 20.0) -> tuple[ProbeResult, Outcome]:
    deadline = time.monotonic() + seconds
    while True:
        seen: tuple[ProbeResult, Outcome] = await once()
        if seen[1].reason is wanted:
            return seen
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.05)


async def test_one_that_runs(daemon: Daemon, name: str) -> None:
    daemon.run(name=name)
    expect = ["value == 1", "body.state == running", "body.restarts == 0", "latency < 2s"]
    seen, outcome = await run_probe("docker", container=name, host=daemon.host, expect=expect)
    assert outcome.verdict is State.UP, outcome
    assert isinstance(seen.answers["body"], dict)
    assert seen.answers["body"]["image"] == "artisan/busybox:test"
    assert moment(seen.answers["body"]["started_at"])
    assert name in seen.query


async def test_over_tls(daemon: Daemon, name: str) -> None:
    daemon.run(name=name)
    files = {"ca_file": str(daemon.cert), "cert_file": str(daemon.cert), "key_file": str(daemon.key)}
    keys: dict[str, Any] = {"container": name, "host": daemon.tls_host, "tls": True}
    assert reason(await run_probe("docker", **keys, **files)) is Reason.OK
    seen = await run_probe("docker", **keys, ca_file=str(daemon.cert))
    assert (reason(seen), seen[1].verdict) == (Reason.TLS, State.UNKNOWN), seen
    ours = {key: files[key] for key in ("cert_file", "key_file")}
    seen = await run_probe("docker", **keys, **ours)
    assert (reason(seen), "self-signed" in seen[1].detail) == (Reason.TLS, True)
    with warnings.catch_warnings(record=True) as printed:
        assert reason(await run_probe("docker", **keys, **ours, verify=False)) is Reason.OK
    assert printed == []


async def test_one_that_ended(daemon: Daemon, name: str) -> None:
    container = daemon.run("/bin/sh", "-c", "exit 3", name=name)
    container.wait()
    seen, outcome = await run_probe("docker", container=name, host=daemon.host)
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.EXITED)
    assert "exit code 3" in outcome.detail
    assert seen.answers["value"] == 0
    container.remove()
    again = await run_probe("docker", container=name, host=daemon.host)
    assert (reason(again), again[1].verdict) == (Reason.ABSENT, State.DOWN)


async def test_paused_and_never_started(daemon: Daemon, name: str) -> None:
    container = daemon.run(name=name)
    container.pause()
    seen = await run_probe("docker", container=name, host=daemon.host)
    assert (reason(seen), seen[1].detail == f"{name} is paused") == (Reason.EXITED, True)
    container.unpause()
    assert reason(await run_probe("docker", container=name, host=daemon.host)) is Reason.OK
    daemon.client.containers.create("artisan/busybox:test", ["/bin/true"], name=f"{name}-2")
    seen = await run_probe("docker", container=f"{name}-2", host=daemon.host)
    assert (reason(seen), "never started" in seen[1].detail) == (Reason.EXITED, True)


async def test_its_health_check(daemon: Daemon, name: str) -> None:
    test = 'test -e /well && echo fine || { printf "\\033[31mdisk\\tfull\\033]0;pwned\\007\\n"; exit 1; }'
    probe = {"test": ["CMD", "/bin/sh", "-c", test], "interval": 200_000_000, "retries": 1, "start_period": 3 * 10**9}
    container = daemon.run(name=name, healthcheck=probe)
    async with watching(container=name, host=daemon.host) as once:
        seen, outcome = await once()
        assert (outcome.verdict, outcome.reason) == (State.DEGRADED, Reason.PARTIAL), "it has its start period"
        assert outcome.detail == f"{name} is starting: its health check has not succeeded yet, start period 3s"
        seen, outcome = await until_seen(once, Reason.HEALTH)
        assert outcome.verdict is State.DOWN
        assert "disk full" in outcome.detail
        assert seen.answers["value"] == 1, "it runs all the same"
        assert (outcome.detail + seen.excerpt.replace("\n", "")).isprintable()
        assert "pwned" not in outcome.detail
        container.exec_run(["/bin/sh", "-c", "echo > /well"])
        seen, _ = await until_seen(once, Reason.OK)
        assert isinstance(seen.answers["body"], dict)
        assert seen.answers["body"]["health"] == "healthy"


async def test_one_that_starts_again_and_again(daemon: Daemon, name: str) -> None:
    container = daemon.run("/bin/sh", "-c", "exit 7", name=name, restart_policy={"Name": "always"})
    try:
        async with watching(container=name, host=daemon.host, restarts=2) as once:
            seen, outcome = await until_seen(once, Reason.RESTARTING)
            assert outcome.verdict is State.DOWN
            assert "exit code 7" in outcome.detail or "restarted" in outcome.detail
            deadline = time.monotonic() + 20
            while seen.answers["body"]["restarts_lately"] <= 2:  # type: ignore[index]
                assert time.monotonic() < deadline
                seen, outcome = await once()
                await asyncio.sleep(0.05)
            # Between two tries it runs for a moment. That must not look well.
            assert outcome.verdict is not State.UP
    finally:
        container.remove(force=True)


async def test_restarted_by_hand(daemon: Daemon, name: str) -> None:
    container = daemon.run(name=name)
    async with watching(container=name, host=daemon.host, restarts=1) as once:
        assert (await once())[1].verdict is State.UP
        container.restart(timeout=0)
        assert (await once())[1].verdict is State.UP, "one restart is allowed"
        container.restart(timeout=0)
        _, outcome = await once()
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.RESTARTING)
    assert "restarted 2 times within 10m, at most 1" in outcome.detail


async def test_a_compose_service(daemon: Daemon, name: str) -> None:
    labels = {"com.docker.compose.project": name, "com.docker.compose.service": "app"}
    ours = [daemon.run(name=f"{name}-{n}", labels=labels) for n in (1, 2, 3)]
    daemon.run("/bin/true", labels={**labels, "com.docker.compose.oneoff": "True"}).wait()
    daemon.run("/bin/true", labels={**labels, "com.docker.compose.service": "other"}).wait()
    keys: dict[str, Any] = {"compose_project": name, "compose_service": "app", "host": daemon.host}
    assert (
        reason(await run_probe("docker", **keys, expect=["value == 3", "body.total == 3", "body.running == 3"]))
        is Reason.OK
    )
    ours[1].kill()
    seen = await run_probe("docker", **keys)
    assert (reason(seen), seen[1].verdict) == (Reason.EXITED, State.DOWN)
    assert f"2 of 3 are healthy: {name}-2" in seen[1].detail
    _, outcome = await run_probe("docker", **keys, at_least=2)
    assert (outcome.verdict, f"{name}-2" in outcome.detail) == (State.DEGRADED, True)
    ours[0].remove(force=True)
    ours[1].remove(force=True)
    seen = await run_probe("docker", **keys, at_least=2)
    assert (reason(seen), seen[1].verdict) == (Reason.ABSENT, State.DOWN)
    seen = await run_probe("docker", **keys | {"compose_service": "none"})
    assert (reason(seen), seen[1].verdict) == (Reason.ABSENT, State.DOWN)


async def test_a3_an_answer_is_about_the_named_container(daemon: Daemon, name: str) -> None:
    container = daemon.run(name=name)
    full = str(container.id)
    ask = partial(run_probe, "docker", host=daemon.host)
    for wanted in (full[:1], full[:2], full[:8], full[:11]):
        _, outcome = await ask(container=wanted)
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.ABSENT), (wanted, outcome)
        assert outcome.detail == f"there is no container {wanted}"
    for wanted in (name, f"/{name}", full[:12], full[:20], full):
        assert reason(await ask(container=wanted)) is Reason.OK, wanted
    # Whoever has the first digits of another's id as a name is found by that name.
    other = daemon.run("/bin/sh", "-c", "exit 3", name=full[:12])
    other.wait()
    _, outcome = await ask(container=full[:12])
    assert (outcome.reason, outcome.detail.split()[0]) == (Reason.EXITED, full[:12])
    other.remove(force=True)


async def test_a3_many_ids_begin_with_it(daemon: Daemon, name: str) -> None:
    ids = [str(daemon.run(name=f"{name}-{n}").id) for n in range(17)]
    shared = next(digit for digit in "0123456789abcdef" if sum(each[0] == digit for each in ids) > 1)
    seen = await run_probe("docker", host=daemon.host, container=shared)
    assert (reason(seen), seen[1].detail) == (Reason.ABSENT, f"there is no container {shared}")


async def test_a3_a_daemon_that_filters_nothing(name: str) -> None:
    """Some proxies before a daemon drop the query of a request."""
    ours = {"com.docker.compose.project": name, "com.docker.compose.service": "app"}
    listed = [
        {"Id": "a1", "Labels": ours},
        {"Id": "b2", "Labels": {**ours, "com.docker.compose.project": f"{name}2"}},
        {"Id": "c3", "Labels": {**ours, "com.docker.compose.service": "app-worker"}},
        {"Id": "d4", "Labels": {}},
    ]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        found: Any = {"ApiVersion": "1.41"}
        if "/containers/json" in path:
            found = listed
        elif "/containers/" in path:
            found = {**INSPECTED, "Id": path.split("/")[3], "Name": f"/{path.split('/')[3]}"}
        # It closes after each answer, and says so: a client that reuses the connection would be reset.
        writer.write(http_answer(json.dumps(found), more="Connection: close\r\n"))

    async with talking(answer) as port:
        seen, outcome = await run_probe(
            "docker", host=f"tcp://127.0.0.1:{port}", compose_project=name, compose_service="app"
        )
    assert outcome.verdict is State.UP, outcome
    assert seen.excerpt.split()[0] == "a1"
    assert seen.answers["value"] == 1


async def test_a_daemon_that_hangs_holds_up_nobody(daemon: Daemon, name: str) -> None:
    daemon.run(name=name)
    async with watching(container=name, host=daemon.host, timeout="500ms") as once, talking(saying(b"x")) as port:
        with daemon.stopped():
            clock = Stopwatch()
            stuck = asyncio.create_task(once())
            assert reason(await run_probe("tcp", address=f"127.0.0.1:{port}")) is Reason.OK
            assert clock.seconds < 0.4
            outcome = (await stuck)[1]
            assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.TIMEOUT)
            # The thread comes back by itself, so later probes are probes and not mere waiting for it.
            await until_seen(once, Reason.TIMEOUT)
        assert (await until_seen(once, Reason.OK))[1].verdict is State.UP


async def test_a_daemon_that_dies() -> None:
    with dockerd() as mortal:
        async with watching(container="x", host=mortal.host) as once:
            assert (await once())[1].reason is Reason.ABSENT
            mortal.process.send_signal(signal.SIGKILL)
            mortal.process.wait(10)
            _, outcome = await once()
            assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.REFUSED)
            os.unlink(mortal.host.removeprefix("unix://"))
            _, outcome = await once()
            assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.UNREACHABLE)
            assert "is Docker installed" in outcome.detail


async def test_a_socket_we_may_not_use(daemon: Daemon) -> None:
    await run_probe("docker", container="x", host=daemon.host)  # what is imported below may not be readable for nobody
    os.seteuid(65534)
    try:
        _, outcome = await run_probe("docker", container="x", host=daemon.host)
    finally:
        os.seteuid(0)
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.DENIED)
    assert "docker group" in outcome.detail


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
