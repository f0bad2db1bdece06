"""What attempts printed is kept for a while: folders of runs that are long over are removed. The journal keeps the rest."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from artisan_tui.engine.bus import Ticked
from artisan_tui.engine.runbooks.shim.folder import is_locked
from artisan_tui.engine.wing import Core

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

#: How long the output of a run is kept after its end.
KEPT: Final = timedelta(days=30)
#: Seconds between two looks, and folders that are looked at in one of them.
EVERY: Final = 3600.0
_MOST: Final = 500
_ASIDE: Final = ".gone."


class FolderKeeping:
    """Every session that may write clears the folders of its own state folder: runs of other machines are not there."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._looked: float | None = None
        core.bus.on(Ticked, lambda tick: self._tick())

    def _tick(self) -> None:
        core, now = self._core, self._core.clock.monotonic()
        if core.config is None or core.options.session.read_only or not core.journal_read.is_set():
            return
        if self._looked is None or now - self._looked >= EVERY:
            self._looked = now
            core.aside(self.clear())

    async def clear(self) -> None:
        """Look once."""
        now, folder = self._core.clock.now(), self._core.options.place.state_dir / "runs"
        names = await asyncio.to_thread(untouched, folder, now)
        over = await self._core.ask(lambda store: long_over(store, names, now)) if names else ()
        if over:
            await asyncio.to_thread(remove, folder, over, now)


def untouched(folder: Path, now: datetime) -> tuple[str, ...]:
    """The runs in whose folder nothing was begun for so long, the oldest first."""
    try:
        for each in folder.glob(f"{_ASIDE}*"):
            each.rename(folder / each.name.removeprefix(_ASIDE))  # a session ended in the middle of it
        there = [each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()]
        found = sorted((each.stat().st_mtime, each.name) for each in there if _old(each, now))
    except OSError:
        return ()  # it is not there yet, or another session clears it
    return tuple(name for _at, name in found[:_MOST])


def long_over(store: Store, names: Sequence[str], now: datetime) -> tuple[str, ...]:
    """Those that ended so long ago, in both directions. What the store does not know is left alone."""
    from artisan_tui.store.runbooks.part import RunbookStore

    runs = store.part(RunbookStore)
    found = [runs.get(each) for each in names]
    return tuple(
        each.id
        for each in found
        if each is not None and each.over and each.finished_at is not None and now - each.finished_at > KEPT
    )


def remove(folder: Path, names: Sequence[str], now: datetime) -> None:
    """Remove them, but for one in which something lives or was begun just now: its record is what says so."""
    for name in names:
        there, aside = folder / name, folder / f"{_ASIDE}{name}"
        try:
            there.rename(aside)  # nothing can begin in it any more
            if _old(aside, now) and not any(map(_lives, aside.glob("*"))):
                shutil.rmtree(aside, ignore_errors=True)
            else:
                aside.rename(there)
        except OSError:
            continue  # another session was there first


def _old(folder: Path, now: datetime) -> bool:
    return now - datetime.fromtimestamp(folder.stat().st_mtime, UTC) > KEPT


def _lives(attempt: Path) -> bool:
    return attempt.is_dir() and is_locked(attempt)
