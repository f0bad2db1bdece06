"""Time that counts while this process gets a processor when it asks for one.

A limit of half a second on the wall's clock says more about a busy machine than about the program. A thread asks to be
woken every 10 ms; what a wake-up is late by counts as at most one more step. A wait of the program counts in full:
this thread sleeps through none of it.
"""

from __future__ import annotations

import functools
import threading
import time

STEP = 0.01


class _Clock:
    def __init__(self) -> None:
        self._counted, self._last = 0.0, time.monotonic()
        self._lock = threading.Lock()
        threading.Thread(target=self._run, name="stopwatch", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(STEP)
            self.read()

    def read(self) -> float:
        with self._lock:
            now = time.monotonic()
            self._counted += min(now - self._last, 2 * STEP)
            self._last = now
            return self._counted


@functools.cache
def _clock() -> _Clock:
    return _Clock()


class Stopwatch:
    """``seconds`` since it was made."""

    def __init__(self) -> None:
        self._began = _clock().read()

    @property
    def seconds(self) -> float:
        return _clock().read() - self._began
