"""Few probes begin at once, fewer at one endpoint, and one that only waits lets the next begin."""

from __future__ import annotations

import asyncio
from collections import Counter

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.engine.checks.pace import BEGINNING, BEGINNING_THERE, FEWEST, Pace, most_waiting


class Placed(CheckSpec):
    at: str = ""

    @property
    def endpoint(self) -> str:
        return self.at


class Held:
    """A probe that ends when it is told to."""

    def __init__(self, begun: Counter[str], place: str, go: asyncio.Event) -> None:
        self._begun, self._place, self._go = begun, place, go
        self.began = asyncio.Event()

    async def probe(self) -> ProbeResult:
        self._begun[self._place] += 1
        self.began.set()
        await self._go.wait()
        return ProbeResult()

    async def aclose(self) -> None:
        """Nothing is open."""


def spec(place: str) -> CheckSpec:
    return Placed.model_validate({"id": "x", "kind": "http", "at": place})


async def test_a4_few_begin_at_once_and_fewer_at_one_endpoint() -> None:
    pace, begun, go = Pace(), Counter[str](), asyncio.Event()
    places = ["a:1"] * 10 + [f"h{n}:1" for n in range(20)]
    tasks = [asyncio.create_task(pace.run(spec(place), Held(begun, place, go))) for place in places]
    for _ in range(20):
        await asyncio.sleep(0)
    assert begun["a:1"] == BEGINNING_THERE
    assert begun.total() == BEGINNING
    go.set()
    await asyncio.gather(*tasks)
    assert begun.total() == 30


async def test_a5_one_that_waits_lets_the_next_begin() -> None:
    pace, begun, never = Pace(), Counter[str](), asyncio.Event()
    silent, good = [Held(begun, "a:1", never) for _ in range(30)], Held(begun, "b:1", never)
    tasks = [asyncio.create_task(pace.run(spec("a:1"), probe)) for probe in silent]
    tasks.append(asyncio.create_task(pace.run(spec("b:1"), good)))
    async with asyncio.timeout(20):
        await good.began.wait()
        assert begun["a:1"] < 30, "the others of the silent endpoint are not before it"
        await asyncio.gather(*(probe.began.wait() for probe in silent))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_a5_files_bound_how_many_wait() -> None:
    assert most_waiting() >= FEWEST
