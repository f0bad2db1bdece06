"""PostgreSQL and Kubernetes that send without end: the probe ends in time, and its neighbours keep theirs."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path

import kubernetes.client  # noqa: F401 - takes seconds to load on a busy machine, which a probe's time limit would count
import psycopg  # noqa: F401 - likewise
import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.flooding import beside, flooding
from support.probing import run_probe


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


_LOGIN = _message(b"R", struct.pack("!i", 0))
_READY = _LOGIN + _message(b"Z", b"I")
_NOTICE = _message(b"N", b"SNOTICE\0C00000\0Mstill there\0\0")
_COLUMN = _message(b"T", struct.pack("!h", 1) + b"a\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0))
_ROW = _message(b"D", struct.pack("!hi", 1, 5) + b"hello")
_BEGUN = (_message(b"1", b"") + _message(b"2", b"") + _message(b"n", b"") + _message(b"C", b"BEGIN\0")) * 2
_FLOODS = {
    "junk": (b"", b"x" * 65_536),
    "zeros": (b"", b"\0" * 65_536),
    "a message of 2 GB": (b"R\x7f\xff\xff\xff", b"x" * 65_536),
    "an error without end": (b"E\x7f\xff\xff\xff", b"Mno\0" * 16_000),
    "parameters before the login is over": (_LOGIN, _message(b"S", b"a\0b\0") * 5000),
    "notices before the login is over": (_LOGIN, _NOTICE * 2000),
    "notices instead of an answer": (_READY, _NOTICE * 2000),
    "rows": (_READY + _BEGUN + _message(b"1", b"") + _message(b"2", b"") + _COLUMN, _ROW * 4000),
    "a row without end": (
        _READY + _BEGUN + _message(b"1", b"") + _message(b"2", b"") + _COLUMN + b"D\x7f\xff\xff\xff",
        b"y" * 65_536,
    ),
}


@pytest.mark.parametrize("query", ["", "SELECT a FROM b"], ids=["login", "query"])
@pytest.mark.parametrize("name", _FLOODS)
async def test_a1_postgres(name: str, query: str) -> None:
    with flooding(*_FLOODS[name]) as port:
        url = f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable"
        keys = {"query": query, "expect": ["rows == 7"]} if query else {}
        _, outcome = await beside(run_probe("postgres", url=url, timeout="1s", **keys))
    assert outcome.verdict in {State.DOWN, State.UNKNOWN}
    assert outcome.reason in {Reason.TOO_LARGE, Reason.TIMEOUT, Reason.PROTOCOL, Reason.QUERY, Reason.RESET}


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_KUBE_FLOODS = {
    "chunks of a byte": (_CHUNKED, b"1\r\n \r\n" * 10_000),
    "one long string": (_OK + b'\r\n{"items": "', b"x" * 65_536),
    "items": (_OK + b'\r\n{"items": [', b'{"metadata": {}},' * 4000),
    "a header without end": (_OK + b"X-A: ", b"a" * 65_536),
    "headers without end": (_OK, b"X-A: b\r\n" * 8000),
    "informational heads": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2000),
    "an error page": (b"HTTP/1.1 500 Oops\r\n\r\n", b"<p>" * 20_000),
    "junk": (b"", b"x" * 65_536),
}


@pytest.mark.parametrize("name", _KUBE_FLOODS)
async def test_a1_kubernetes(name: str, tmp_path: Path) -> None:
    with flooding(*_KUBE_FLOODS[name]) as port:
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "clusters": [{"name": "k", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        }
        file = tmp_path / "config"
        file.write_text(json.dumps(config))
        file.chmod(0o600)
        asked = run_probe(
            "kubernetes", environ=dict(os.environ), deployment="api", kubeconfig=str(file), timeout="1500ms"
        )
        _, outcome = await beside(asked)
    assert outcome.verdict is State.UNKNOWN
    assert outcome.reason in {Reason.TOO_LARGE, Reason.TIMEOUT, Reason.PROTOCOL, Reason.STATUS, Reason.UNREACHABLE}
