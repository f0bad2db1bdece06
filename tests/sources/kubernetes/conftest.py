"""A stand-in API server for the tests of the kubernetes kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.checks.outcome import Outcome
from support.kube_api import KubeApi, kube_api
from support.kube_asking import Ask
from support.kube_probing import Seen
from support.probing import run_probe
from support.servers import certificate


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("kube"))


@pytest.fixture
def api(pair: tuple[Path, Path]) -> Iterator[KubeApi]:
    with kube_api(tls=pair) as server:
        server.cluster.add("deployments", "api")
        yield server


@pytest.fixture
def config(api: KubeApi, tmp_path: Path) -> str:
    return str(api.kubeconfig(tmp_path / "config"))


@pytest.fixture
def ask(config: str) -> Ask:
    """One probe of the cluster; at the deployment api unless told otherwise."""

    async def once(**keys: Any) -> Outcome:
        keys = {"namespace": "artisan", "kubeconfig": config, "timeout": "5s", **keys}
        if not {"deployment", "statefulset", "daemonset", "pods"} & set(keys):
            keys["deployment"] = "api"
        seen: Seen = await run_probe("kubernetes", **keys)
        assert (seen[1].detail + seen[0].excerpt.replace("\n", "")).isprintable()
        return seen[1]

    return once
