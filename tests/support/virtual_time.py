"""A loop whose time passes at once when nothing is left to do: hours of an engine in seconds, in their true order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds for which work in a thread is waited for before anybody asks why.
_PATIENCE = 30.0
_START = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class _Selector(selectors.DefaultSelector):
    """Never waits for time. It waits for threads, whose results come through a pipe."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if self.loop.in_threads or timeout is None:
            return super().select(_PATIENCE)
        self.loop.passed += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """``passed`` are the seconds since it began; ``in_threads`` counts what runs in threads now."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.passed, self.in_threads = 0.0, 0
        super().__init__(selector)

    def time(self) -> float:
        return self.passed

    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]  # Textual's stubs and asyncio's differ
        self.in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._came_back)
        return future

    def _came_back(self, done: asyncio.Future[Any]) -> None:
        self.in_threads -= 1


class VirtualClock:
    """The two times of an engine, both the loop's."""

    def __init__(self, loop: VirtualLoop, start: datetime = _START) -> None:
        self._loop, self._start = loop, start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.passed)

    def monotonic(self) -> float:
        return 1000.0 + self._loop.passed

    def pass_to(self, moment: datetime) -> None:
        """Let the time until ``moment`` pass at once. Nothing may wait in the loop."""
        self._loop.passed += max(0.0, (moment - self.now()).total_seconds())


def run_virtually(work: Callable[[VirtualClock], Coroutine[Any, Any, T]], start: datetime = _START) -> T:
    """Run ``work`` with a clock of its own time, which begins at ``start``."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work(VirtualClock(loop, start)))
