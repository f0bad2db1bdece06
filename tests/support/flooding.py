"""Peers that send without end, in threads of their own, so that only the reader's loop is measured."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from artisan_tui.domain.state import State
from support.probing import run_probe
from support.servers import http_answer

#: Seconds for which the loop may be held. A machine with other work needs the room; without yielding it is seconds.
_HELD = 0.5
_HEALTHY = http_answer('{"status": "healthy"}')


@contextmanager
def flooding(head: bytes, block: bytes, tls: ssl.SSLContext | None = None, *, asked: bool = True) -> Iterator[int]:
    """A server that sends ``head``, then ``block`` until the peer leaves; gives its port.

    ``asked``: after the peer has sent something.
    """

    def talk(sock: socket.socket) -> None:
        if tls is not None:
            sock = tls.wrap_socket(sock, server_side=True)
        if asked:
            sock.recv(65_536)
        sock.sendall(head)
        while block:
            sock.sendall(block)

    with _serving(talk) as port:
        yield port


@contextmanager
def healthy() -> Iterator[str]:
    """The URL of a server that answers at once."""

    def talk(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(_HEALTHY)

    with _serving(talk) as port:
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def _serving(talk: object) -> Iterator[int]:
    open_sockets: set[socket.socket] = set()
    threads: list[threading.Thread] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(sock: socket.socket) -> None:
        open_sockets.add(sock)
        with suppress(OSError, ValueError), sock:
            talk(sock)  # type: ignore[operator]
        open_sockets.discard(sock)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                sock.settimeout(20)
                thread = threading.Thread(target=serve, args=(sock,), daemon=True)
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in list(open_sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in (accepting, *threads):
            thread.join(5)


class LoopWatch:
    """The longest time for which the loop gave a task no turn, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(0.005)
            self.longest = max(self.longest, loop.time() - began)


async def beside(coroutine: Any) -> Any:
    """The result of ``coroutine``, while a healthy neighbour is probed on the same loop and must be up each time."""
    with healthy() as url:
        async with LoopWatch() as watch:
            hostile = asyncio.ensure_future(coroutine)
            times = 0
            while not hostile.done() or times < 3:
                _, outcome = await run_probe("http", url=url, expect=["body.status == healthy"], timeout="2s")
                assert outcome.verdict is State.UP, outcome.detail
                times += 1
                await asyncio.sleep(0.02)
            result = await hostile
    assert watch.longest < _HELD, f"the loop was held for {watch.longest:.2f} s"
    return result
