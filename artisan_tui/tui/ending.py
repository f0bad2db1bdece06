"""Ends the board in order on a signal and when its terminal is gone.

Textual dies without unmounting on SIGHUP, and spins on a terminal that was closed while
SIGHUP was ignored (nohup). Here both end the program within a second, with the journal saved.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from artisan_tui.engine.host import EngineHost

if TYPE_CHECKING:
    from textual.app import App

_SIGNALS = (signal.SIGHUP, signal.SIGTERM)


class Ending:
    """While it is entered, SIGHUP, SIGTERM and a hang-up of the terminal end ``app`` in order.

    ``code`` is what the program exits with: 0, or 128 plus the signal.
    """

    def __init__(self, app: App[Any], host: EngineHost, grace: float) -> None:
        self._app, self._host, self._grace = app, host, grace
        self._before: dict[int, object] = {}
        self._ending = threading.Lock()
        self.code = 0

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._signalled)
        threading.Thread(target=self._watch_terminal, name="hang-up", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, fingerprint: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave us

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._end(128 + number)

    def _end(self, code: int) -> None:
        if not self._ending.acquire(blocking=False):
            return
        self.code = code
        threading.Thread(target=self._force, name="ending", daemon=True).start()
        self._on_loop(lambda: self._app.exit(None))

    def _on_loop(self, act: Callable[[], None]) -> None:
        loop = getattr(self._app, "_loop", None)
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(act)

    def _force(self) -> None:
        """Let the engine save what waits, then end the process, whatever the terminal is doing."""
        started = time.monotonic()
        self._host.stop(self._grace)
        # Leave the screen a moment to hand back the terminal, if there still is one.
        time.sleep(max(0.05, min(0.3, self._grace + 0.1 - (time.monotonic() - started))))
        os._exit(self.code)

    def _watch_terminal(self) -> None:
        """Sleep in the kernel until the terminal hangs up; costs nothing meanwhile."""
        if not sys.platform.startswith("linux"):
            return  # poll() does not report terminals elsewhere; SIGHUP does
        poll = select.poll()
        with contextlib.suppress(OSError, ValueError):
            poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
            while True:
                for _fd, event in poll.poll():
                    if event & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                        self._end(128 + signal.SIGHUP)
                        return
