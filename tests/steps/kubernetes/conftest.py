"""A stand-in API server for steps that change a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kube_api import KubeApi, kube_api


@pytest.fixture(scope="session")
def server() -> Iterator[KubeApi]:
    with kube_api() as made:
        yield made


@pytest.fixture
def api(server: KubeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KubeApi:
    server.heal()
    server.cluster.objects.clear()
    server.cluster.controller = True
    server.cluster.add("deployments", "api", replicas=3)
    server.requests.clear()
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path / "config")))
    return server
