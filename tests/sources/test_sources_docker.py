"""The docker kind against a real dockerd."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import uuid
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.restarts import moment
from support.docker_daemon import Daemon, dockerd
from support.docker_probing import INSPECTED, until_seen, watching
from support.probing import reason, run_probe
from support.servers import http_answer, saying, talking
from support.stopwatch import Stopwatch


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with dockerd() as running:
        yield running


@pytest.fixture
def name() -> str:
    return f"t-{uuid.uuid4().hex[:10]}"


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
