"""What would leave this machine: programs that are started and addresses that are connected to, by Python's own audit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_STARTS = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "os.fork"})
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})
_LOOPBACK = ("127.0.0.1", "::1", "localhost", None, "")

#: What is written down, None while nobody asks. An audit hook cannot be removed.
_seen: list[str] | None = None
_hooked = False


def leaves(event: str, given: tuple[Any, ...]) -> str:
    """What an audit event means here, "" for nothing that matters."""
    if event in _STARTS:
        return f"{event} {given[0] if given else ''}"
    if event not in _SENDS:
        return ""
    place = given[0] if event == "socket.getaddrinfo" else given[1] if len(given) > 1 else None
    host = place[0] if isinstance(place, tuple) else place
    host = host.decode() if isinstance(host, bytes) else host
    local = host in _LOOPBACK or str(host).startswith("/")
    return "" if local else f"{event} {host}"


def _hear(event: str, given: tuple[Any, ...]) -> None:
    if _seen is not None and (said := leaves(event, given)):
        _seen.append(said)


@contextmanager
def what_leaves() -> Iterator[list[str]]:
    """Everything that leaves while the block runs."""
    global _seen, _hooked
    if not _hooked:
        sys.addaudithook(_hear)
        _hooked = True
    _seen = found = []
    try:
        yield found
    finally:
        _seen = None
