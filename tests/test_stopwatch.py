"""The tests' clock: a wait counts, time without a processor does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support.processes import with_us
from support.stopwatch import Stopwatch

STOPPED = """
import os, sys, time
sys.path.append(sys.argv[1])
from support.stopwatch import Stopwatch
clock, began = Stopwatch(), time.monotonic()
print(flush=True)
sys.stdin.readline()
print(clock.seconds, time.monotonic() - began)
"""


def test_a_wait_counts() -> None:
    began, clock = time.monotonic(), Stopwatch()
    while clock.seconds < 0.3:
        time.sleep(0.05)
    # The wall's clock is ahead by what others took from us, and never behind.
    assert time.monotonic() - began >= 0.3


def test_what_others_take_from_us_does_not() -> None:
    command = [sys.executable, "-c", STOPPED, str(Path(__file__).parent)]
    with subprocess.Popen(with_us(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        clock = Stopwatch()
        while clock.seconds < 1:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGCONT)
        counted, passed = map(float, process.communicate("\n", timeout=60)[0].split())
    assert passed >= 1
    assert counted < passed - 0.8
