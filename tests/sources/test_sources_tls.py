"""TLS against real servers with certificates of the openssl program."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.sighting import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.trust import days_left
from support.looking import look, reason
from support.servers import certificate, http_answer, saying, server_tls, talking

Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificate(tmp_path_factory.mktemp("good"), days=10)


@pytest.fixture(scope="module")
def expired(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificate(tmp_path_factory.mktemp("expired"), expired=True)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificate(tmp_path_factory.mktemp("elsewhere"), host="elsewhere.example")


async def test_a_trusted_certificate_and_its_days(good: Pair) -> None:
    async with talking(saying(http_answer("{}")), server_tls(*good)) as port:
        url = f"https://127.0.0.1:{port}/"
        seen, outcome = await look("http", url=url, ca_file=str(good[0]), expect=["tls.days > 9", "tls.days < 10.1"])
        assert outcome.verdict is State.UP
        assert isinstance(seen.answers["tls"], dict)
        _, outcome = await look("http", url=url, ca_file=str(good[0]), expect=["status == 200", "tls.days > 14"])
        assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.TLS)


@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_what_is_wrong_with_a_certificate_is_said_in_words(
    kind: str, good: Pair, expired: Pair, elsewhere: Pair
) -> None:
    for pair, ca, word in (
        (good, None, "self-signed"),
        (expired, expired[0], "expired"),
        (elsewhere, elsewhere[0], "for another"),
        (good, elsewhere[0], "self-signed"),
    ):
        async with talking(saying(http_answer("{}")), server_tls(*pair)) as port:
            address = f"127.0.0.1:{port}"
            keys: dict[str, Any] = (
                {"url": f"https://{address}/"} if kind == "http" else {"address": address, "tls": True}
            )
            _, outcome = await look(kind, **keys, ca_file=None if ca is None else str(ca))
        assert outcome.reason is Reason.TLS
        assert word in outcome.detail, outcome.detail


async def test_unverified_still_knows_the_days(expired: Pair) -> None:
    async with talking(saying(http_answer("{}")), server_tls(*expired)) as port:
        url = f"https://127.0.0.1:{port}/"
        _, outcome = await look("http", url=url, verify=False, expect=["status == 200"])
        assert outcome.verdict is State.UP
        _, outcome = await look("http", url=url, verify=False, expect=["tls.days > 0"])
        assert outcome.reason is Reason.TLS
        _, outcome = await look("tcp", address=f"127.0.0.1:{port}", tls=True, verify=False, expect=["tls.days > 0"])
        assert outcome.reason is Reason.TLS


async def test_no_tls_on_the_other_side() -> None:
    async with talking(saying(http_answer("{}"))) as port:
        _, outcome = await look("http", url=f"https://127.0.0.1:{port}/", timeout="1s")
    assert outcome.reason in {Reason.TLS, Reason.TIMEOUT}

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read()

    async with talking(plain) as port:
        _, outcome = await look("http", url=f"https://127.0.0.1:{port}/")
    assert outcome.reason is Reason.TLS
    assert "does not speak TLS" in outcome.detail


async def test_a_handshake_that_never_ends_is_a_timeout_and_says_so() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with talking(mute) as port:
        _, outcome = await look("http", url=f"https://127.0.0.1:{port}/", timeout="300ms")
        assert outcome.reason is Reason.TIMEOUT
        assert "TLS handshake" in outcome.detail


async def test_a_handshake_cut_off() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)

    async with talking(cut) as port:
        assert reason(await look("http", url=f"https://127.0.0.1:{port}/")) in {Reason.TLS, Reason.RESET}
        assert reason(await look("tcp", address=f"127.0.0.1:{port}", tls=True)) in {Reason.TLS, Reason.RESET}


async def test_a_ca_file_that_is_not_there_is_our_fault(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")
    for path in (tmp_path / "none.pem", broken):
        _, outcome = await look("http", url="https://127.0.0.1:1/", ca_file=str(path))
        assert outcome.verdict is State.UNKNOWN, outcome


def test_days_left_of_anything() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for der in (None, b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"0" * 100, bytes(range(256))):
        assert days_left(der, now) is None


def test_days_left(expired: Pair) -> None:
    import ssl

    der = ssl.PEM_cert_to_DER_cert(expired[0].read_text())
    assert days_left(der, datetime(2020, 1, 31, 12, tzinfo=UTC)) == Decimal("0.50")
