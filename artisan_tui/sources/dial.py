"""Connects for libraries that block: urllib3 tries the addresses of a name one after the other, each with the whole
time limit, so one that is dead costs the probe its time.

Here they are raced as in `network`. Importing this module takes as long as importing urllib3.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Sequence

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from artisan_tui.config.address import NotAHost, lookup_name
from artisan_tui.sources.network import STAGGER, AddressInfo, alternating, getaddrinfo, significance

#: What `connect_ex` returns for a connection that is under way.
_UNDER_WAY = (0, errno.EINPROGRESS, errno.EAGAIN)


def dial(host: str, port: int, timeout: float | None) -> socket.socket:
    """A connected, blocking socket. Raises OSError, `socket.gaierror` and TimeoutError. A lookup has no time limit."""
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        places = alternating(getaddrinfo(lookup_name(host), port))
    except NotAHost:
        raise socket.gaierror(socket.EAI_NONAME, "not a name") from None
    connected = _race(places, deadline)
    connected.settimeout(timeout)
    return connected


def _race(places: Sequence[AddressInfo], deadline: float | None) -> socket.socket:
    waiting, failed = list(places), list[OSError]()
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or selector.get_map():
                if waiting:
                    _start(waiting.pop(0), selector, failed)
                if not selector.get_map():
                    continue  # an address that failed at once is followed by the next at once
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError
                pause = STAGGER if waiting else None
                for key, _ in selector.select(min((each for each in (left, pause) if each is not None), default=None)):
                    sock: socket.socket = key.fileobj  # type: ignore[assignment]  # what _start registers
                    selector.unregister(sock)
                    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if number == 0:
                        return sock
                    sock.close()
                    failed.append(OSError(number, os.strerror(number)))
        finally:
            for key in list(selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
    raise min(failed, key=significance)


def _start(place: AddressInfo, selector: selectors.BaseSelector, failed: list[OSError]) -> None:
    family, kind, protocol, _, address = place
    try:
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        failed.append(error)
        return
    sock.setblocking(False)
    number = sock.connect_ex(address)
    if number in _UNDER_WAY:
        selector.register(sock, selectors.EVENT_WRITE)
        return
    sock.close()
    failed.append(OSError(number, os.strerror(number)))


def _connect(connection: HTTPConnection) -> socket.socket:
    """What urllib3's `_new_conn` does. Raises its exceptions."""
    try:
        connected = dial(connection._dns_host, connection.port, connection.timeout)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"no connection within {connection.timeout} s") from error
    except OSError as error:
        raise NewConnectionError(connection, f"no connection: {error}") from error
    for option in connection.socket_options or ():
        connected.setsockopt(*option)
    return connected


class PlainConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


#: For `PoolManager.pool_classes_by_scheme`.
POOLS = {"http": _PlainPool, "https": _SecurePool}
