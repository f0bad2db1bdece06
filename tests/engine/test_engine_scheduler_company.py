"""Who goes along with whom: few, hardly early, and nobody twice; on a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from artisan_tui.engine.checks.scheduler import COMPANY, SHARE, TOGETHER, Scheduler


class Turned:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


async def rounds(every: float, checks: int, seconds: float) -> tuple[dict[str, list[float]], list[int], Scheduler]:
    """(when each was probed, how many at each wake-up, the scheduler) after ``seconds`` of the turned clock."""
    clock, seen, groups = Turned(), defaultdict[str, list[float]](list), []

    async def probe(check_id: str) -> None:
        seen[check_id].append(clock.at)

    scheduler = Scheduler(clock, probe)
    scheduler.plan({f"s{n}.c": every for n in range(checks)})
    end = clock.at + seconds
    while clock.at < end:
        pause = scheduler._fire()
        assert pause is not None
        under_way = list(scheduler._under_way.values())
        groups.append(len(under_way))
        await asyncio.gather(*under_way)
        await asyncio.sleep(0)
        clock.at += max(pause, 1e-6)
    return seen, groups, scheduler


async def test_many_checks_wake_up_together_and_no_more_than_a_few() -> None:
    seen, groups, scheduler = await rounds(10.0, 1000, 60)
    later = groups[100:]  # the first round is everything at once, spread over little time
    assert max(later) <= COMPANY
    assert sum(later) / len(later) > 2.5
    assert scheduler.skipped == 0
    for times in seen.values():
        gaps = [b - a for a, b in pairwise(times[1:])]
        # The grid moves each point by up to a tenth; who goes along is early by no more than the rest.
        assert min(gaps) >= 8 - TOGETHER
        assert max(gaps) <= 12 + TOGETHER
        assert 5 <= len(times) <= 8


@pytest.mark.parametrize("every", [0.03, 0.5])
async def test_what_is_probed_all_the_time_does_not_run_ahead(every: float) -> None:
    seen, _, scheduler = await rounds(every, 3, every * 200)
    assert scheduler.skipped == 0
    for times in seen.values():
        assert 195 <= len(times) <= 206
        assert min(b - a for a, b in pairwise(times[1:])) >= every * (0.8 - SHARE) - 1e-6


async def test_a_few_checks_meet_when_their_interval_leaves_room_for_it() -> None:
    seen, groups, _ = await rounds(30.0, 50, 600)
    later = groups[50:]
    assert max(later) <= COMPANY
    assert sum(later) / len(later) > 1.15
    assert min(b - a for times in seen.values() for a, b in pairwise(times[1:])) >= 24 - TOGETHER
