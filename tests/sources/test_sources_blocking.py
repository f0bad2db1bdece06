"""Blocking work leaves the loop, and one that hangs costs one thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from artisan_tui.sources.blocking import Blocking, StillBlocked


async def test_the_result_and_the_error_come_back():
    bench = Blocking("x")
    assert await bench.run(5, lambda a, b: a + b, 1, b=2) == 3
    with pytest.raises(ZeroDivisionError):
        await bench.run(5, lambda: 1 / 0)
    assert await bench.run(5, threading.current_thread) is not threading.main_thread()


async def test_work_that_hangs_times_out_and_is_not_started_again_before_it_returns():
    bench, gate, began = Blocking("x"), threading.Event(), []

    def hang() -> None:
        began.append(1)
        gate.wait(30)

    with pytest.raises(TimeoutError):
        await bench.run(0.05, hang)
    with pytest.raises(StillBlocked) as blocked:
        await bench.run(0.05, hang)
    assert blocked.value.failure.blind
    assert "has not finished" in blocked.value.failure.detail
    assert len(began) == 1
    gate.set()
    for _ in range(500):
        await asyncio.sleep(0.01)
        try:
            assert await bench.run(5, lambda: "again") == "again"
        except StillBlocked:
            continue
        return
    raise AssertionError("never free again")
