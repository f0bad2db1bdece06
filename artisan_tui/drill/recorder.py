"""Fill the samples: generate the history in a separate process when it is first requested, and scrape the stack.

Generating takes a second or two of a whole core. A separate process keeps the server responsive, and a history that
is never read is never generated.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from typing import Final

from prometheus_client import CollectorRegistry

from artisan_tui.child_pipes import let_go
from artisan_tui.drill import exposition, faults
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.history import day_count
from artisan_tui.drill.samples import UP, SampleHistory, SampleRange
from artisan_tui.drill.stack import SimulatedStack

#: Simulated seconds between two scrapes, and the least real seconds.
EVERY: Final = 15.0
_AT_LEAST: Final = 0.5
#: The first scrape is early, so that every minute has one.
_FIRST: Final = 1.0

#: Seconds that a process which was killed gets to be gone.
_ENDS_WITHIN = 2.0


class Recorder:
    """``days`` is the length of the history, 0 for none. ``samples`` has everything so far."""

    def __init__(self, stack: SimulatedStack, clock: StackClock, registry: CollectorRegistry, days: int) -> None:
        self._stack, self._clock, self._registry, self._days = stack, clock, registry, days
        start = int(clock.wall() * 1000)
        self.samples = SampleHistory(start)
        self._days_total = day_count(start, days)
        self._generating: asyncio.Task[None] | None = None

    # -- live scrapes

    async def run(self) -> None:
        """Scrape until cancelled."""
        await asyncio.sleep(_FIRST / self._clock.speed)
        while True:
            self.scrape()
            await asyncio.sleep(max(_AT_LEAST, EVERY / self._clock.speed))

    def scrape(self) -> None:
        """Scrape like Prometheus: a target that does not return metrics is down and has no other samples."""
        self._stack.advance(self._clock.elapsed())
        answers = self._stack.fleet.running("app") and not self._stack.is_broken(faults.METRICS_GONE)
        scraped = exposition.samples(self._registry) if answers else {}
        self.samples.live.add(int(self._clock.wall() * 1000), {**scraped, UP: float(answers)})

    # -- history

    def missing(self, low: int, high: int) -> int | None:
        """None if all samples in ``low < t <= high`` (ms) exist. Else start generating, and return the progress in
        per cent.
        """
        made = len(self.samples.generated)
        if made >= self._days_total or low >= self.samples.start:
            return None
        if self._generating is None or self._generating.done():
            self._generating = asyncio.create_task(self._generate())
        if made and high <= self.samples.generated[-1].times[-1]:
            return None
        return 100 * made // self._days_total

    async def _generate(self) -> None:
        """Append day by day. After a failure, the next request starts again."""
        samples = self.samples
        samples.generated.clear()
        numbers = [str(each) for each in (self._stack.seed, samples.start, self._days)]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "artisan_tui.drill.generate_history",
            *numbers,
            self._stack.shape.id,
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
            pass  # the process was killed
        finally:
            if process.returncode is None:
                process.kill()
            # wait() alone never returns while the pipe has unread data, and the stack must end when its owner has.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.communicate(), _ENDS_WITHIN)
            let_go(process)
