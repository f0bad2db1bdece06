"""One place written in several ways: the same answer, over real connections."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.measure import Promql
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.state import State
from artisan_tui.sources.metrics import open_backend
from artisan_tui.sources.metrics.prometheus import PrometheusBackend
from support.kube_api import kube_api
from support.probing import run_probe
from support.redis_server import redis_server
from support.servers import certificate, free_port, http_answer, saying, server_tls, talking


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("spelling"))


@pytest.fixture
async def https(pair: tuple[Path, Path]) -> AsyncIterator[int]:
    talk = saying(http_answer('{"status": "healthy"}'), keep=True)
    async with talking(talk, server_tls(*pair)) as port:
        yield port


@pytest.mark.parametrize("url", ["https://localhost.:{}/", "HTTPS://LOCALHOST:{}/", "Https://127.1:{}/"])
async def test_a9_https_in_several_spellings(https: int, pair: tuple[Path, Path], url: str) -> None:
    """The certificate is verified, watched, and its days are known."""
    keys: dict[str, Any] = {"url": url.format(https), "ca_file": str(pair[0])}
    _seen, outcome = await run_probe("http", **keys, expect=["tls.days > 20", "status == 200"])
    assert outcome.verdict is State.UP, outcome
    _, outcome = await run_probe("http", **keys, certificate="60d")
    assert outcome.verdict is State.DEGRADED, outcome


@pytest.mark.parametrize("address", ["localhost.:{}", "LOCALHOST:{}", "127.1:{}"])
async def test_a9_tcp_in_several_spellings(https: int, pair: tuple[Path, Path], address: str) -> None:
    keys: dict[str, Any] = {"address": address.format(https), "tls": True, "ca_file": str(pair[0])}
    _seen, outcome = await run_probe("tcp", **keys, expect=["tls.days > 20"])
    assert outcome.verdict is State.UP, outcome


async def test_a9_redis_in_several_spellings(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", str(pair[0]), "--tls-key-file", str(pair[1])]
    with redis_server(tmp_path / "redis", *tls, "--tls-ca-cert-file", str(pair[0]), "--tls-auth-clients", "no"):
        for url in (f"rediss://localhost.:{port}", f"REDISS://LocalHost:{port}/0", f"Rediss://127.1:{port}"):
            _seen, outcome = await run_probe("redis", url=url, ca_file=str(pair[0]), expect=["tls.days > 20"])
            assert outcome.verdict is State.UP, (url, outcome)


@pytest.mark.parametrize("server", ["HTTPS://localhost.:{}", "https://LOCALHOST:{}"])
async def test_a9_kubernetes_in_several_spellings(tmp_path: Path, pair: tuple[Path, Path], server: str) -> None:
    with kube_api(tls=pair) as api:
        api.cluster.add("deployments", "web")
        config = api.kubeconfig(tmp_path / "config")
        config.write_text(config.read_text().replace(api.url, server.format(api.url.rpartition(":")[2])))
        keys: dict[str, Any] = {"deployment": "web", "namespace": "artisan", "kubeconfig": str(config)}
        _, outcome = await run_probe("kubernetes", **keys, timeout="20s")
    assert outcome.verdict is State.UP, outcome


async def test_a9_an_ipv6_zone_stays_on_this_machine() -> None:
    zone = socket.if_nametoindex("lo")  # an interface's name is for link-local addresses, which loopback has none of
    heads: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_answer("ok"))

    server = await asyncio.start_server(talk, "::1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        for url in (f"http://[::1%25{zone}]:{port}/", f"http://[::1%{zone}]:{port}/"):
            _, outcome = await run_probe("http", url=url)
            assert outcome.verdict is State.UP, (url, outcome)
    assert all(f"host: [::1]:{port}\r\n".encode() in head.lower() for head in heads), heads
    assert len(heads) == 2


@pytest.mark.parametrize(
    "base", ["/prom?extra_label=env%3Dprod&extra_label=a", "/prom/?extra_label=env%3Dprod&extra_label=a"]
)
async def test_a9_a_prometheus_with_a_path_and_a_query_of_its_own(base: str) -> None:
    asked: list[tuple[str, str]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            size = next((int(x.split(":")[1]) for x in head.lower().splitlines() if x.startswith("content-length")), 0)
            asked.append((head.split()[1], (await reader.readexactly(size)).decode()))
            data: dict[str, Any] = {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"]}]}
            if "%5B1m%5D" in asked[-1][0]:
                data = {"resultType": "matrix", "result": []}
            if "runtimeinfo" in head:
                data = {"storageRetention": "15d"}
            writer.write(http_answer(json.dumps({"status": "success", "data": data})))

    async with talking(talk) as port:
        metrics = Metrics(prometheus=f"HTTP://LocalHost.:{port}{base}")
        backend = open_backend(metrics, {})
        assert isinstance(backend, PrometheusBackend)
        assert (await backend.read(Promql("up"))).value == 1
        assert (await backend.read(Promql("up" + " " * 2000))).value == 1
        await backend.raw(parse_selector("up"), 0, 60_000)
        assert await backend.retention() == 15 * 86400
        reports = await backend.status()
        await backend.aclose()
    assert all("extra_label" not in text for _, text, _ in reports), "a query of a URL may hold a token"
    for path, _ in asked:
        parts = urlsplit(path)
        assert parts.path.startswith("/prom/api/v1/"), path
        assert parse_qs(parts.query)["extra_label"] == ["env=prod", "a"], path
    assert any("query=up" in body for _, body in asked)
