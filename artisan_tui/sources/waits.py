"""The time that a probe waits for its target, without the time that this process needs to notice the answer.

A loop that is busy with other probes, or waits for another thread, reads an answer late. That is not the latency of
the target. `Polls` keeps when the loop last asked for what is ready, so a wait ends when the answer was there and not
when it was read.
"""

from __future__ import annotations

import selectors
import time
from contextvars import Context, ContextVar, copy_context
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

#: A poll that took less seconds did not wait: what it reports was ready before.
_AT_ONCE = 0.000_05
#: Seconds for which another thread may keep the interpreter after an answer has come.
_LONGEST_HOLD = 0.02


class Polls(selectors.DefaultSelector):
    """A selector that keeps the times of its last two polls.

    ``busy`` is how many seconds passed outside of polls, while what was ready had to wait.
    """

    def __init__(self) -> None:
        super().__init__()
        self.busy = 0.0
        self._returned = self._answered = self._answered_before = time.monotonic()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        called, cpu = time.monotonic(), time.process_time()
        ready = super().select(timeout)
        returned = time.monotonic()
        took = returned - called
        self.busy += called - self._returned
        # What a poll reports without waiting was ready at some time since the poll before.
        answered = self._returned
        if took > _AT_ONCE:
            # Other threads of this process may have held the interpreter when the answer came.
            answered = returned - min(took, time.process_time() - cpu, _LONGEST_HOLD)
        self._answered_before, self._answered, self._returned = self._answered, answered, returned
        return ready

    @property
    def answered(self) -> float:
        """When that was ready, at the earliest, for which the running task was waked.

        The loop wakes a task one poll after the one that reported its socket.
        """
        return self._answered_before


class Waited:
    """The seconds that one probe has waited for its target."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0

    @classmethod
    def begin(cls) -> Waited:
        """Count the waits of the current task from now on."""
        waited = cls()
        _current.set(waited)
        return waited

    @property
    def latency(self) -> Decimal:
        """Never zero, which would read as "not measured"."""
        return Decimal(str(round(max(self.seconds, 1e-6), 6)))


_current: ContextVar[Waited | None] = ContextVar("waited", default=None)


def note_wait(loop: asyncio.AbstractEventLoop, began: float) -> None:
    """A wait of the current task that began at ``began`` is over, in monotonic seconds."""
    waited = _current.get()
    if waited is None:
        return
    polls: Polls | None = getattr(loop, "polls", None)  # only our own loop has them
    ended = time.monotonic() if polls is None else polls.answered
    waited.seconds += max(0.0, ended - began)


def unnoted() -> Context:
    """A context for tasks whose waits do not count: several of them wait at the same time."""
    context = copy_context()
    context.run(_current.set, None)
    return context
