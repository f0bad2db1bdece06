"""Reads ahead, while the program is at rest, what a first past moment would wait for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from artisan_tui.engine.garbage import GARBAGE
from artisan_tui.engine.past.kinds import Then, past_wings
from artisan_tui.engine.past.steps import ChangeBeside

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

#: Between two parts, in seconds: others use the store's thread meanwhile, and the screen its own.
_PAUSE: Final = 0.03
#: Seconds of processor time after which the rest is left to the moments that need it.
MOST_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """The query that reads ahead for the newest past moment, in parts; how many there were. LookupError while nothing can be read."""

    async def run(self, core: Core) -> int:
        await core.journal_read.wait()
        now = core.clock.now()
        return await core.past.read_ahead(await ChangeBeside(now).run(core) or now)


async def read_in_parts(then: Then) -> int:
    """With pauses between them, until nothing is left or it has cost enough; how many parts there were."""
    work, parts = _Work(then), 0
    while await then.core.ask(work.go_on):
        parts += 1
        await asyncio.sleep(_PAUSE)
    GARBAGE.keep()  # it stays: no thorough collection is to be due for it
    return parts


class _Work:
    def __init__(self, then: Then) -> None:
        self._store, self._parts = then.store, _parts(then)
        self._used = 0.0

    def go_on(self, store: Store) -> bool:
        """Read one part, in the store's thread; whether there was one."""
        if store is not self._store or self._used > MOST_SECONDS:
            return False
        began = time.thread_time()
        try:
            return next(self._parts, self) is not self
        finally:
            self._used += time.thread_time() - began


def _parts(then: Then) -> Iterator[None]:
    for wing in past_wings():
        if hasattr(wing, "ahead"):
            yield from wing.ahead(then)
        else:
            for made in wing.past(then):
                then.made[type(made)] = made
            yield
