"""Who calls a heartbeat: tokens, hostile bytes, silent callers, and where it listens."""

from __future__ import annotations

import asyncio
import socket
import threading

import httpx
import pytest
from pydantic import ValidationError

from artisan_tui.config.heartbeat import HeartbeatSettings
from artisan_tui.sources.checks.heartbeat import HeartbeatSpec
from artisan_tui.sources.heartbeat_listener import MOST_CALLERS, who_listens
from support.heartbeats import _JSON, Heard, listening
from support.servers import free_port, http_answer, saying, talking

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "said"),
    [
        ("POST", "/heartbeat/jobs.gone", {}, b"", 404, "no heartbeat check 'jobs.gone'"),
        ("POST", "/heartbeat/%1b%5b2J", {}, b"", 404, "no heartbeat check"),
        ("POST", "/heartbeat/", {}, b"", 404, "POST /heartbeat/<service.check>"),
        ("POST", "/x/heartbeat/jobs.backup", {}, b"", 404, "POST /heartbeat"),
        ("GET", "/heartbeat/jobs.backup", {}, b"", 405, "with POST"),
        ("DELETE", "/heartbeat/jobs.backup", {}, b"", 405, "with POST"),
        ("POST", "/heartbeat/jobs.backup?status=dancing", {}, b"", 400, "status is ok or fail"),
        ("POST", "/heartbeat/jobs.backup", {"content-type": _JSON}, b"[1]", 400, "no JSON object"),
        ("POST", "/heartbeat/jobs.backup", {"content-type": _JSON}, b"[" * 4000, 400, "no JSON object"),
        ("POST", "/heartbeat/jobs.backup?" + "a=1&" * 50, {}, b"", 400, "parameters"),
        ("POST", "/heartbeat/jobs.backup", {}, b"x" * 4097, 413, "4096 bytes"),
        ("POST", "/heartbeat/jobs.backup", {}, b"x" * 200_000, 413, "4096 bytes"),
        ("POST", "/heartbeat/jobs.backup", {"origin": "https://evil.example"}, b"", 403, "web pages"),
    ],
)
async def test_calls_that_are_refused(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int, said: str
) -> None:
    heard = Heard()
    async with listening(heard) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.request(method, url + path, headers=headers, content=body)
    assert answer.status_code == status
    assert said in answer.text
    assert "\x1b" not in answer.text
    assert heard.calls == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer s3cret", 200),
        ("bearer  s3cret", 200),
        ("Bearer s3cre", 401),
        ("Bearer s3cret2", 401),
        ("Bearer \xe9", 401),
        ("Basic s3cret", 401),
        ("", 401),
    ],
)
async def test_the_token(header: str, status: int) -> None:
    heard = Heard()
    async with listening(heard, "s3cret") as url, httpx.AsyncClient(trust_env=False) as client:
        headers = {"authorization": header.encode("latin-1")} if header else {}
        answer = await client.post(f"{url}/heartbeat/jobs.backup", headers=headers)
    assert answer.status_code == status
    assert len(heard.calls) == (status == 200)
    assert "s3cret" not in answer.text


async def _raw(url: str, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(data)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\n\r\n", b"400"),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", b"431"),
        (
            b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"800\r\n"
            + b"x" * 0x800
            + b"\r\n"
            + b"900\r\n"
            + b"x" * 0x900
            + b"\r\n0\r\n\r\n",
            b"413",
        ),
        (b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", b"400"),
        (b"", b""),
    ],
)
async def test_hostile_bytes_are_answered_or_dropped(data: bytes, status: bytes) -> None:
    heard = Heard()
    async with listening(heard) as url:
        answer = await _raw(url, data)
        assert answer[9:12] == status
        assert heard.calls == []
        # And it goes on listening.
        assert b"recorded" in await _raw(url, b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_silent_callers_use_no_threads_and_do_not_stay() -> None:
    heard = Heard()
    threads = threading.active_count()
    async with listening(heard) as url:
        port = int(url.rpartition(":")[2])
        talks = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_CALLERS + 20)]
        assert threading.active_count() == threads
        ended = [await asyncio.wait_for(reader.read(), 10) for reader, _ in talks]
        assert set(ended) == {b""}
        for _, writer in talks:
            writer.close()
        assert b"recorded" in await _raw(url, b"POST /heartbeat/jobs.backup HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_who_listens() -> None:
    port = free_port()
    assert await who_listens("127.0.0.1", port) == "nobody"
    async with listening(Heard()) as url:
        assert await who_listens("127.0.0.1", int(url.rpartition(":")[2])) == "artisan-tui"
    async with talking(saying(http_answer("{}"))) as other:
        assert await who_listens("127.0.0.1", other) == "another program"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await who_listens("127.0.0.1", silent.getsockname()[1]) == "another program"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"push": True}, "Field required"),
        ({"within": "10m"}, "one of file and push"),
        ({"within": "10m", "push": True, "file": "/x"}, "one of file and push"),
        ({"within": "10m", "push": False}, "one of file and push"),
        ({"within": 600, "push": True}, "in quotes"),
        ({"within": "0s", "push": True}, "too short"),
    ],
)
def test_mistakes(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HeartbeatSpec.model_validate({"id": "x", "kind": "heartbeat", **keys})
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"listen": "9095"}, "no address to listen on"),
        ({"listen": "example.com:9095"}, "no address to listen on"),
        ({"listen": "127.0.0.1:0"}, "no address to listen on"),
        ({"listen": "127.0.0.1:70000"}, "no address to listen on"),
        ({"listen": "999.0.0.1:80"}, "no address to listen on"),
        ({"listen": "0.0.0.0:9095"}, "add token"),
        ({"listen": "[::]:9095"}, "add token"),
        ({"token": "abc"}, "literal secret"),
    ],
)
def test_mistakes_about_listening(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HeartbeatSettings.model_validate(keys)
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


def test_where_it_listens() -> None:
    assert HeartbeatSettings().place == ("127.0.0.1", 9095)
    assert HeartbeatSettings.model_validate({"listen": "[::1]:80"}).place == ("::1", 80)
    assert HeartbeatSettings.model_validate({"listen": "localhost:80"}).place == ("127.0.0.1", 80)
    assert HeartbeatSettings.model_validate({"listen": "0.0.0.0:80", "token": "env:T"}).place == ("0.0.0.0", 80)


def test_the_limit_of_the_value_is_the_patience() -> None:
    spec = HeartbeatSpec.model_validate({"id": "x", "push": True, "within": "10m"})
    assert (spec.limit, spec.value_unit, spec.fall, spec.rise) == ("600", "s", 1, 1)
