"""The engine's client of the admin API, against the real process and against what is not one."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from artisan_tui.drill.faults import FAULTS
from artisan_tui.steps.drills import PlatformError, PlatformFault, SimulatedPlatform


def with_platform(url: str, act: Callable[[SimulatedPlatform], Any]) -> Any:
    async def run() -> Any:
        platform = SimulatedPlatform(url)
        try:
            return await act(platform)
        finally:
            await platform.aclose()

    return asyncio.run(run())


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """A server that answers every connection with these bytes."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.request.sendall(raw)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def test_faults_are_seen_broken_and_mended(stack: httpx.Client) -> None:
    async def act(platform: SimulatedPlatform) -> None:
        before = await platform.faults()
        assert [fault.id for fault in before] == [fault.id for fault in FAULTS]
        assert not any(fault.active for fault in before)
        await platform.set_fault("garbage", True)
        await platform.set_fault("redirect", True)
        await platform.set_fault("redirect", False)
        assert [fault.id for fault in await platform.faults() if fault.active] == ["garbage"]
        await platform.mend_all()
        assert await platform.faults() == before

    with_platform(str(stack.base_url), act)


def test_a_fault_carries_its_words(stack: httpx.Client) -> None:
    declared = FAULTS[0]
    assert with_platform(str(stack.base_url), lambda p: p.faults())[0] == PlatformFault(
        declared.id, declared.title, declared.title_ko, declared.description, declared.description_ko, False
    )


def test_it_may_be_used_again_after_it_was_closed(stack: httpx.Client) -> None:
    async def act(platform: SimulatedPlatform) -> int:
        await platform.faults()
        await platform.aclose()
        return len(await platform.faults())

    assert with_platform(str(stack.base_url), act) == len(FAULTS)


@pytest.mark.parametrize("name", ["gremlins", "../mend-all", "a/b", "", "키", "\x1b[2J"])
def test_an_unknown_fault_is_refused_in_a_sentence(stack: httpx.Client, name: str) -> None:
    stack.post("/admin/faults/garbage/break")
    with pytest.raises(PlatformError, match=r"^The simulated platform at http\S+ refused POST .* status 404: .+\.$"):
        with_platform(str(stack.base_url), lambda p: p.set_fault(name, False))
    assert [row["id"] for row in stack.get("/admin/faults").json() if row["active"]] == ["garbage"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::", "nonsense", "ftp://127.0.0.1"])
def test_an_unreachable_platform_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(PlatformError, match=r"cannot be reached: .+\.$"):
        with_platform(url, lambda p: p.faults())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (http("200 OK", b"<html>"), "with JSON"),
        (http("200 OK", b"\xff\xfe\xff"), "with JSON"),
        (http("200 OK", b"{}"), "invalid list of faults"),
        (http("200 OK", b'[{"id": "x"}]'), "invalid list of faults"),
        (http("200 OK", b"[1]"), "invalid list of faults"),
        (http("200 OK", b"7"), "invalid list of faults"),
        (http("302 Found", b""), "status 302"),
        (http("500 No", b'{"error": "\\u001b[2Jno"}'), "status 500: no."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
    ],
)
def test_what_is_not_the_platform_is_never_a_traceback(raw: bytes, said: str) -> None:
    with answering(raw) as url, pytest.raises(PlatformError) as error:
        with_platform(url, lambda p: p.faults())
    assert said in str(error.value)
    assert "\x1b" not in str(error.value)
