"""Whether another session wrote to the store: seen at its file, heard from its server, or not known and asked for.

SQLite: the file changes with every commit. PostgreSQL: every commit announces itself (`store.listening`). Where
announcements do not arrive, as behind a pooler in transaction mode, the store is asked several times a second as
if there were none, and that is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

from artisan_tui.domain.lease import Lease
from artisan_tui.engine.bus import Bus, StoreRemarked
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.journal_writer import JournalWriter

if TYPE_CHECKING:
    from artisan_tui.store.listening import StoreListener

#: Seconds after which the store is read although nothing was heard: half a lease's patience, and rarely anything new.
AUDIT_EVERY = 3.0
#: Seconds in which several announcements are answered with one read.
GATHER = 0.03
#: Changes in a row that were found and never announced, after which announcements are not relied on.
_UNHEARD = 2
#: Seconds by which this machine's clock may differ from the server's before it is said.
_SKEW = 5.0


class StoreNews:
    """Says `StoreRemarked` on the bus."""

    def __init__(self, writer: JournalWriter, clock: Clock, bus: Bus) -> None:
        self._writer, self._clock, self._bus = writer, clock, bus
        self._listener: StoreListener | None = None
        self._woken = asyncio.Event()
        #: Announcements of all, of others, and connections: together they say whether anything may be new.
        self._heard = self._news = self._connections = 0
        self._proved = self._deaf = False
        self._unheard = 0
        self._last: tuple[object, int] | None = None
        self._read_at = float("-inf")
        self._said = ""

    @property
    def trusted(self) -> bool:
        """Whether what others write is heard of at once."""
        listener = self._listener
        return listener is not None and listener.connected and not self._deaf and (self._proved or not listener.pooled)

    def mark(self) -> object:
        """Another one after every commit of another session, and now and then without; None where that cannot be told."""
        path = self._writer.store_thread.place.sqlite_path
        if path is None:
            due = self._clock.monotonic() - self._read_at >= AUDIT_EVERY
            return None if due or not self.trusted else (self._news, self._connections)
        try:
            seen = os.stat(f"{path}-wal")
        except OSError:
            return None
        return (seen.st_ino, seen.st_size, seen.st_mtime_ns)

    def read(self, events: int | None, lease: Lease) -> None:
        """The store says this now."""
        self._read_at = self._clock.monotonic()
        state = (events, lease.fence, lease.beat)
        if self._last is not None and self._listener is not None and self._listener.connected:
            before, heard = self._last
            if self._heard != heard:
                self._unheard, self._proved, self._deaf = 0, True, False
            elif state != before:
                self._unheard += 1
                self._deaf = self._deaf or self._unheard >= _UNHEARD
            self._remark()
        self._last = (state, self._heard)

    async def pause(self, seconds: float) -> None:
        """Until something is heard, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
                await asyncio.sleep(GATHER)
        self._woken.clear()

    async def run(self) -> None:
        """Listen until cancelled; returns where the store's database announces nothing."""
        thread = self._writer.store_thread
        if thread.place.sqlite_path is not None:
            return
        from artisan_tui.store.listening import StoreListener  # loads the driver, which the store has loaded already

        self._listener = StoreListener(lambda: thread.place, self._clock.now, self._hear, self._changed)
        await self._listener.run()

    def _hear(self, voice: str) -> None:
        self._heard += 1
        if voice != self._writer.store_thread.voice:
            self._news += 1
            self._woken.set()

    def _changed(self) -> None:
        assert self._listener is not None
        self._last, self._unheard = None, 0
        if self._listener.connected:
            self._connections += 1
            self._writer.server_is_back()
            self._woken.set()
        self._remark()

    def _remark(self) -> None:
        said = self._remarks()
        if said != self._said:
            self._said = said
            self._bus.say(StoreRemarked(said))

    def _remarks(self) -> str:
        if self._listener is None:
            return ""
        ahead = self._listener.ahead or 0.0
        seconds = f"{abs(ahead):.0f}"
        if ahead >= _SKEW:
            return (
                f"the clock of this machine is {seconds} s ahead of the store's server: what this session writes and the "
                "timers it keeps carry this machine's time; correct it (chronyc tracking)"
            )
        if ahead <= -_SKEW:
            return (
                f"the clock of this machine is {seconds} s behind the store's server: what this session writes and the "
                "timers it keeps carry this machine's time; correct it (chronyc tracking)"
            )
        if self._deaf and self._listener.connected:
            return (
                "a connection pooler keeps the store's announcements from us: what others do is asked for and seen up "
                "to a second later; use the port of PostgreSQL itself, or pool_mode = session"
            )
        return ""
