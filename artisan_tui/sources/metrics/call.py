"""One running query to a Prometheus server, with its time limit. Another thread can abort it."""

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
    """The server's response to a successful query. A matrix is in ``series``, not in ``data``."""

    data: Mapping[str, Any]
    warnings: tuple[str, ...]
    infos: tuple[str, ...]
    series: tuple[CounterSeries, ...] = ()


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant query at ``at_ms`` (ms since the epoch); None for the server's current time."""

    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """A range query from ``first`` to ``last`` inclusive, every ``step``. All in ms."""

    first: int
    last: int
    step: int


def seconds_text(ms: int) -> str:
    """Milliseconds as seconds with three decimals. A float would be off by nanoseconds, which servers round
    differently.
    """
    return f"{ms // 1000}.{ms % 1000:03d}"


class Call:
    """One running query. ``deadline`` is on the monotonic clock."""

    def __init__(self, query: str, when: Instant | Steps, deadline: float) -> None:
        self.query, self.when, self.deadline = query, when, deadline
        self.answer: MetricsAnswer | None = None
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._aborted = False

    @property
    def fields(self) -> dict[str, str]:
        """The request parameters."""
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
    def remaining(self) -> float:
        """Seconds until the deadline. Raises TimeoutError if there are none, or after `abort`."""
        left = self.deadline - time.monotonic()
        if left <= 0 or self._aborted:
            raise TimeoutError
        return left

    def hold_socket(self, connected: socket.socket) -> None:
        """Keep a duplicate of the socket, because TLS detaches the original."""
        with self._lock:
            self._socket = connected.dup()
        if self._aborted:
            self.abort()

    def abort(self) -> None:
        """End the query from another thread. A socket timeout would restart with every byte that a slow server sends."""
        self._aborted = True
        with self._lock:
            held, self._socket = self._socket, None
        if held is not None:
            with contextlib.suppress(OSError):  # the peer has closed it already
                held.shutdown(socket.SHUT_RDWR)
            held.close()
