"""Addresses that answer no connection, and names that lead to them first."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

#: The name that `leads_to` gives addresses.
NAME = "many.example"


@contextlib.contextmanager
def black_hole(host: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[str, int]]:
    """An address that answers no connection: its queue is full and nobody empties it."""
    with socket.socket() as full, contextlib.ExitStack() as callers:
        full.bind((host, port))
        full.listen(0)
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        yield full.getsockname()


def leads_to(monkeypatch: pytest.MonkeyPatch, *places: tuple[str, int]) -> None:
    """Make `NAME` lead to these, in this order. A name server of our own would need root and the machine's resolver."""
    real = socket.getaddrinfo
    found = [real(host, port, type=socket.SOCK_STREAM)[0] for host, port in places]

    def ask(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != NAME:
            return real(host, *args, **kwargs)
        if kwargs.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "a name")
        return found

    monkeypatch.setattr(socket, "getaddrinfo", ask)
