"""The simulated stack: what a tick of its model costs, and the process at twenty times the speed with five pollers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import psutil

from artisan_tui.drill import faults
from artisan_tui.drill.model.afflictions import TRAFFIC_SURGE
from artisan_tui.drill.stack import SimulatedStack
from bench.report import Options, Row, percentile, spread

#: The pages that a screen asks for.
PAGES = ("/health", "/health/llm/all", "/health/llm?model=llama", "/metrics", "/admin/state")
SCREENS = 5
#: Seconds between two rounds of a screen.
EVERY = 2.0


def drill(options: Options) -> Iterator[Row]:
    """A tick as the stack runs it, with all latencies drawn: at rest, and with everything waiting."""
    for name, broken in (("at rest", ()), ("in an overload", (faults.QWEN_HANG, faults.CACHE_COLD))):
        stack = SimulatedStack()
        for fault in broken:
            stack.break_fault(fault, 0.0)
        if broken:
            stack.world.break_fault(TRAFFIC_SURGE)
        spans = []
        for tick in range(1, options.times(2000, 100) + 1):
            began = time.thread_time()
            stack.advance(float(tick))
            spans.append(time.thread_time() - began)
        note = spread(spans, 1000)
        yield Row(f"a tick of the stack {name}, p95", percentile(spans, 0.95) * 1000, "ms", 2, note=note, samples=spans)
    yield _polled(options.times(20, 3))


def _polled(seconds: int) -> Row:
    """The stack as a process."""
    command = [sys.executable, "-m", "artisan_tui.drill", "--speed", "20", "--history", "0", "--with-parent"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = json.loads(process.stdout.readline())["url"]
        until = time.monotonic() + seconds
        screens = [threading.Thread(target=_screen, args=(url, until)) for _ in range(SCREENS)]
        meter = psutil.Process(process.pid)
        before = sum(meter.cpu_times()[:2])
        for each in screens:
            each.start()
        for each in screens:
            each.join()
        share = 100 * (sum(meter.cpu_times()[:2]) - before) / seconds
    finally:
        process.stdin.close()
        process.wait(5)
        process.stdout.close()
    return Row(f"the stack at 20x with {SCREENS} screens", share, "% of a core", 50, note=f"{seconds} s")


def _screen(url: str, until: float) -> None:
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        while time.monotonic() < until:
            for page in PAGES:
                client.get(page)
            time.sleep(min(EVERY, max(0.0, until - time.monotonic())))
