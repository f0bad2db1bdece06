"""TLS against real servers with certificates of the openssl program."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.certificate import Certificate, Expiry, peer_certificates, read_der
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.sources.trust import days_left
from support.probing import reason, run_probe
from support.servers import certificate, http_answer, require, saying, server_tls, talking

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
        keys: dict[str, Any] = {"url": url, "ca_file": str(good[0])}
        seen, outcome = await run_probe("http", **keys, expect=["tls.days > 9", "tls.days < 10.1"], certificate="5d")
        assert outcome.verdict is State.UP
        assert isinstance(seen.answers["tls"], dict)
        _, outcome = await run_probe("http", url=url, ca_file=str(good[0]), expect=["status == 200", "tls.days > 14"])
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
            _, outcome = await run_probe(kind, **keys, ca_file=None if ca is None else str(ca))
        assert outcome.reason is Reason.TLS
        assert word in outcome.detail, outcome.detail


async def test_unverified_still_knows_the_days(expired: Pair) -> None:
    async with talking(saying(http_answer("{}")), server_tls(*expired)) as port:
        url = f"https://127.0.0.1:{port}/"
        _, outcome = await run_probe("http", url=url, verify=False)
        assert outcome.verdict is State.DEGRADED
        assert outcome.detail.startswith("the certificate expired ")
        assert outcome.detail.endswith(" days ago (2020-02-01)")
        # Who knows and lives with it says so.
        _, outcome = await run_probe("http", url=url, verify=False, degraded=["tls.days > -99999"])
        assert outcome.verdict is State.UP
        _, outcome = await run_probe("http", url=url, verify=False, expect=["tls.days > 0"])
        assert outcome.reason is Reason.TLS
        _, outcome = await run_probe(
            "tcp", address=f"127.0.0.1:{port}", tls=True, verify=False, expect=["tls.days > 0"]
        )
        assert outcome.reason is Reason.TLS


async def test_no_tls_on_the_other_side() -> None:
    async with talking(saying(http_answer("{}"))) as port:
        _, outcome = await run_probe("http", url=f"https://127.0.0.1:{port}/", timeout="1s")
    assert outcome.reason in {Reason.TLS, Reason.TIMEOUT}

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read()

    async with talking(plain) as port:
        _, outcome = await run_probe("http", url=f"https://127.0.0.1:{port}/")
    assert outcome.reason is Reason.TLS
    assert "the server does not use TLS" in outcome.detail


async def test_a_handshake_that_never_ends_is_a_timeout_and_says_so() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with talking(mute) as port:
        _, outcome = await run_probe("http", url=f"https://127.0.0.1:{port}/", timeout="300ms")
        assert outcome.reason is Reason.TIMEOUT
        assert "TLS handshake" in outcome.detail


async def test_a_handshake_cut_off() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)

    async with talking(cut) as port:
        assert reason(await run_probe("http", url=f"https://127.0.0.1:{port}/")) in {Reason.TLS, Reason.RESET}
        assert reason(await run_probe("tcp", address=f"127.0.0.1:{port}", tls=True)) in {Reason.TLS, Reason.RESET}


async def test_a_ca_file_that_is_not_there_is_our_fault(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")
    for path in (tmp_path / "none.pem", broken):
        _, outcome = await run_probe("http", url="https://127.0.0.1:1/", ca_file=str(path))
        assert outcome.verdict is State.UNKNOWN, outcome


def test_days_left_of_anything() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for der in (None, b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"0" * 100, bytes(range(256))):
        assert days_left(der, now) is None


def test_days_left(expired: Pair) -> None:
    der = ssl.PEM_cert_to_DER_cert(expired[0].read_text())
    assert days_left(der, datetime(2020, 1, 31, 12, tzinfo=UTC)) == Decimal("0.50")


# -- the end of a certificate, watched without anybody asking ---------------------------


def _last_day(pair: Pair) -> date:
    read = read_der(ssl.PEM_cert_to_DER_cert(pair[0].read_text()))
    assert read is not None
    return read.ends.date()


def _address(kind: str, port: int) -> dict[str, Any]:
    return {"url": f"https://127.0.0.1:{port}/"} if kind == "http" else {"address": f"127.0.0.1:{port}", "tls": True}


@pytest.mark.parametrize("kind", ["http", "tcp"])
@pytest.mark.parametrize(
    ("keys", "verdict"),
    [
        ({}, State.DEGRADED),
        ({"certificate": "9d"}, State.UP),
        ({"certificate": "11d"}, State.DEGRADED),
        ({"degraded": ["tls.days > 5"]}, State.UP),
        ({"degraded": ["tls.days > 11"]}, State.DEGRADED),
        ({"degraded": ["tls.days > 5"], "certificate": "11d"}, State.DEGRADED),
        ({"expect": ["tls.days > 5"]}, State.DEGRADED),
        ({"expect": ["tls.days > 11"]}, State.DOWN),
    ],
)
async def test_a_certificate_that_ends_soon_is_a_worry(
    kind: str, keys: dict[str, Any], verdict: State, good: Pair
) -> None:
    async with talking(saying(http_answer("{}")), server_tls(*good)) as port:
        seen, outcome = await run_probe(kind, **_address(kind, port), ca_file=str(good[0]), **keys)
    assert outcome.verdict is verdict
    day = _last_day(good)
    if verdict is State.DEGRADED and keys.get("degraded") != ["tls.days > 11"]:
        assert outcome.detail == f"the certificate expires in 9 days ({day})"
    assert seen.remarks == (f"certificate for localhost until {day}",)


async def test_a_certificate_that_lives_long_is_not_mentioned(elsewhere: Pair, tmp_path: Path) -> None:
    lasting = certificate(tmp_path, days=40)
    async with talking(saying(http_answer("{}")), server_tls(*lasting)) as port:
        seen, outcome = await run_probe("http", url=f"https://127.0.0.1:{port}/", ca_file=str(lasting[0]))
    assert (outcome.verdict, seen.notes, seen.remarks) == (State.UP, (), ())


@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_a_probe_that_fails_does_not_forget_the_certificate(kind: str, good: Pair) -> None:
    probe_context = ProbeContext.open(None, {})
    async with talking(saying(http_answer("{}")), server_tls(*good)) as port:
        keys = {"id": "x", "kind": kind, "ca_file": str(good[0]), **_address(kind, port)}
        probe = KINDS[kind].open(KINDS[kind].spec.model_validate(keys), probe_context)
        assert (await probe.probe()).failure is None
    failed = await probe.probe()
    await probe_context.aclose()
    assert failed.failure is not None
    day = _last_day(good)
    assert failed.remarks == (f"the last seen certificate ends in 9 days ({day})",)
    assert "tls" not in failed.answers


@pytest.mark.parametrize("keys", [{"kind": "http", "url": "http://a/"}, {"kind": "tcp", "address": "a:1"}])
def test_without_tls_there_is_nothing_to_watch(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="no certificate without TLS"):
        KINDS[keys["kind"]].spec.model_validate({"id": "x", **keys, "certificate": "14d"})


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "note"),
    [
        (timedelta(days=14, seconds=1), ()),
        (timedelta(days=14), ("the certificate expires in 14 days (2026-12-05)",)),
        (timedelta(days=9, hours=23), ("the certificate expires in 9 days (2026-12-01)",)),
        (timedelta(days=1, hours=23), ("the certificate expires in 1 day (2026-11-23)",)),
        (timedelta(hours=23), ("the certificate expires in 23 hours (2026-11-22)",)),
        (timedelta(seconds=59), ("the certificate expires in less than a minute (2026-11-21)",)),
        (timedelta(0), ("the certificate expired less than a minute ago (2026-11-21)",)),
        (timedelta(days=-3), ("the certificate expired 3 days ago (2026-11-18)",)),
    ],
)
def test_how_long_is_left_in_words(left: timedelta, note: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artisan_tui.sources.certificate.read_der", lambda der: Certificate("api.example", NOW + left))
    expiry = Expiry(14 * 86400)
    assert (expiry.notes(NOW), expiry.remarks(NOW), expiry.last_seen(NOW), expiry.days(NOW)) == ((), (), (), None)
    expiry.update((b"x",))
    assert expiry.notes(NOW) == note
    assert expiry.days(NOW) == (Decimal(left.total_seconds()) / 86400).quantize(Decimal("0.01"))


def test_the_first_to_end_of_all_that_were_presented_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        b"own": Certificate("api.example", NOW + timedelta(days=60)),
        b"between": Certificate("R3", NOW + timedelta(days=2, hours=1)),
        b"root": Certificate("Root", NOW + timedelta(days=900)),
    }
    monkeypatch.setattr("artisan_tui.sources.certificate.read_der", known.get)
    expiry = Expiry(14 * 86400)
    expiry.update((b"own", b"between", b"unreadable", b"root"))
    assert expiry.notes(NOW) == ("the issuer's certificate (R3) expires in 2 days (2026-11-23)",)
    expiry.update(())  # a probe that saw none
    assert expiry.days(NOW) == Decimal("2.04")
    expiry.update((b"own", b"root"))  # renewed
    assert (expiry.notes(NOW), expiry.days(NOW)) == ((), Decimal("60.00"))


@pytest.mark.parametrize("verify", [True, False])
def test_all_that_was_believed_is_presented_where_python_tells(verify: bool) -> None:
    class Told:
        """As from Python 3.13 on."""

        context = ssl.create_default_context()

        def get_verified_chain(self) -> list[bytes]:
            return [b"own", b"root"]

        def get_unverified_chain(self) -> list[bytes]:
            return [b"own", b"stray"]

    if not verify:
        Told.context.check_hostname = False
        Told.context.verify_mode = ssl.CERT_NONE
    assert peer_certificates(Told()) == ((b"own", b"root") if verify else (b"own", b"stray"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("/CN=api.example", "api.example"),
        ("/O=Artisan/CN=first/CN=second", "second"),
        ("/O=Artisan", ""),
        ("/CN=정상", "정상"),
        ("/CN=\x1b[31mred", "red"),
    ],
)
def test_whose_a_certificate_is(subject: str, name: str, tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    command = [require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-utf8", "-subj", subject]
    subprocess.run([*command, "-keyout", tmp_path / "key", "-out", cert], check=True, capture_output=True)
    read = read_der(ssl.PEM_cert_to_DER_cert(cert.read_text()))
    assert read is not None
    assert read.name == name
    for end in range(0, 400, 7):  # cut anywhere, it is nothing, or a name less
        read_der(ssl.PEM_cert_to_DER_cert(cert.read_text())[:end])
