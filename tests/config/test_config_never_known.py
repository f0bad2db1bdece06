"""A condition that a check can never answer would stay unknown for ever: it is refused when the file is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.problems import ConfigError
from artisan_tui.engine.settings import read
from artisan_tui.sources.checks import KINDS

_HTTP, _TCP, _GRPC = 'url = "http://h/"', 'address = "h:1"', 'address = "h:1"'
_POSTGRES = 'url = "postgresql://u@h/d"'
_HEAD = '[artisan]\nname = "Shop"\n[metrics]\nprometheus = "http://h:9090"\n[[service]]\nid = "s"\n[[service.check]]\nid = "c"\n'

#: (kind, its keys, the condition, what is said, how to mend it)
REFUSED = [
    ("http", _HTTP, "tls.days > 14", "has no 'tls.days': a URL with http:// has no certificate", "write https://"),
    ("http", 'url = "HTTP://h/"', "tls.days > 14", "has no certificate", "https://"),
    ("http", 'url = "https://h/"\nmethod = "HEAD"', "body.a == 1", "the response to HEAD has no body", '"GET"'),
    ("http", 'url = "https://h/"\nmethod = "HEAD"', "body ~ ok", "the response to HEAD has no body", '"GET"'),
    ("tcp", _TCP, "tls.days > 14", "does not use TLS", "tls = true"),
    ("tcp", f"{_TCP}\ntls = false", "tls.days > 14", "does not use TLS", "tls = true"),
    ("tcp", _TCP, "status == 200", "kind 'tcp' has no 'status'", "use one of body"),
    ("tcp", _TCP, "value > 1", "kind 'tcp' has no 'value'", "use one of body"),
    ("grpc", _GRPC, "tls.days > 14", "does not use TLS", "tls = true"),
    ("grpc", _GRPC, "body.stauts == SERVING", "has no 'stauts'", "did you mean 'status'?"),
    ("redis", 'address = "h:1"', "tls.days > 14", "does not use TLS", "tls = true"),
    ("redis", 'url = "redis://h:1"', "tls.days > 14", "does not use TLS", "tls = true"),
    ("redis", 'address = "h:1"', "header.x == 1", "kind 'redis' has no 'header.x'", "use one of body"),
    ("postgres", _POSTGRES, "value > 1", "without query, nothing is read", "add query"),
    ("postgres", _POSTGRES, "rows == 1", "without query, nothing is read", "add query"),
    ("postgres", _POSTGRES, "body.a == 1", "without query, nothing is read", "add query"),
    ("postgres", _POSTGRES, "tls.days > 1", "kind 'postgres' has no 'tls.days'", "use one of"),
    ("docker", 'container = "x"', "body.running == 1", "has no 'running'", "body.state"),
    ("docker", 'compose_project = "x"\ncompose_service = "y"', "body.state == running", "has no 'state'", "running"),
    ("docker", 'container = "x"', "status == running", "kind 'docker' has no 'status'", "use one of body"),
    ("command", 'run = ["true"]', "exit == failed", "'failed' is not a number, and 'exit' is one", "write a number"),
    ("http", 'url = "http://h"', "status == OK", "'OK' is not a number, and 'status' is one", "write a number"),
    ("kubernetes", 'deployment = "x"', "body.readdy > 1", "has no 'readdy'", "did you mean 'ready'?"),
    ("kubernetes", 'deployment = "x"', "status == 200", "has no 'status'", "use one of body"),
    ("command", 'run = ["true"]', "status == 0", "kind 'command' has no 'status'", "use one of body"),
    ("measure", 'measure = { value = "up" }', "body.a == 1", "kind 'measure' has no 'body.a'", "latency, value"),
    ("promql", 'query = "up"', "rows == 1", "kind 'promql' has no 'rows'", "latency, value"),
    ("disk", 'path = "/"', "body.free < 1", "has no 'free'", "body.free_bytes"),
    ("memory", "", "body.used > 1", "has no 'used'", "body.used_percent"),
    ("dns", 'name = "a.b"', "body.rcodes == NOERROR", "has no 'rcodes'", "did you mean 'rcode'?"),
    ("dns", 'name = "a.b"', "exit == 0", "kind 'dns' has no 'exit'", "use one of body"),
    ("systemd", 'unit = "x.service"', "body.state == active", "has no 'state'", "body.active"),
    ("heartbeat", 'within = "1h"\npush = true', "latency < 1s", "kind 'heartbeat' has no 'latency'", "value"),
    ("heartbeat", 'within = "1h"\nfile = "/f"', "body.message == x", "has no 'message'", "body.age"),
    ("heartbeat", 'within = "1h"\npush = true', "body.path == x", "has no 'path'", "body.age"),
]


def said(folder: Path, kind: str, keys: str, condition: str, key: str) -> str:
    (folder / "artisan.toml").write_text(f'{_HEAD}kind = "{kind}"\n{keys}\n{key} = ["{condition}"]\n')
    try:
        read(folder / "artisan.toml")
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("key", ["expect", "degraded"])
@pytest.mark.parametrize(("kind", "keys", "condition", "what", "mend"), REFUSED)
def test_what_can_never_be_known_is_refused(
    tmp_path: Path, kind: str, keys: str, condition: str, what: str, mend: str, key: str
) -> None:
    found = said(tmp_path, kind, keys, condition, key)
    assert what in found
    assert mend in found
    line = 10 + keys.count("\n") + 1
    assert f"artisan.toml:{line}" in found


@pytest.mark.parametrize(
    ("kind", "keys", "condition"),
    [
        ("http", 'url = "https://h/"', "tls.days > 14"),
        ("http", 'url = "HTTPS://h/"', "tls.days > 14"),
        ("http", _HTTP, "body.nosuch == 1"),
        ("tcp", f"{_TCP}\ntls = true", "tls.days > 14"),
        ("redis", 'url = "rediss://h:1"', "tls.days > 14"),
        ("redis", 'address = "h:1"\ntls = true', "tls.days > 14"),
        ("postgres", f'{_POSTGRES}\nquery = "SELECT 1 AS a"', "body.a == 1"),
        ("docker", 'container = "x"', "body.restarts_lately < 3"),
        (
            "docker",
            'compose_project = "x"\ncompose_service = "y"',
            "body.containers[?state=='exited'] | length(@) == 0",
        ),
        ("dns", 'name = "a.b"', "body.answers[0].value == x"),
        ("dns", 'name = "a.b"', "body.length(records) > 1"),
        ("disk", 'path = "/"', "body.free_bytes > 100"),
        ("systemd", 'unit = "x.service"', "body.active == inactive"),
    ],
)
def test_what_may_be_known_is_accepted(tmp_path: Path, kind: str, keys: str, condition: str) -> None:
    assert said(tmp_path, kind, keys, condition, "expect") == ""


def test_freshness_needs_a_body(tmp_path: Path) -> None:
    keys = 'url = "http://h/"\nmethod = "HEAD"\nfreshness = { path = "at", within = "1m" }'
    assert "it has no time" in said(tmp_path, "http", keys, "status == 200", "expect")


def test_every_kind_says_what_it_can_answer() -> None:
    assert {name for name, kind in KINDS.items() if not kind.spec.ANSWERS} == set()
    assert {kind for kind, *_ in REFUSED} == set(KINDS)
