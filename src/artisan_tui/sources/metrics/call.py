"""One query to a Prometheus under way: its time limit, and the way to cut it off from another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to a query it could answer."""

    data: Mapping[str, Any]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]


class Call:
    """One query under way. ``deadline`` is on the monotonic clock; ``at`` pins the evaluation, in Unix seconds."""

    def __init__(self, query: str, at: float | None, deadline: float) -> None:
        self.query, self.at, self.deadline = query, at, deadline
        self.answer: Answer | None = None
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._over = False

    @property
    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0 or self._over:
            raise TimeoutError
        return left

    def holds(self, connected: socket.socket) -> None:
        """Remember the connection. A duplicate: TLS takes the original away."""
        with self._lock:
            self._socket = connected.dup()
        if self._over:
            self.abort()

    def abort(self) -> None:
        """End the call from another thread: a socket's own timeout starts anew with every byte of a trickle."""
        self._over = True
        with self._lock:
            held, self._socket = self._socket, None
        if held is not None:
            with contextlib.suppress(OSError):  # already closed by the other side
                held.shutdown(socket.SHUT_RDWR)
            held.close()
