"""A thread pool that nothing waits for, not even the end of the interpreter."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class WorkerThreads(ThreadPoolExecutor):
    """Daemon threads, started on demand, at most ``most``.

    It subclasses ThreadPoolExecutor because asyncio accepts no other type as its default executor. It starts its own
    threads, so the interpreter does not join them at exit.
    """

    def __init__(self, most: int = 64, name: str = "work") -> None:
        super().__init__(1, name)
        self._most, self._name = most, name
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = self._idle = 0
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises RuntimeError after `shutdown`, or if the system allows no thread at all."""
        future: Future[T] = Future()

        def work() -> None:
            if self._closed:
                future.cancel()
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again where the result is awaited
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            if self._idle:
                self._idle -= 1
            elif self._started < self._most:
                self._start()
            self._waiting.put(work)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Never waits, whatever ``wait`` says. Running calls continue unobserved, queued ones are cancelled."""
        with self._lock:
            self._closed = True
            for _ in range(self._started):
                self._waiting.put(None)

    def _start(self) -> None:
        thread = threading.Thread(target=self._run_queue, name=f"{self._name} {self._started}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system allows no more threads
            if not self._started:
                raise
            return
        self._started += 1

    def _run_queue(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()
            del work  # do not keep the result alive while waiting
            with self._lock:
                self._idle += 1
