"""One query to a Prometheus under way: its time limit, and the way to cut it off from another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artisan_tui.domain.slo.counter_deltas import CounterSeries


@dataclass(frozen=True, slots=True)
class MetricsAnswer:
    """What the server said to a query it could answer. A matrix is in ``series``, not in ``data``."""

    data: Mapping[str, Any]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]
    series: tuple[CounterSeries, ...] = ()


@dataclass(frozen=True, slots=True)
class Instant:
    """``at_ms`` pins the evaluation; None is the server's now."""

    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Evaluations at ``first``, ``first + step`` and so on up to and with ``last``, in ms."""

    first: int
    last: int
    step: int


def seconds_text(ms: int) -> str:
    """Exact: a float of seconds is off by some ns, and a server rounds as it likes."""
    return f"{ms // 1000}.{ms % 1000:03d}"


class Call:
    """One query under way. ``deadline`` is on the monotonic clock."""

    def __init__(self, query: str, when: Instant | Steps, deadline: float) -> None:
        self.query, self.when, self.deadline = query, when, deadline
        self.answer: MetricsAnswer | None = None
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._over = False

    @property
    def fields(self) -> dict[str, str]:
        """What the server is sent."""
        match self.when:
            case Instant(None):
                return {"query": self.query}
            case Instant(int(at)):
                return {"query": self.query, "time": seconds_text(at)}
            case Steps(first, last, step):
                times = {"start": seconds_text(first), "end": seconds_text(last), "step": seconds_text(step)}
                return {"query": self.query, **times}
        raise AssertionError(self.when)

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
