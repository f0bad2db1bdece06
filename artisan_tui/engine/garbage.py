"""When cycles are collected, so that no person waits for it.

A collection stops every thread, a millisecond for each thousand objects that it walks through. So none begins between
a key and what it paints; what survived a full one is left out of the next ones (`gc.freeze`); and cycles among that are
found by a thorough collection, half a second long, when it has grown and nobody presses keys.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from typing import Final

#: Containers made and not gone until the young are looked through; then so many times until the older ones are. Python's
#: own 700 make full collections out of a run of hundreds of steps that is read, and goes by itself. No full one begins by
#: itself: `GarbageCollection.tidy` begins them.
YOUNG: Final = 4_000
_MIDDLE, _NEVER = 2, 1_000_000_000
_USUAL = gc.get_threshold()
#: Collections of the older ones after which a full one is due, and after which it no longer waits for a rest.
_FULL, _OVERDUE = 4, 40
#: Seconds from a key in which what it does is painted, and for which keys in a row put collections off.
ANSWERED: Final = 0.1
_PUT_OFF: Final = 1.0
#: Seconds without a key after which a full collection disturbs nobody, and a thorough one.
REST, CALM = 1.0, 30.0
#: A thorough collection is due when so much more is left out than after the one before: this share, and this many.
_GROWN, _AT_LEAST = 0.25, 50_000
#: From this share and this many on, some 50 MB, memory matters more than a key.
_MUCH_GROWN, _MUCH = 0.6, 300_000


class GarbageCollection:
    """The collector of this process. ``clock`` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pressed_at = clock()
        self._held_since: float | None = None
        self._base = self._left_out = 0
        self._begun = False

    def begin(self) -> None:
        """Collect from here on; what was made so far is here to stay."""
        gc.freeze()
        gc.set_threshold(YOUNG, _MIDDLE, _NEVER)
        gc.enable()
        if not self._begun:
            self._begun = True
            gc.callbacks.append(self._collected)
        self._base = self._left_out = gc.get_freeze_count()

    def end(self) -> None:
        """Leave the collector to Python again."""
        if self._begun:
            self._begun = False
            gc.callbacks.remove(self._collected)
        self._held_since = None
        gc.set_threshold(*_USUAL)
        gc.enable()

    def keep(self) -> None:
        """What is here now stays: the configuration was read, and what it needs is loaded."""
        gc.freeze()
        self._base = self._left_out = gc.get_freeze_count()

    # -- keys -----------------------------------------------------------------

    def pressed(self) -> None:
        """A person works with the screen: nothing is collected until `answered`, or for a second of keys in a row."""
        now = self._pressed_at = self._clock()
        if not self._begun:
            return
        if self._held_since is None:
            self._held_since = now
            gc.disable()
        elif now - self._held_since > _PUT_OFF:
            self.answered()

    @property
    def puts_off(self) -> bool:
        """Whether what a key does is still to be painted."""
        return self._held_since is not None

    def answered(self) -> None:
        """What the last key did is painted."""
        if self._held_since is not None:
            self._held_since = None
            gc.enable()

    # -- time -----------------------------------------------------------------

    @property
    def due(self) -> bool:
        """Whether enough was left out since the last thorough collection to look through all of it."""
        return self._grown >= _GROWN

    @property
    def _grown(self) -> float:
        more = self._left_out - self._base
        return more / max(1, self._base) if more >= _AT_LEAST else 0.0

    def tidy(self) -> str:
        """Collect what is due, unless somebody waits for the screen: "full", "thorough", or "" for nothing."""
        if not self._begun:
            return ""
        rested = self._clock() - self._pressed_at
        waiting = gc.get_count()[2]
        done = ""
        if waiting >= _OVERDUE or (waiting >= _FULL and rested >= REST):
            gc.collect()
            done = "full"
        much = self._grown >= _MUCH_GROWN and self._left_out - self._base >= _MUCH
        if self.due and (rested >= CALM or much):
            gc.unfreeze()
            gc.collect()
            self._base = self._left_out
            done = "thorough"
        return done

    def _collected(self, phase: str, info: Mapping[str, int]) -> None:
        if phase == "stop" and info["generation"] == 2:
            gc.freeze()
            self._left_out = gc.get_freeze_count()


GARBAGE = GarbageCollection()
