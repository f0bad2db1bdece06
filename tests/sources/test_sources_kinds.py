"""Kinds are found, cheap to import, and opened without I/O."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext


def test_every_file_is_a_kind() -> None:
    assert set(KINDS) == {
        *("http", "tcp", "measure", "promql", "redis", "postgres", "docker", "kubernetes", "command", "disk", "memory"),
        *("dns", "grpc", "heartbeat", "systemd"),
    }
    for name, kind in KINDS.items():
        assert kind.name == name
        assert issubclass(kind.spec, CheckSpec)
        assert kind.spec.model_fields["kind"].default == name
        assert kind.spec.ANSWERS


@pytest.mark.parametrize("module", ["checks", "lookup", "probe_context", "metrics"])
def test_libraries_wait_until_they_are_needed(module: str) -> None:
    code = (
        f"import artisan_tui.sources.{module}, sys, json\n"
        "from artisan_tui.sources.probe_context import ProbeContext\n"
        "ProbeContext.open(None, {})\n"
        "print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    heavy = {
        *("httpx", "httpcore", "anyio", "jmespath", "requests", "prometheus_client", "prometheus_api_client"),
        *("psycopg", "docker", "kubernetes", "psutil", "dns", "h2"),
    }
    assert not heavy & set(json.loads(done.stdout))


#: The shortest sound check of each kind, and what the network must reach for it.
MINIMAL: list[tuple[str, dict[str, object], str]] = [
    ("http", {"url": "http://127.0.0.1:1/"}, "127.0.0.1:1"),
    ("tcp", {"address": "127.0.0.1:1"}, "127.0.0.1:1"),
    ("measure", {"measure": {"value": "up"}}, ""),
    ("promql", {"query": "up"}, ""),
    ("redis", {"address": "127.0.0.1:1"}, "127.0.0.1:1"),
    ("postgres", {"url": "postgresql://u@127.0.0.1:1/d"}, "127.0.0.1:1"),
    ("docker", {"container": "x"}, ""),
    ("kubernetes", {"deployment": "x"}, ""),
    ("command", {"run": ["true"]}, ""),
    ("disk", {"path": "/"}, ""),
    ("memory", {}, ""),
    ("dns", {"query": "shop.example", "server": "127.0.0.1:1"}, "127.0.0.1:1"),
    ("grpc", {"address": "127.0.0.1:1"}, "127.0.0.1:1"),
    ("heartbeat", {"push": True, "within": "10m"}, ""),
    ("systemd", {"unit": "x.service"}, ""),
]


def made(kind: str, keys: Mapping[str, object]) -> CheckSpec:
    return KINDS[kind].spec.model_validate({"id": "x", "kind": kind, **keys})


def test_opening_needs_no_loop() -> None:
    from artisan_tui.config.metrics import Metrics

    for metrics in (None, Metrics(scrape=("http://127.0.0.1:1/",)), Metrics(prometheus="http://127.0.0.1:1")):
        probe_context = ProbeContext.open(metrics, {})
        for kind, keys, _ in MINIMAL:
            KINDS[kind].open(made(kind, keys), probe_context)


def test_every_kind_says_what_it_probes() -> None:
    assert {kind for kind, _, _ in MINIMAL} == set(KINDS)
    for kind, keys, _ in MINIMAL:
        said = made(kind, keys).target
        assert said, kind
        assert said.isprintable()


@pytest.mark.parametrize(
    ("kind", "keys", "target"),
    [
        ("http", {"url": "https://shop.example/health"}, "https://shop.example/health"),
        ("tcp", {"host": "::1", "port": 22}, "[::1]:22"),
        ("redis", {"address": "/run/re\ndis.sock"}, "/run/re dis.sock"),
        ("redis", {"url": "rediss://cache/0"}, "rediss://cache/0"),
        ("postgres", {"address": "/run/postgresql", "user": "u"}, "/run/postgresql"),
        ("postgres", {"url": "postgresql://u@db/d", "query": "SELECT 2"}, "postgresql://u@db/d"),
        ("docker", {"compose_project": "shop", "compose_service": "db"}, "shop/db"),
        ("kubernetes", {"deployment": "api", "namespace": "shop"}, "deployment/api in namespace shop"),
        ("kubernetes", {"pods": "app=\x07api"}, "pods/app=api in namespace default"),
        ("command", {"run": ["pg isready", "\x1b[2J"]}, "'pg isready' ''"),
        ("disk", {"path": "/da\x07ta"}, "/data"),
        ("measure", {"measure": {"value": "up", "agg": "sum"}}, "sum(up)"),
        ("promql", {"query": "sum(up)\n> 1"}, "sum(up) > 1"),
        ("memory", {}, "memory of this machine"),
        ("dns", {"query": "shop.example", "type": "mx"}, "MX shop.example"),
        ("dns", {"query": "shop.example", "server": "ns1:53"}, "A shop.example at ns1:53"),
        ("grpc", {"address": "db:50051", "service": "shop.Cart"}, "db:50051 shop.Cart"),
        ("heartbeat", {"push": True, "within": "1h"}, "POST /heartbeat"),
        ("heartbeat", {"file": "/run/ba\x07ckup", "within": "1h"}, "/run/backup"),
        ("systemd", {"unit": "nginx"}, "nginx.service"),
        ("systemd", {"unit": "backup.timer", "user": True}, "backup.timer (user)"),
    ],
)
def test_what_is_probed(kind: str, keys: dict[str, object], target: str) -> None:
    said = made(kind, keys).target
    assert said.isprintable()
    assert said == target


@pytest.mark.parametrize(
    ("kind", "keys", "endpoint"),
    [
        *MINIMAL,
        ("http", {"url": "http://Shop.Example"}, "shop.example:80"),
        ("http", {"url": "https://shop.example/health?x=1"}, "shop.example:443"),
        ("http", {"url": "https://[::1]:8443/"}, "[::1]:8443"),
        ("tcp", {"address": "DB.example:5432"}, "db.example:5432"),
        ("tcp", {"host": "::1", "port": 22}, "[::1]:22"),
        ("redis", {"url": "redis://Cache"}, "cache:6379"),
        ("redis", {"url": "rediss://cache:6380/1"}, "cache:6380"),
        ("redis", {"address": "[::1]:6379"}, "[::1]:6379"),
        ("redis", {"address": "/run/redis.sock"}, ""),
        ("redis", {"url": "unix:///run/redis.sock"}, ""),
        ("postgres", {"url": "postgres://u@DB/d"}, "db:5432"),
        ("postgres", {"address": "db:6432", "user": "u"}, "db:6432"),
        ("postgres", {"address": "/run/postgresql", "user": "u"}, ""),
        ("docker", {"container": "x", "host": "tcp://Docker.example:2375"}, "docker.example:2375"),
        ("docker", {"container": "x", "host": "unix:///run/d.sock"}, ""),
        ("kubernetes", {"pods": "app=api", "context": "prod"}, ""),
        ("command", {"run": ["curl", "http://shop.example/"]}, ""),
    ],
)
def test_what_the_network_must_reach(kind: str, keys: dict[str, object], endpoint: str) -> None:
    assert made(kind, keys).endpoint == endpoint


def test_one_place_is_one_endpoint_whatever_asks_it() -> None:
    """Otherwise three kinds of checks of one dead host would look like a lost network."""
    asked = [
        ("http", {"url": "http://[::1]:80/"}),
        ("tcp", {"address": "[::1]:80"}),
        ("redis", {"url": "redis://[::1]:80"}),
    ]
    assert len({made(kind, keys).endpoint for kind, keys in asked}) == 1


@pytest.mark.parametrize(
    ("path", "document", "found"),
    [
        ("a.b", {"a": {"b": 1}}, "1"),
        ("a.b", {"a": {"b": None}}, "None"),
        ("a.b", {"a": None}, "missing"),
        ("a.b", {"a": [1]}, "missing"),
        ("a", [], "missing"),
        ("a[1].b", {"a": [0, {"b": 2}]}, "2"),
        ("a[9]", {"a": []}, "missing"),
        ("length(a)", {"a": [1, 2]}, "2"),
        ("length(a)", {"a": 1}, "missing"),
        ("nonsense((", {"a": 1}, "missing"),
        ("no_such_function(a)", {"a": 1}, "missing"),
    ],
)
def test_search(path: str, document: object, found: str) -> None:
    assert repr(search(path, document)) == found


def test_search_keeps_numbers_exact() -> None:
    from artisan_tui.sources.body import parse_json

    document = parse_json('{"l": [{"x": 0.1}, {"x": 10.9}], "n": [NaN, 1]}')
    assert str(search("sum(l[].x)", document)) == "11.0"
    assert str(search("to_number(l[1].x)", document)) == "10.9"
    assert search("length(l[?x == `0.1`])", document) == 1
    assert str(search("max_by(l, &x).x", document)) == "10.9"
    search("max(n)", document)
    search("n[?@ > `0`]", document)
