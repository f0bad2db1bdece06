"""The engine in a thread of its own, so that nothing it does can hold the screen's loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.engine.garbage import GARBAGE
from artisan_tui.engine.launch import Options
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.core import Engine
    from artisan_tui.engine.wing import Query

T = TypeVar("T")


class EngineHost:
    """``publish`` and ``failed`` are called in the engine's thread.

    ``failed`` receives whatever ended the engine: a ConfigError, or a defect of ours.
    """

    def __init__(
        self, options: Options, publish: Callable[[Snapshot], None], failed: Callable[[BaseException], None]
    ) -> None:
        self._options, self._publish, self._failed = options, publish, failed
        self._engine: Engine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)

    def start(self) -> None:
        """Begin, now that the first frame is out."""
        GARBAGE.begin()
        self._thread.start()

    def _live(self) -> None:
        try:
            from artisan_tui.engine.threads import run  # not before the first frame

            run(self._run())
        except BaseException as error:  # noqa: BLE001 - told to the screen, which ends with it
            self._failed(error)

    async def _run(self) -> None:
        from artisan_tui.engine.core import Engine  # not before the first frame

        self._engine = Engine(self._options, self._publish)
        self._loop = asyncio.get_running_loop()
        if not self._stopping.is_set():
            await self._engine.run()

    def submit(self, command_id: str, arguments: Mapping[str, str]) -> Future[Reply]:
        """Carry out a command; the future holds its reply. Safe from any thread."""
        engine, loop = self._engine, self._loop
        if engine is None or loop is None or not loop.is_running():
            early: Future[Reply] = Future()
            early.set_result(Reply(False, _("still starting: try again in a moment")))
            return early
        return asyncio.run_coroutine_threadsafe(engine.execute(command_id, arguments), loop)

    def ask(self, query: Query[T]) -> Future[T]:
        """Read something; the future raises LookupError while it cannot be read. Safe from any thread."""
        engine, loop = self._engine, self._loop
        if engine is None or loop is None or not loop.is_running():
            early: Future[T] = Future()
            early.set_exception(LookupError(_("still starting: try again in a moment")))
            return early
        return asyncio.run_coroutine_threadsafe(query.run(engine), loop)

    def stop(self, timeout: float = 0.8) -> bool:
        """Ask the engine to write down what waits and end; True when it did within ``timeout`` seconds."""
        self._stopping.set()
        engine, loop = self._engine, self._loop
        if engine is not None and loop is not None and loop.is_running():
            loop.call_soon_threadsafe(engine.stop)
        if self._thread.is_alive():
            self._thread.join(timeout)
        GARBAGE.end()
        return not self._thread.is_alive()
