"""Hands what happened to the store, from one thread, in the order it happened.

Entries are committed at once, samples in batches. While the store fails (full disk,
locked file), entries wait here, are tried again, and the site says that nothing is being
written down; the world is still watched.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sample import CheckSample, Standing
from artisan_tui.engine.clock import Clock
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import Place

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

T = TypeVar("T")
#: Seconds between batches of samples: what a kill -9 can cost, in samples, never in events.
FLUSH_EVERY = 20.0
#: Samples that trigger a batch early, and the most kept while the store fails (the oldest go first).
FLUSH_AT = 500
BACKLOG = 50_000
#: Entries a read-only session keeps for its own screen.
READ_ONLY_KEPT = 200
#: Seconds between tries while the store fails, and between prunings.
RETRY_EVERY = 5.0
PRUNE_EVERY = 3600.0


class Keeper:
    """``on_events`` hears what was written, ``on_problem`` a sentence while nothing can be ("" when it can again)."""

    def __init__(
        self,
        place: Place,
        clock: Clock,
        on_events: Callable[[Sequence[Event]], None],
        on_problem: Callable[[str], None],
        *,
        read_only: bool = False,
    ) -> None:
        self.place, self._clock = place, clock
        self._on_events, self._on_problem = on_events, on_problem
        self._read_only = read_only
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._store: Store | None = None
        self._opening: asyncio.Future[None] | None = None
        self._entries: deque[Entry] = deque()
        self._samples: deque[CheckSample] = deque(maxlen=BACKLOG)
        self._standings: dict[str, Standing] = {}
        self._wake = asyncio.Event()
        self._problem = ""
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Open the store off the loop: importing SQLModel alone takes a third of a second.

        A session may end before this has: then `close` waits for the same opening.
        """
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open_once())
        await asyncio.shield(self._opening)

    async def _open_once(self) -> None:
        try:
            self._store = await self._in_thread(self._open)
            newer = self._store.newer
            self._say("the store was written by a newer artisan-tui: read-only" if newer else "")
        except StoreError as error:
            self._say(str(error))
        finally:
            self._opening = None

    def _open(self) -> Store:
        from artisan_tui.store.store import Store  # heavy, and already off the first frame

        return Store.open(self.place, read_only=self._read_only)

    @property
    def unwritten(self) -> tuple[Entry, ...]:
        """Entries that cannot be written down now, oldest first; empty while all is well."""
        return tuple(self._entries) if self._problem or self._read_only else ()

    @property
    def waiting(self) -> tuple[CheckSample, ...]:
        """Samples not yet written down, oldest first."""
        return tuple(self._samples)

    def tell(self, entries: Sequence[Entry], standings: Sequence[Standing] = ()) -> None:
        """Write these down now; they appear through ``on_events`` once they are committed.

        A read-only session keeps them for its own screen and writes nothing.
        """
        self._entries.extend(entries)
        if self._read_only:
            while len(self._entries) > READ_ONLY_KEPT:
                self._entries.popleft()
            return
        self._standings.update((s.check_id, s) for s in standings)
        self._wake.set()

    def note_sample(self, sample: CheckSample, standing: Standing) -> None:
        if self._read_only:
            return
        self._samples.append(sample)
        self._standings[standing.check_id] = standing
        if len(self._samples) >= FLUSH_AT:
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled: commit entries as they come, samples every `FLUSH_EVERY`."""
        pruned = self._clock.monotonic()
        while True:
            if self._problem:
                # Not on every entry: a full disk is not helped by being asked a hundred times a second.
                await asyncio.sleep(RETRY_EVERY)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FLUSH_EVERY):
                        await self._wake.wait()
            self._wake.clear()
            if self._store is None:
                await self.open()
            await self.flush()
            if self._store is not None and self._clock.monotonic() - pruned > PRUNE_EVERY:
                pruned = self._clock.monotonic()
                await self._try(lambda store: store.prune(self._clock.now()))

    async def flush(self) -> None:
        """Write down everything that waits, entries first. What fails waits on."""
        async with self._writing:
            if self._store is None or self._store.read_only:
                return
            standings, self._standings = self._standings, {}
            kept = tuple(standings.values())
            if self._entries:
                entries = list(self._entries)
                events = await self._try(lambda store: store.append(entries, kept, at=self._clock.now()))
                if events is None:
                    self._standings = standings | self._standings
                    return
                for _ in entries:
                    self._entries.popleft()
                self._on_events(events)
            if self._samples:
                samples = list(self._samples)
                self._samples.clear()
                if await self._try(lambda store: _recorded(store, samples, kept)) is None:
                    self._standings = standings | self._standings
                    self._samples.extendleft(reversed(samples))

    async def ask(self, question: Callable[[Store], T]) -> T | None:
        """Read something from the store, in its thread; None when it cannot be read now."""
        return await self._try(question)

    async def _try(self, work: Callable[[Store], T]) -> T | None:
        store = self._store
        if store is None:
            return None
        try:
            result = await self._in_thread(lambda: work(store))
        except StoreError as error:
            self._say(str(error))
            return None
        except Exception as error:  # noqa: BLE001 - a defect of ours must be seen, not end the watch
            self._say(printable(f"a defect of ours: {type(error).__name__}: {error}", 300))
            return None
        if not store.newer:
            self._say("")
        return result

    def _say(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            self._on_problem(problem)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Write down what waits and let go of the file."""
        if self._store is None and not self._read_only:
            await self.open()
        await self.flush()
        if self._store is not None:
            await self._in_thread(self._store.close)
        self._thread.shutdown(wait=False)


def _recorded(store: Store, samples: Sequence[CheckSample], standings: Sequence[Standing]) -> bool:
    store.record(samples, standings)
    return True
