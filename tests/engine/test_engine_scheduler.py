"""Due, spread, bounded, never twice at once; with a clock that the test turns."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import pairwise

from artisan_tui.engine.checks.scheduler import PER_CHECK, Scheduler
from artisan_tui.engine.clock import SystemClock


async def run_for(scheduler: Scheduler, until: asyncio.Event) -> None:
    task = asyncio.create_task(scheduler.run())
    try:
        async with asyncio.timeout(10):
            await until.wait()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_everything_is_probed_at_once_at_the_start() -> None:
    seen: set[str] = set()
    done = asyncio.Event()

    async def probe(check_id: str) -> None:
        seen.add(check_id)
        if len(seen) == 200:
            done.set()

    scheduler = Scheduler(SystemClock(), probe)
    scheduler.plan({f"s.c{n}": 3600.0 for n in range(200)})
    await run_for(scheduler, done)


async def test_a_probe_that_outlasts_its_interval_swallows_rounds_instead_of_piling_up() -> None:
    under_way, most, probes = 0, 0, 0
    done = asyncio.Event()

    async def probe(check_id: str) -> None:
        nonlocal under_way, most, probes
        under_way, probes = under_way + 1, probes + 1
        most = max(most, under_way)
        await asyncio.sleep(0.12)
        under_way -= 1
        if probes >= 3:
            done.set()

    scheduler = Scheduler(SystemClock(), probe)
    scheduler.plan({"slow.check": 0.03})
    await run_for(scheduler, done)
    assert most == 1
    assert scheduler.skipped > 0


async def test_hung_probes_do_not_hold_up_others() -> None:
    never, fast = asyncio.Event(), asyncio.Event()

    async def probe(check_id: str) -> None:
        if check_id.startswith("hung"):
            await never.wait()
        else:
            fast.set()

    scheduler = Scheduler(SystemClock(), probe, concurrency=8)
    scheduler.plan({**{f"hung.c{n}": 60.0 for n in range(7)}, "fast.check": 60.0})
    await run_for(scheduler, fast)


async def test_never_more_under_way_than_allowed() -> None:
    full, release = asyncio.Event(), asyncio.Event()
    under_way, most, probes = 0, 0, 0

    async def probe(check_id: str) -> None:
        nonlocal under_way, most, probes
        under_way, probes = under_way + 1, probes + 1
        most = max(most, under_way)
        if under_way == 8:
            release.set()
        await release.wait()
        await asyncio.sleep(0)
        under_way -= 1
        if probes == 20:
            full.set()

    scheduler = Scheduler(SystemClock(), probe, concurrency=8)
    scheduler.plan({f"hung.c{n}": 60.0 for n in range(20)})
    await run_for(scheduler, full)
    assert most == 8


async def test_hurry_joins_a_probe_under_way() -> None:
    probes, release = 0, asyncio.Event()

    async def probe(check_id: str) -> None:
        nonlocal probes
        probes += 1
        await release.wait()

    scheduler = Scheduler(SystemClock(), probe)
    scheduler.plan({"a.b": 3600.0})
    first = scheduler.hurry(["a.b", "unknown.check"])
    second = scheduler.hurry(["a.b"])
    assert len(first) == 1
    assert first == second
    release.set()
    await asyncio.gather(*first)
    assert probes == 1


async def test_a_new_plan_drops_what_left() -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def probe(check_id: str) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    scheduler = Scheduler(SystemClock(), probe)
    scheduler.plan({"a.b": 3600.0})
    scheduler.hurry(["a.b"])
    await started.wait()
    scheduler.plan({})
    async with asyncio.timeout(5):
        await cancelled.wait()


async def test_a5_who_only_waits_takes_no_place() -> None:
    never, often = asyncio.Event(), asyncio.Event()
    seen = 0

    async def look(check_id: str) -> None:
        nonlocal seen
        if check_id.startswith("silent"):
            await never.wait()
            return
        seen += 1
        if seen == 20:
            often.set()

    scheduler = Scheduler(SystemClock(), look)
    scheduler.plan({**{f"silent.c{n}": 60.0 for n in range(140)}, "good.check": 0.05})
    await run_for(scheduler, often)


async def test_a4_the_first_round_is_spread_evenly() -> None:
    began: list[float] = []
    done, clock = asyncio.Event(), SystemClock()

    async def look(check_id: str) -> None:
        began.append(clock.monotonic())
        if len(began) == 40:
            done.set()

    scheduler = Scheduler(clock, look)
    scheduler.plan({f"s.c{n}": 3600.0 for n in range(40)})
    due = sorted(at for at, _, _ in scheduler._due)
    assert max(later - at for at, later in pairwise(due)) < 2 * PER_CHECK
    assert min(later - at for at, later in pairwise(due)) > PER_CHECK / 2
    await run_for(scheduler, done)
