"""Work that blocks, such as a library's that knows no asyncio, away from the loop.

A thread cannot be ended from outside. One that never comes back is left behind, and its probe
starts no other before it does: a hung daemon costs one thread per check, never the watch.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from artisan_tui.domain.probe_result import Failure, Reason
from artisan_tui.domain.span import span_text

P = ParamSpec("P")
T = TypeVar("T")


class StillBlocked(Exception):
    """The work before has not come back yet; ``seconds`` since it began."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the probe that began {span_text(seconds)} ago has not finished")
        self.seconds = seconds

    @property
    def failure(self) -> Failure:
        """Blind: what blocks may be the target's machine or a library of ours."""
        return Failure(Reason.BLOCKED, str(self), blind=True)


class Blocking:
    """One piece of blocking work at a time, in a daemon thread: quitting does not wait for it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._since: float | None = None

    async def run(self, timeout: float, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work`` returns or raises. TimeoutError after ``timeout`` seconds, StillBlocked while an earlier one runs."""
        if self._since is not None:
            raise StillBlocked(time.monotonic() - self._since)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._since = time.monotonic()

        def settle(result: T | None, error: BaseException | None) -> None:
            self._since = None
            if done.cancelled():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]  # None only beside an error or as T itself

        def live() -> None:
            result: T | None = None
            problem: BaseException | None = None
            try:
                result = work(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again where the result is waited for
                problem = error
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, result, problem)

        threading.Thread(target=live, name=f"look {self._name}", daemon=True).start()
        async with asyncio.timeout(timeout):
            return await done
