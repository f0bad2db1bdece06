"""Fills the samples: the past by a process of its own, when it is first asked for, and the present by scraping.

The past takes a second or two of a whole core. Another process keeps that away from whoever waits for an
answer meanwhile, and nobody pays for a past that nobody reads.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from typing import Final

from prometheus_client import CollectorRegistry

from artisan_tui.drill import exposition, faults
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.history import day_count
from artisan_tui.drill.samples import UP, SampleHistory, SampleRange
from artisan_tui.drill.stack import SimulatedStack

#: Simulated seconds between two scrapes, and the real ones that are always left between them.
EVERY: Final = 15.0
_AT_LEAST: Final = 0.5
#: So soon that no minute is left unseen between the past and the present.
_FIRST: Final = 1.0


class Recorder:
    """``days`` of past before now, 0 for none. ``samples`` are what there is so far."""

    def __init__(self, stack: SimulatedStack, clock: StackClock, registry: CollectorRegistry, days: int) -> None:
        self._stack, self._clock, self._registry, self._days = stack, clock, registry, days
        start = int(clock.wall() * 1000)
        self.samples = SampleHistory(start)
        self._days_total = day_count(start, days)
        self._generating: asyncio.Task[None] | None = None

    # the present

    async def run(self) -> None:
        """Scrape for ever."""
        await asyncio.sleep(_FIRST / self._clock.speed)
        while True:
            self.scrape()
            await asyncio.sleep(max(_AT_LEAST, EVERY / self._clock.speed))

    def scrape(self) -> None:
        """As a Prometheus would: what does not answer, or not with metrics, is down and has no samples."""
        self._stack.advance(self._clock.elapsed())
        answers = self._stack.fleet.running("app") and not self._stack.is_broken(faults.METRICS_GONE)
        scraped = exposition.samples(self._registry) if answers else {}
        self.samples.live.add(int(self._clock.wall() * 1000), {**scraped, UP: float(answers)})

    # the past

    def missing(self, low: int, high: int) -> int | None:
        """None when all of ``low < t <= high`` (ms) is there; else how much of the past is, per cent, and it is begun."""
        made = len(self.samples.generated)
        if made >= self._days_total or low >= self.samples.start:
            return None
        if self._generating is None or self._generating.done():
            self._generating = asyncio.create_task(self._generate())
        if made and high <= self.samples.generated[-1].times[-1]:
            return None
        return 100 * made // self._days_total

    async def _generate(self) -> None:
        """Take over samples by samples; after a failure the next question tries again."""
        samples = self.samples
        samples.generated.clear()
        numbers = [str(each) for each in (self._stack.seed, samples.start, self._days)]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "artisan_tui.drill.generate_history",
            *numbers,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            for _ in range(self._days_total):
                size = int.from_bytes(await process.stdout.readexactly(8), "big")
                day = pickle.loads(await process.stdout.readexactly(size))
                assert isinstance(day, SampleRange)
                samples.generated.append(day)
        except (asyncio.IncompleteReadError, pickle.UnpicklingError):
            pass  # it was killed
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()  # wait() alone never ends while something is left to read
