"""Kinds are found, cheap to import, and opened without I/O."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext


def test_every_file_is_a_kind() -> None:
    assert set(KINDS) == {
        *("http", "tcp", "measure", "promql", "redis", "postgres", "docker", "kubernetes", "command", "disk", "memory")
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
        *("psycopg", "docker", "kubernetes", "psutil"),
    }
    assert not heavy & set(json.loads(done.stdout))


def test_opening_needs_no_loop() -> None:
    from artisan_tui.config.models import Metrics

    for metrics in (None, Metrics(scrape=("http://127.0.0.1:1/",)), Metrics(prometheus="http://127.0.0.1:1")):
        world = ProbeContext.open(metrics, {})
        for kind, keys in (
            ("http", {"url": "http://127.0.0.1:1/"}),
            ("tcp", {"address": "127.0.0.1:1"}),
            ("measure", {"measure": {"value": "up"}}),
            ("promql", {"query": "up"}),
            ("redis", {"address": "127.0.0.1:1"}),
            ("postgres", {"url": "postgresql://u@127.0.0.1:1/d"}),
            ("docker", {"container": "x"}),
            ("kubernetes", {"deployment": "x"}),
            ("command", {"run": ["true"]}),
            ("disk", {"path": "/"}),
            ("memory", {}),
        ):
            spec = KINDS[kind].spec.model_validate({"id": "x", "kind": kind, **keys})
            KINDS[kind].open(spec, world)


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
