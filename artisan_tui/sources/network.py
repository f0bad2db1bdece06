"""Connections as bare as asyncio lets them be: a socket, and TLS in memory on top of it.

A look makes a new connection every time, so what a connection costs is what watching costs.
Streams, task groups and cancel scopes each add turns of the loop, and turns are the price.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from artisan_tui.sources.threads import WorkerThreads

P = ParamSpec("P")
T = TypeVar("T")
#: (family, type, protocol, canonical name, address), as `socket.getaddrinfo` gives them.
AddressInfo = tuple[Any, Any, int, str, Any]
#: Seconds that one address of a name has for itself before the next is tried beside it (RFC 8305).
STAGGER = 0.25
#: Names being resolved at once. A name server that hangs costs so many threads, and never the watch.
LOOKUPS = 256
_CHUNK = 65_536
#: What only says that this machine has no such network, while another address may tell more.
_NOT_AVAILABLE = frozenset({errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


class Connection:
    """One open connection. One task reads and writes it; `close` is at once and from anywhere."""

    __slots__ = ("_in", "_loop", "_out", "_sock", "tls")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        #: What is known about the other side's certificate, once `secure` has returned.
        self.tls: ssl.SSLObject | None = None
        self._in, self._out = _UNUSED_BIO

    async def secure(self, context: ssl.SSLContext, host: str, alpn: Sequence[str] = ()) -> None:
        """The TLS handshake. Raises OSError, `ssl.SSLError` among them, and has closed the line then."""
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        # In one breath: the context is shared with others, and a connection takes along what it says right now.
        context.set_alpn_protocols(list(alpn))
        tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        context.set_alpn_protocols([])
        try:
            await self._pump(tls.do_handshake)
        except BaseException:
            self.close()
            raise
        self.tls = tls

    async def read(self, limit: int) -> bytes:
        """At most ``limit`` bytes as they come; none at the end. Raises OSError."""
        if self.tls is None:
            return await self._loop.sock_recv(self._sock, limit)
        try:
            return await self._pump(self.tls.read, limit)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""  # most servers hang up without a goodbye; what is missing shows in the text itself

    async def write(self, data: bytes) -> None:
        """All of it. Raises OSError."""
        if self.tls is None:
            await self._loop.sock_sendall(self._sock, data)
            return
        rest = memoryview(data)
        while rest:
            rest = rest[await self._pump(self.tls.write, rest) :]

    @property
    def readable(self) -> bool:
        """Whether something came, or the other side hung up, while nobody was reading."""
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Without a goodbye: it would last as long as the other side likes."""
        self._sock.close()

    async def _pump(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Let OpenSSL do ``act``, and carry its bytes both ways until it is done."""
        while True:
            try:
                done = act(*args, **kwargs)
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._loop.sock_recv(self._sock, _CHUNK)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            except ssl.SSLError:
                with suppress(OSError):  # why we do not like its certificate is for the other side's log
                    self._sock.send(self._out.read())
                raise
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        if self._out.pending:
            await self._loop.sock_sendall(self._sock, self._out.read())


#: Shared by all lines without TLS, which never touch it.
_UNUSED_BIO = (ssl.MemoryBIO(), ssl.MemoryBIO())


class Network:
    """Opens lines. One per set of probes: looks that ask for the same name at once share the answer."""

    def __init__(self) -> None:
        self._lookups: dict[tuple[str, int], asyncio.Task[list[AddressInfo] | OSError]] = {}
        self._threads = WorkerThreads(LOOKUPS, "resolve")

    async def connect(self, host: str, port: int, step: Callable[[str], None] | None = None) -> Connection:
        """A line to ``host``, a name or an address; ``step`` hears what is waited for.

        There is no time limit in here. Raises OSError, `socket.gaierror` for a name that leads nowhere.
        """
        places = _numeric(host, port)
        if places is None:
            if step is not None:
                step("the name server")
            places = await self._resolve(host, port)
        if step is not None:
            step("connecting")
        sock = await (_connect_to(places[0]) if len(places) == 1 else _race(places))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(sock)

    def close(self) -> None:
        """Nobody waits for names any more; threads that still do end with the name server's patience. For good."""
        for task in self._lookups.values():
            task.cancel()
        self._threads.shutdown()

    async def _resolve(self, host: str, port: int) -> list[AddressInfo]:
        key = (host, port)
        task = self._lookups.get(key)
        if task is None:
            task = self._lookups[key] = asyncio.create_task(self._lookup(host, port), name=f"resolve {host}")
            task.add_done_callback(lambda _: self._lookups.pop(key, None))
        found = await asyncio.shield(task)  # one look that gives up leaves the answer to the others
        if isinstance(found, OSError):
            raise type(found)(*found.args)
        return found

    async def _lookup(self, host: str, port: int) -> list[AddressInfo] | OSError:
        """An error is an answer too: each who asked raises it for itself, and nobody has to."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, _getaddrinfo, host, port)
        except OSError as error:
            return error


def _getaddrinfo(host: str, port: int) -> list[AddressInfo]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError:  # no name at all: a label too long, a zero byte
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from None


def _numeric(host: str, port: int) -> list[AddressInfo] | None:
    """Where an address leads, without asking anybody; None for a name."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None


async def _connect_to(place: AddressInfo) -> socket.socket:
    family, kind, protocol, _, address = place
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


async def _race(places: Sequence[AddressInfo]) -> socket.socket:
    """The first address that accepts; each has a head start over the next, a failed one has none."""
    waiting = _alternating(places)
    under_way: set[asyncio.Task[socket.socket]] = set()
    failed: list[OSError] = []
    try:
        while waiting or under_way:
            if waiting:
                under_way.add(asyncio.create_task(_connect_to(waiting.pop(0))))
            await asyncio.wait(under_way, timeout=STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED)
            for task in [each for each in under_way if each.done()]:
                under_way.discard(task)
                error = task.exception()
                if error is None:
                    return task.result()
                if not isinstance(error, OSError):
                    raise error
                failed.append(error)
    finally:
        for task in under_way:
            task.add_done_callback(_drop)
            task.cancel()
    raise min(failed, key=_significance)


def _significance(error: OSError) -> int:
    """0 for what tells most about the target. Being forbidden to ask tells nothing, and that it is so must be said."""
    if error.errno in _FORBIDDEN:
        return 1
    return 2 if error.errno in _NOT_AVAILABLE else 0


def _drop(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def _alternating(places: Sequence[AddressInfo]) -> list[AddressInfo]:
    """The system's order, families turn about: a dead IPv6 must not be tried six times before IPv4."""
    first = [place for place in places if place[0] == places[0][0]]
    rest = [place for place in places if place[0] != places[0][0]]
    pairs = [each for pair in zip(first, rest, strict=False) for each in pair]
    return pairs + first[len(rest) :] + rest[len(first) :]
