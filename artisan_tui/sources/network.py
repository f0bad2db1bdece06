"""TCP connections on asyncio sockets, with TLS in memory buffers.

Every probe opens a new connection, so the cost of a connection is the cost of a probe. asyncio streams, task groups
and cancel scopes each add iterations of the event loop. This module avoids them.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar

from artisan_tui.config.address import NotAHost, lookup_name, verified_name
from artisan_tui.sources.threads import WorkerThreads
from artisan_tui.sources.waits import note_wait, unnoted

P = ParamSpec("P")
T = TypeVar("T")
#: (family, type, protocol, canonical name, address) as `socket.getaddrinfo` returns it.
AddressInfo = tuple[Any, Any, int, str, Any]
#: Seconds after which the next address of a name is tried in parallel (RFC 8305).
STAGGER = 0.25
#: Names resolved at the same time. A name server that hangs blocks at most this many threads.
LOOKUPS = 256
_CHUNK = 65_536
#: Errors that mean this machine has no such network. Another address may give a more useful error.
_NOT_AVAILABLE = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
#: Seconds for which a task may read without waiting. A peer that sends faster than it is read never makes it wait, and
#: then no other check, and not even the task's own time limit, gets a turn.
LONGEST_TURN = 0.002


class Turn:
    """Gives the other tasks of the loop a turn when this one has not waited for `LONGEST_TURN` seconds."""

    __slots__ = ("_began", "_loop")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def renew(self) -> None:
        """The task has just waited."""
        self._began = self._loop.time()

    async def give_way(self) -> None:
        """Let the other tasks run if it is time."""
        if self._loop.time() - self._began >= LONGEST_TURN:
            await asyncio.sleep(0)
            self._began = self._loop.time()


class Connection:
    """One open connection. One task reads and writes it; `close` works at once and from any task."""

    __slots__ = ("_in", "_loop", "_out", "_sock", "received", "tls", "turn")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self.turn = Turn()
        #: Bytes that the peer has sent, with all framing (after TLS).
        self.received = 0
        #: The TLS session, which has the peer's certificate. None before `secure`.
        self.tls: ssl.SSLObject | None = None
        self._in, self._out = _UNUSED_BIO

    async def secure(self, context: ssl.SSLContext, host: str, alpn: Sequence[str] = ()) -> None:
        """Do the TLS handshake. Raises OSError (`ssl.SSLError` included); the connection is then closed."""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        # No await between these lines: the context is shared, and wrap_bio() copies its current ALPN list.
        context.set_alpn_protocols(list(alpn))
        tls = context.wrap_bio(self._in, self._out, server_hostname=verified_name(host))
        context.set_alpn_protocols([])
        try:
            await self._pump(tls.do_handshake)
        except BaseException:
            self.close()
            raise
        self.tls = tls

    async def read(self, limit: int) -> bytes:
        """Return at most ``limit`` bytes, as they arrive; empty at the end. Raises OSError."""
        await self.turn.give_way()
        if self.tls is None:
            data = await self._receive(limit)
        else:
            try:
                data = await self._pump(self.tls.read, limit)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""  # most servers close without close_notify; a truncated body is detected by its own length
        self.received += len(data)
        return data

    async def write(self, data: bytes) -> None:
        """Write all of ``data``. Raises OSError."""
        if self.tls is None:
            await self._send(data)
            return
        rest = memoryview(data)
        while rest:
            rest = rest[await self._pump(self.tls.write, rest) :]

    @property
    def readable(self) -> bool:
        """Whether data or a close has arrived while no task was reading."""
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Close without close_notify: sending it would depend on the peer."""
        self._sock.close()

    async def _receive(self, limit: int) -> bytes:
        """Bytes of the socket. asyncio's `sock_recv` does not wait, so gives no turn, while there are any."""
        try:
            return self._sock.recv(limit)
        except (BlockingIOError, InterruptedError):
            began = time.monotonic()
            data = await self._loop.sock_recv(self._sock, limit)
            note_wait(self._loop, began)
            self.turn.renew()
            return data

    async def _pump(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``act`` and move OpenSSL's bytes in both directions until it completes."""
        while True:
            try:
                done = act(*args, **kwargs)
            except ssl.SSLWantReadError:
                await self._flush()
                # A peer may send records that yield no data (tickets, key updates) for as long as it likes.
                await self.turn.give_way()
                data = await self._receive(_CHUNK)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except ssl.SSLError:
                with suppress(OSError):  # the TLS alert is for the peer's log only
                    self._sock.send(self._out.read())
                raise
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        if self._out.pending:
            await self._send(self._out.read())

    async def _send(self, data: bytes) -> None:
        began = time.monotonic()
        await self._loop.sock_sendall(self._sock, data)
        note_wait(self._loop, began)


#: Shared by all connections without TLS, which do not use it.
_UNUSED_BIO = (ssl.MemoryBIO(), ssl.MemoryBIO())


class Network:
    """Opens connections. One per set of probes: simultaneous lookups of the same name share one query."""

    def __init__(self) -> None:
        self._lookups: dict[tuple[str, int], asyncio.Task[list[AddressInfo] | OSError]] = {}
        self._threads = WorkerThreads(LOOKUPS, "resolve")

    async def connect(self, host: str, port: int, step: Callable[[str], None] | None = None) -> Connection:
        """Connect to ``host``, a name or an address. ``step`` is called with the name of each phase.

        The caller holds the time limit. Raises OSError; `socket.gaierror` if the name cannot be resolved.
        """
        places = await self.addresses(host, port, step)
        if step is not None:
            step("connecting")
        sock = await race([partial(_connect_to, each) for each in places], _closed, significance)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(sock)

    async def addresses(self, host: str, port: int, step: Callable[[str], None] | None = None) -> Sequence[AddressInfo]:
        """The addresses of ``host`` in the order in which they are tried. Raises OSError."""
        try:
            host = lookup_name(host)
        except NotAHost:
            raise socket.gaierror(socket.EAI_NONAME, "not a name") from None
        places = numeric(host, port)
        if places is not None:
            return places
        if step is not None:
            step("the name server")
        began = time.monotonic()
        found = await self._resolve(host, port)
        note_wait(asyncio.get_running_loop(), began)
        return alternating(found)

    def close(self) -> None:
        """Cancel all lookups for good. Their threads end when the name server answers or times out."""
        for task in self._lookups.values():
            task.cancel()
        self._threads.shutdown()

    async def _resolve(self, host: str, port: int) -> list[AddressInfo]:
        key = (host, port)
        task = self._lookups.get(key)
        if task is None:
            task = self._lookups[key] = asyncio.create_task(self._lookup(host, port), name=f"resolve {host}")
            task.add_done_callback(lambda _: self._lookups.pop(key, None))
        found = await asyncio.shield(task)  # a cancelled probe must not cancel the lookup for others
        if isinstance(found, OSError):
            raise type(found)(*found.args)
        return found

    async def _lookup(self, host: str, port: int) -> list[AddressInfo] | OSError:
        """Return the error instead of raising it: every waiting probe raises its own, and an unobserved one is no
        error.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, getaddrinfo, host, port)
        except OSError as error:
            return error


def getaddrinfo(host: str, port: int) -> list[AddressInfo]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError:  # not a name: a label is too long, or contains a zero byte
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from None


def numeric(host: str, port: int) -> list[AddressInfo] | None:
    """The address of a numeric ``host``, without a lookup. None for a name."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None


def numeric_text(place: AddressInfo) -> str:
    """The address alone, with its zone."""
    return socket.getnameinfo(place[4], socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]


async def _connect_to(place: AddressInfo) -> socket.socket:
    family, kind, protocol, _, address = place
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        loop, began = asyncio.get_running_loop(), time.monotonic()
        await loop.sock_connect(sock, address)
        note_wait(loop, began)
    except BaseException:
        sock.close()
        raise
    return sock


async def race(
    starts: Sequence[Callable[[], Coroutine[Any, Any, T]]],
    close: Callable[[T], None],
    weigh: Callable[[OSError], int],
    stagger: float = STAGGER,
) -> T:
    """The result of the first of ``starts`` that succeeds (RFC 8305). One that fails starts the next at once.

    The results that come later are closed. Raises the error for which ``weigh`` gives the lowest number.
    """
    if len(starts) == 1:
        return await starts[0]()
    waiting = list(starts)
    under_way: set[asyncio.Task[T]] = set()
    # Several wait at the same time: the race is one wait.
    loop, began, apart = asyncio.get_running_loop(), time.monotonic(), unnoted()
    failed: list[OSError] = []
    try:
        while waiting or under_way:
            if waiting:
                under_way.add(asyncio.create_task(waiting.pop(0)(), context=apart))
            await asyncio.wait(under_way, timeout=stagger if waiting else None, return_when=asyncio.FIRST_COMPLETED)
            for task in [each for each in under_way if each.done()]:
                under_way.discard(task)
                error = task.exception()
                if error is None:
                    note_wait(loop, began)
                    return task.result()
                if not isinstance(error, OSError):
                    raise error
                failed.append(error)
    finally:
        for task in under_way:
            task.add_done_callback(partial(_drop, close))
            task.cancel()
    raise min(failed, key=weigh)


def significance(error: OSError) -> int:
    """Sort key: 0 for the error that says most about the target. A local permission error comes next, because it must
    be reported.
    """
    if error.errno in _FORBIDDEN:
        return 1
    return 2 if error.errno in _NOT_AVAILABLE else 0


def _closed(sock: socket.socket) -> None:
    sock.close()


def _drop(close: Callable[[T], None], task: asyncio.Task[T]) -> None:
    if not task.cancelled() and task.exception() is None:
        close(task.result())


def alternating(places: Sequence[AddressInfo]) -> list[AddressInfo]:
    """Alternate the address families in the system's order, so that a dead IPv6 network is not tried six times first."""
    first = [place for place in places if place[0] == places[0][0]]
    rest = [place for place in places if place[0] != places[0][0]]
    pairs = [each for pair in zip(first, rest, strict=False) for each in pair]
    return pairs + first[len(rest) :] + rest[len(first) :]
