"""Runs every check on its own grid: monotonic, spread, bounded, and never twice at once."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Mapping

from artisan_tui.domain.checks.schedule import fraction, next_due
from artisan_tui.engine.checks.pace import most_waiting
from artisan_tui.engine.clock import Clock

#: The first round is spread over this many seconds at most, and this many per check: fifty
#: connections in one instant overflow the queue of a small server, and read like its failure.
FIRST_ROUND, PER_CHECK = 0.6, 0.008
#: Who is due within this many seconds, and this share of its interval, goes out with the one that is due
#: now, so many together at most: to wake up costs as much as to probe, and many at once would wait for
#: each other until it shows in their latencies.
TOGETHER, SHARE, COMPANY = 0.9, 0.03, 4


class Scheduler:
    """``probe(check_id)`` does one probe; it must not raise. ``concurrency`` bounds how many are under way."""

    def __init__(self, clock: Clock, probe: Callable[[str], Awaitable[None]], concurrency: int | None = None) -> None:
        self._clock = clock
        self._probe = probe
        self._gate = asyncio.Semaphore(most_waiting() if concurrency is None else concurrency)
        self._every: dict[str, float] = {}
        self._due: list[tuple[float, str, int]] = []
        self._plan = 0
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self.skipped = 0

    def plan(self, every: Mapping[str, float]) -> None:
        """Replace the plan: seconds between probes, per check. Everything is due now, once."""
        self._plan += 1
        self._every = dict(every)
        now = self._clock.monotonic()
        apart = min(PER_CHECK, FIRST_ROUND / max(1, len(every)))
        first = sorted(every, key=fraction)
        self._due = [(now + place * apart, check_id, self._plan) for place, check_id in enumerate(first)]
        for check_id in list(self._under_way):
            if check_id not in every:
                self._under_way[check_id].cancel()
        self._wake.set()

    def hurry(self, check_ids: Iterable[str]) -> list[asyncio.Task[None]]:
        """Probe now, besides the plan; a probe already under way is joined instead."""
        return [self._start(check_id) for check_id in check_ids if check_id in self._every]

    async def run(self) -> None:
        """Until cancelled. Probes under way are cancelled with it."""
        try:
            while True:
                self._wake.clear()
                pause = self._fire()
                if pause is None:
                    await self._wake.wait()
                    continue
                try:
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                except TimeoutError:
                    pass
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _fire(self) -> float | None:
        """Start what is due; seconds until the next, None when there is nothing to wait for."""
        now = self._clock.monotonic()
        started = 0
        while self._due and self._due[0][0] <= now + self._slack(started):
            due, check_id, plan = heapq.heappop(self._due)
            every = self._every.get(check_id)
            if every is None or plan != self._plan:
                continue
            started += 1
            # A probe that outlasts its own interval swallows the next one instead of piling up.
            if check_id in self._under_way:
                self.skipped += 1
            else:
                self._start(check_id)
            heapq.heappush(self._due, (next_due(check_id, every, max(due, now)), check_id, plan))
        return max(0.0, self._due[0][0] - now) if self._due else None

    def _slack(self, started: int) -> float:
        """Seconds by which the next one may be early, when so many have been started just now."""
        if not 0 < started < COMPANY:
            return 0.0
        return min(TOGETHER, SHARE * self._every.get(self._due[0][1], 0.0))

    def _start(self, check_id: str) -> asyncio.Task[None]:
        running = self._under_way.get(check_id)
        if running is not None:
            return running
        task = asyncio.create_task(self._gated(check_id), name=f"probe {check_id}")
        self._under_way[check_id] = task
        task.add_done_callback(
            lambda done: self._under_way.pop(check_id, None) if self._under_way.get(check_id) is done else None
        )
        return task

    async def _gated(self, check_id: str) -> None:
        async with self._gate:
            await self._probe(check_id)
