"""Certificates and credentials that change under an open probe, and client certificates."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.measure import Promql
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.prometheus import PrometheusBackend
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from support.authority import Authority
from support.kube_api import kube_api
from support.kube_probing import watching
from support.postgres_server import USER, postgres_server
from support.probing import probing_open
from support.servers import Talk, answers_ping, free_port, http_answer, require, running, saying, talking

_PROM = '{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}'


def _linked(link: Path, to: Path) -> None:
    """As Kubernetes renews a mounted secret: a link is replaced."""
    fresh = link.with_name(f"{link.name}.new")
    fresh.symlink_to(to)
    os.replace(fresh, link)


def _same_time(target: Path, source: Path) -> None:
    """A copy that keeps the time of the file it replaces."""
    about = target.stat()
    shutil.copyfile(source, target)
    os.utime(target, ns=(about.st_atime_ns, about.st_mtime_ns))


@pytest.mark.parametrize("renew", [shutil.copyfile, _linked, _same_time], ids=["written", "linked", "same time"])
@pytest.mark.parametrize("kind", ["http", "tcp"])
async def test_a6_a_rotated_ca(kind: str, renew: Callable[[Path, Path], object], tmp_path: Path) -> None:
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new")
    ca = tmp_path / "ca.pem"
    shutil.copyfile(old.cert, ca)
    if renew is _linked:
        _linked(ca, old.cert)
    answer = saying(http_answer("{}"))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (answer(reader, writer) if kind == "http" else reader.read())

    async with talking(talk, old.server()) as before, talking(talk, new.server()) as after:
        where = (lambda p: {"url": f"https://127.0.0.1:{p}/"}) if kind == "http" else _tcp
        async with (
            probing_open(kind, ca_file=str(ca), **where(before)) as ask,
            probing_open(kind, ca_file=str(ca), **where(after)) as ask_new,
        ):
            assert await ask() is None
            failed = await ask_new()
            assert failed is not None
            assert failed.reason is Reason.TLS
            if renew is _linked:
                _linked(ca, new.cert)
            else:
                renew(new.cert, ca) if renew is shutil.copyfile else renew(ca, new.cert)
            assert await ask_new() is None
            failed = await ask()
            assert failed is not None
            assert failed.reason is Reason.TLS


def _tcp(port: int) -> dict[str, object]:
    return {"address": f"127.0.0.1:{port}", "tls": True}


async def test_a6_a_ca_file_that_is_missing_for_a_while(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    ca = tmp_path / "mounted.pem"
    async with (
        talking(saying(http_answer("{}")), authority.server()) as port,
        probing_open("http", url=f"https://127.0.0.1:{port}/", ca_file=str(ca)) as ask,
    ):
        for _ in range(2):
            failed = await ask()
            assert failed is not None
            assert failed.blind
            assert "mounted.pem" in failed.detail
            shutil.copyfile(authority.cert, ca)
            assert await ask() is None
            ca.unlink()


def _whose(names: list[str]) -> Talk:
    answer = saying(http_answer("{}"))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subject = writer.get_extra_info("ssl_object").getpeercert()["subject"]
        names.append(dict(pair[0] for pair in subject)["commonName"])
        await answer(reader, writer)

    return talk


async def test_a13_http_shows_its_certificate_and_a6_the_renewed_one(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.issue("first")
    names: list[str] = []
    async with talking(_whose(names), authority.server(clients=authority)) as port:
        keys = {"url": f"https://127.0.0.1:{port}/", "ca_file": str(authority.cert)}
        async with probing_open("http", cert_file=str(cert), key_file=str(key), **keys) as ask:
            assert await ask() is None
            assert await ask() is None  # on a kept connection, or a new one
            for renewed, ours in zip(authority.issue("second"), (cert, key), strict=True):
                shutil.copyfile(renewed, ours)
            assert await ask() is None
    assert set(names) == {"first", "second"}
    assert names[-1] == "second"


async def test_a13_prometheus_and_a6_its_renewed_files(tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    ca, (cert, key) = tmp_path / "trusted.pem", authority.issue("first")
    shutil.copyfile(other.cert, ca)
    names: list[str] = []
    talk = _whose(names)

    async def prometheus(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subject = writer.get_extra_info("ssl_object").getpeercert()["subject"]
        names.append(dict(pair[0] for pair in subject)["commonName"])
        await saying(http_answer(_PROM))(reader, writer)

    files = {"ca_file": str(ca), "cert_file": str(cert), "key_file": str(key)}
    async with (
        talking(prometheus, authority.server(clients=authority)) as port,
        talking(talk, authority.server(clients=authority)) as page,
    ):
        backend = PrometheusBackend(Metrics(prometheus=f"https://127.0.0.1:{port}", **files), {})
        scraper = ScrapeBackend(Metrics(scrape=(f"https://127.0.0.1:{page}/metrics",), **files))
        with pytest.raises(Blind, match="certificate"):
            await backend.read(Promql("1"))
        await scraper.refresh()
        assert scraper._endpoints[0].failure is not None
        shutil.copyfile(authority.cert, ca)
        assert (await backend.read(Promql("1"))).value == 1
        await scraper.refresh()
        for renewed, ours in zip(authority.issue("second"), (cert, key), strict=True):
            shutil.copyfile(renewed, ours)
        for _ in range(4):  # every thread has a client of its own
            assert (await backend.read(Promql("1"))).value == 1
        await scraper.refresh()
        await backend.aclose()
        await scraper.aclose()
    assert names == ["first", "first", *["second"] * 5]


async def test_a13_redis_and_a6_its_rotated_ca(tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    server_cert, server_key = authority.issue()
    ca, (cert, key) = tmp_path / "trusted.pem", authority.issue("client")
    shutil.copyfile(other.cert, ca)
    plain, port = free_port(), free_port()
    command = [require("redis-server"), "--port", str(plain), "--tls-port", str(port), "--save", "", "--dir", tmp_path]
    tls = ["--tls-cert-file", server_cert, "--tls-key-file", server_key, "--tls-ca-cert-file", authority.cert]
    argv = [str(each) for each in (*command, *tls)]
    with running(argv, "", lambda: answers_ping(plain), tmp_path / "redis.log"):
        keys = {"url": f"rediss://127.0.0.1:{port}", "ca_file": str(ca)}
        async with probing_open("redis", cert_file=str(cert), key_file=str(key), **keys) as ask:
            failed = await ask()
            assert failed is not None
            assert failed.reason is Reason.TLS
            shutil.copyfile(authority.cert, ca)
            assert await ask() is None
        async with probing_open("redis", **keys) as ask:
            failed = await ask()
            assert failed is not None
            assert failed.reason in {Reason.TLS, Reason.RESET}


async def test_a13_postgres_and_a6_its_renewed_files(tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    ca, (cert, key) = tmp_path / "trusted.pem", other.issue(USER, "-client")
    shutil.copyfile(other.cert, ca)
    with postgres_server(start=False) as server:
        owner = (server.data / "PG_VERSION").stat()
        for path, name in zip(
            (*authority.issue(), authority.cert), ("server.crt", "server.key", "ca.crt"), strict=True
        ):
            target = server.data / name
            target.write_bytes(path.read_bytes())
            target.chmod(0o600)
            os.chown(target, owner.st_uid, owner.st_gid)
        (server.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 cert\n")
        server.start(ssl="on", ssl_ca_file="ca.crt")
        keys = {"url": server.url(), "ca_file": str(ca), "timeout": "5s"}
        async with probing_open("postgres", cert_file=str(cert), key_file=str(key), **keys) as ask:
            failed = await ask()
            assert failed is not None
            assert failed.reason is Reason.TLS
            shutil.copyfile(authority.cert, ca)
            failed = await ask()
            assert failed is not None, "its certificate is not the server's authority's"
            for renewed, ours in zip(authority.issue(USER), (cert, key), strict=True):
                shutil.copyfile(renewed, ours)
            assert await ask() is None
        async with probing_open("postgres", **keys) as ask:
            assert await ask() is not None


async def test_a6_a_token_and_an_authority_that_a_kubeconfig_refers_to(tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    token, ca = tmp_path / "token", tmp_path / "ca-of-cluster.pem"
    shutil.copyfile(authority.cert, ca)
    with kube_api(tls=authority.issue()) as api:
        api.cluster.add("deployments", "api")
        api.ca = ca
        token.write_text(api.token)
        path = api.kubeconfig(tmp_path / "config", user={"tokenFile": "token"})
        async with watching(str(path), timeout="20s") as once:
            assert (await once())[1].verdict is State.UP
            token.write_text("no longer")
            assert (await once())[1].reason is Reason.AUTH
            token.write_text(api.token)
            assert (await once())[1].verdict is State.UP
            shutil.copyfile(other.cert, ca)
            assert (await once())[1].reason is Reason.TLS
            shutil.copyfile(authority.cert, ca)
            assert (await once())[1].verdict is State.UP


async def test_a6_a_token_of_http_and_a_password_of_redis_in_files(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first\n")
    token.chmod(0o600)
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(http_answer(_PROM))

    async with talking(talk) as port:
        prometheus = PrometheusBackend(
            Metrics.model_validate({"prometheus": f"http://127.0.0.1:{port}", "bearer_token": f"file:{token}"}), {}
        )
        async with probing_open("http", url=f"http://127.0.0.1:{port}/", bearer_token=f"file:{token}") as ask:
            for word in ("first", "second"):
                token.write_text(word)
                assert await ask() is None
                await prometheus.read(Promql("1"))
                assert all(f"Bearer {word}".encode() in each for each in heard[-2:])
        await prometheus.aclose()
