"""Run blocking library code in a thread, away from the event loop.

Python cannot stop a thread from outside. A call that never returns keeps its thread, and its probe starts no second
one before the first returns. A daemon that hangs therefore costs one thread per check and does not stop the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text

P = ParamSpec("P")
T = TypeVar("T")


class StillBlocked(Exception):
    """The previous call has not returned yet. ``seconds`` is the time since it started."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the probe that began {span_text(seconds)} ago has not finished")
        self.seconds = seconds

    @property
    def failure(self) -> Failure:
        """The failure of the probe. It is blind: the cause may be the target, this machine or the library."""
        return Failure(Reason.BLOCKED, str(self), blind=True)


class Blocking:
    """Runs one blocking call at a time in a daemon thread, so the process can exit while a call hangs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._since: float | None = None

    async def run(self, timeout: float, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``work`` returns, or raise what it raises.

        Raises TimeoutError after ``timeout`` seconds, and StillBlocked while the previous call runs.
        """
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
                # None is passed only with an error, or when T is None
                done.set_result(result)  # type: ignore[arg-type]

        def call() -> None:
            result: T | None = None
            problem: BaseException | None = None
            try:
                result = work(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again in `run`
                problem = error
            with contextlib.suppress(RuntimeError):  # the event loop has closed in the meantime
                loop.call_soon_threadsafe(settle, result, problem)

        threading.Thread(target=call, name=f"probe {self._name}", daemon=True).start()
        async with asyncio.timeout(timeout):
            return await done
