"""Client certificates that are missing, not wanted or cannot be used, and mistakes about them in the file."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.reason import Reason
from artisan_tui.sources.checks import KINDS
from support.authority import Authority
from support.flooding import flooding
from support.probing import probing_open
from support.servers import http_answer, require


async def test_a13_a_certificate_that_is_missing_or_not_wanted(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    cert, key = ours.issue("client")
    # In a thread, because asyncio's server closes without the alert that every other server sends.
    with flooding(http_answer("{}"), b"", theirs.server(clients=theirs)) as port:
        keys = {"url": f"https://127.0.0.1:{port}/", "ca_file": str(theirs.cert)}
        async with probing_open("http", **keys) as ask:
            failed = await ask()
            assert failed is not None
            assert failed.reason is Reason.TLS
            assert "set cert_file and key_file" in failed.detail
        async with probing_open("http", cert_file=str(cert), key_file=str(key), **keys) as ask:
            failed = await ask()
            assert failed is not None
            assert failed.reason is Reason.TLS
            assert "rejects the client certificate: unknown ca" in failed.detail


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda cert, key: cert.unlink(), "cert_file"),
        (lambda cert, key: key.unlink(), "key_file"),
        (lambda cert, key: cert.write_text("nothing"), "contains no certificate"),
        (lambda cert, key: key.write_text("nothing"), "contains no key"),
        (lambda cert, key: shutil.copyfile(cert.with_name("ca.key"), key), "is not the key of"),
        (lambda cert, key: cert.write_text("-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"), "cannot be"),
        (lambda cert, key: _encrypt(key), "passphrase"),
    ],
)  # fmt: skip
async def test_a13_files_that_cannot_be_used(spoil: Callable[[Path, Path], object], said: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.issue("client")
    spoil(cert, key)
    keys = {"cert_file": str(cert), "key_file": str(key), "timeout": "2s"}
    for kind, where in (
        ("http", {"url": "https://127.0.0.1:1/"}),
        ("tcp", {"address": "127.0.0.1:1", "tls": True}),
        ("redis", {"url": "rediss://127.0.0.1:1"}),
        ("postgres", {"url": "postgresql://u@127.0.0.1:1/db"}),
    ):
        async with probing_open(kind, **where, **keys) as ask:
            failed = await ask()
        assert failed is not None, kind
        assert failed.blind
        assert said in failed.detail


def _encrypt(key: Path) -> None:
    command = [require("openssl"), "pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", f"{key}.enc"]
    subprocess.run(command, check=True, capture_output=True)
    os.replace(f"{key}.enc", key)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("http", {"url": "http://h/", "cert_file": "c", "key_file": "k"}),
        ("http", {"url": "https://h/", "cert_file": "c"}),
        ("http", {"url": "https://h/", "key_file": "k"}),
        ("tcp", {"address": "h:1", "cert_file": "c", "key_file": "k"}),
        ("redis", {"address": "h:1", "cert_file": "c", "key_file": "k"}),
        ("redis", {"url": "rediss://h:1", "key_file": "k"}),
        ("postgres", {"url": "postgresql://u@h/d?sslmode=disable", "cert_file": "c", "key_file": "k"}),
        ("postgres", {"address": "/run/postgresql", "user": "u", "cert_file": "c", "key_file": "k"}),
        ("postgres", {"url": "postgresql://u@h/d", "cert_file": "c"}),
    ],
)
def test_a13_mistakes_in_the_file(kind: str, keys: dict[str, object]) -> None:
    with pytest.raises((Mistake, ValueError), match="cert"):
        KINDS[kind].spec.model_validate({"id": "x", "kind": kind, **keys})


def test_a13_mistakes_in_metrics() -> None:
    for keys in ({"cert_file": "c"}, {"key_file": "k"}, {"cert_file": "c", "key_file": "k"}):
        with pytest.raises((Mistake, ValueError), match="cert"):
            Metrics.model_validate({"prometheus": "http://h", **keys})
    assert Metrics.model_validate({"scrape": ["https://h/m"], "cert_file": "/c", "key_file": "/k"}).key_file == "/k"
