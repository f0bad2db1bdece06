"""A name whose first address is dead: every kind tries the next while it waits, and answers well within its time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.connections import Connections, Trust
from artisan_tui.sources.metrics.endpoint import ScrapeEndpoint
from support.dead_addresses import NAME, black_hole, leads_to
from support.kube_api import kube_api
from support.postgres_server import USER, Postgres, postgres_server
from support.probing import run_probe
from support.redis_server import redis_server
from support.servers import free_port, http_answer, saying, talking

INSPECTED = {
    "ApiVersion": "1.41",
    "Id": "f00d",
    "Name": "/web",
    "Created": "2026-11-20T00:00:00Z",
    "Config": {"Image": "web:1"},
    "State": {"Status": "running", "ExitCode": 0, "StartedAt": "2026-11-21T00:00:00Z"},
}
VECTOR = {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"]}]}}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as running:
        yield running


@pytest.fixture
async def servers(postgres: Postgres, tmp_path: Path) -> AsyncIterator[dict[str, int]]:
    """A server for each kind on 127.0.0.1, by its port."""
    async with AsyncExitStack() as stack:
        ports = {"postgres": postgres.port}
        for kind, answer in (("http", {}), ("tcp", {}), ("docker", INSPECTED), ("promql", VECTOR)):
            talk = saying(http_answer(json.dumps(answer)), keep=True)
            ports[kind] = await stack.enter_async_context(talking(talk))
        ports["redis"] = stack.enter_context(redis_server(tmp_path / "redis")).port
        api = stack.enter_context(kube_api())
        api.cluster.add("deployments", "web")
        ports["kubernetes"] = int(api.url.rpartition(":")[2])
        yield ports


def keys(kind: str, port: int, folder: Path) -> dict[str, Any]:
    config = folder / "kubeconfig"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        f'clusters: [{{name: c, cluster: {{server: "http://{NAME}:{port}"}}}}]\n'
        "contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: let-me-in}}]\n"
    )
    return {
        "http": {"url": f"http://{NAME}:{port}/"},
        "tcp": {"address": f"{NAME}:{port}"},
        "redis": {"address": f"{NAME}:{port}"},
        "postgres": {"url": f"postgresql://{USER}@{NAME}:{port}/postgres", "query": "SELECT 1"},
        "docker": {"container": "web", "host": f"tcp://{NAME}:{port}"},
        "kubernetes": {"deployment": "web", "namespace": "artisan", "kubeconfig": str(config)},
        "promql": {
            "query": "1",
            "metrics": Metrics(prometheus=f"http://{NAME}:{port}", timeout=3.0),
            "expect": ["value == 1"],
        },
    }[kind]


KINDS = ["http", "tcp", "redis", "postgres", "docker", "kubernetes", "promql"]


async def import_everything(kind: str) -> None:
    """So that no time limit below includes the loading of a library."""
    if kind == "docker":
        await run_probe("docker", container="web", host="tcp://127.0.0.1:1", timeout="30s")
    if kind == "kubernetes":
        await run_probe("kubernetes", deployment="web", kubeconfig="/nowhere", timeout="30s")
    if kind == "promql":
        metrics = Metrics(prometheus="http://127.0.0.1:1", timeout=15.0)
        await run_probe("promql", query="1", metrics=metrics, timeout="30s")


@pytest.mark.parametrize("kind", KINDS)
async def test_a10_the_next_address_is_tried_meanwhile(
    kind: str, servers: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = servers[kind]
    await import_everything(kind)
    asked = keys(kind, port, tmp_path)
    with black_hole("127.0.0.2", port), black_hole("127.0.0.3", port):
        leads_to(monkeypatch, ("127.0.0.2", port), ("127.0.0.3", port), ("127.0.0.1", port))
        began = asyncio.get_running_loop().time()
        _seen, outcome = await run_probe(kind, timeout="3s", **asked)
        took = asyncio.get_running_loop().time() - began
    assert outcome.verdict is State.UP, outcome
    assert 0.4 < took < 2.5, "two addresses are given up after a quarter of a second each"


@pytest.mark.parametrize("kind", KINDS)
async def test_a10_one_that_refuses_costs_no_time_and_a_dead_one_is_named(
    kind: str, servers: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = servers[kind]
    await import_everything(kind)
    asked = keys(kind, port, tmp_path)
    leads_to(monkeypatch, ("127.0.0.2", port), ("127.0.0.3", port), ("127.0.0.1", port))
    _, outcome = await run_probe(kind, timeout="3s", **asked)
    assert outcome.verdict is State.UP, outcome
    dead = free_port()
    asked = keys(kind, dead, tmp_path)
    leads_to(monkeypatch, ("127.0.0.2", dead), ("127.0.0.3", dead))
    _, outcome = await run_probe(kind, timeout="3s", **asked)
    assert outcome.reason is Reason.REFUSED, outcome
    with black_hole("127.0.0.2", dead), ExitStack() as stack:
        stack.enter_context(black_hole("127.0.0.3", dead))
        if kind == "promql":
            asked["metrics"] = Metrics(prometheus=f"http://{NAME}:{dead}", timeout=0.9)
        _, outcome = await run_probe(kind, timeout="1s", **asked)
    assert outcome.reason is Reason.TIMEOUT, outcome


async def test_a10_a_scrape_does_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(saying(http_answer("up 1\n", kind="text/plain"))) as port:
        with black_hole("127.0.0.2", port):
            leads_to(monkeypatch, ("127.0.0.2", port), ("127.0.0.1", port))
            connections, loop = Connections(), asyncio.get_running_loop()
            endpoint = ScrapeEndpoint(f"http://{NAME}:{port}/metrics", 3.0, Trust(), connections, loop.time)
            await endpoint.scrape({"up": 60.0}, {})
            await connections.aclose()
    assert endpoint.failure is None
