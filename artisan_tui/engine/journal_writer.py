"""Hands what happened to the store, in the order it happened.

Entries are committed at once, samples in batches. While the store fails (full disk,
locked file), entries wait here and are tried again, and the session status says that nothing
is saved; probing goes on.

What probing led to is written under the lease's fencing token only: a session
that lost it while it stood still adds nothing. What a person did needs no lease.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence

from artisan_tui.domain.checks.sample import CheckSample, CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import BEAT_ALONE, BEAT_EVERY
from artisan_tui.domain.shown import ShownPiece
from artisan_tui.engine.bus import Bus, EventsWritten, QueryFailed, StoreReplaced, StoreTroubled
from artisan_tui.engine.checks import stored
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.store_thread import StoreThread
from artisan_tui.store.place import StorePlace
from artisan_tui.store.quarantine import Recovery

#: Seconds within which other sessions read what changed on this one's screen, when there are any: on SQLite, and where
#: they hear of it at once.
SHARE_WITHIN, SHARE_AT_ONCE = 0.35, 0.1
#: Samples that trigger a batch early, and the most kept while the store fails (the oldest go first).
FLUSH_AT = 500
BACKLOG = 50_000
#: Entries a read-only session keeps for its own screen.
READ_ONLY_KEPT = 200
#: Seconds between tries while the store fails, and between prunings.
RETRY_EVERY = 5.0
PRUNE_EVERY = 3600.0


class JournalWriter:
    """Tells the bus `EventsWritten`, `StoreTroubled`, `QueryFailed` and `StoreReplaced`.

    ``check_statuses`` gives the present status of checks by id. ``fence`` is the lease's token while this session is
    the leader, None while it is not, or does not know yet.
    """

    def __init__(self, place: StorePlace, clock: Clock, bus: Bus, *, read_only: bool = False) -> None:
        self._clock, self._bus = clock, bus
        self._back = asyncio.Event()
        self.check_statuses: Callable[[Sequence[str]], Sequence[CheckStatus]] = lambda check_ids: ()
        self.store_thread = StoreThread(
            place,
            clock,
            self._troubled,
            self._lost,
            self._replaced,
            read_only=read_only,
            on_defect=lambda said: bus.say(QueryFailed(said)),
        )
        self._read_only = read_only
        self.fence: int | None = None
        #: Another session shows what this one finds, and wants it soon.
        self.shared = False
        #: Seconds between two probes of the check that is probed most often: no reader may have older samples for long.
        self.pace = BEAT_EVERY
        #: What a person did, and what probing led to: the second under the lease only.
        self._entries: deque[Entry] = deque()
        self._findings: deque[Entry] = deque()
        self._samples: deque[CheckSample] = deque(maxlen=BACKLOG)
        self._shown: deque[ShownPiece] = deque(maxlen=BACKLOG)
        self._changed: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._due: float | None = None
        self._writing = asyncio.Lock()

    # -- what waits ---------------------------------------------------------

    @property
    def unwritten(self) -> tuple[Entry, ...]:
        """Entries that cannot be written down now, oldest first; empty while all is well."""
        if not (self.store_thread.problem or self._read_only):
            return ()
        return tuple(sorted((*self._entries, *self._findings), key=lambda entry: entry.occurred_at))

    @property
    def waiting(self) -> tuple[CheckSample, ...]:
        """Samples not yet written down, oldest first."""
        return tuple(self._samples)

    def tell(self, *entries: Entry) -> None:
        """Write down what a person or this session did; it appears as `EventsWritten` once it is committed.

        A read-only session keeps it for its own screen and writes nothing.
        """
        self._take(self._entries, entries)

    def find(self, entries: Sequence[Entry], changed: Sequence[str] = ()) -> None:
        """Write down what probing led to, with the statuses of the checks that ``changed``."""
        self._changed.update(dict.fromkeys(changed))
        self._take(self._findings, entries)

    def _take(self, waiting: deque[Entry], entries: Sequence[Entry]) -> None:
        waiting.extend(entries)
        if self._read_only:
            while len(waiting) > READ_ONLY_KEPT:
                waiting.popleft()
        elif entries:
            self._wake.set()

    def note_sample(self, sample: CheckSample, *, quiet: bool) -> None:
        """``quiet``: the board shows the same as before this probe."""
        if self._read_only:
            return
        self._samples.append(sample)
        self._changed[sample.check_id] = None
        if len(self._samples) >= FLUSH_AT:
            self._wake.set()
        elif self.shared and not quiet:
            self.hasten(SHARE_WITHIN if self.store_thread.place.sqlite_path is not None else SHARE_AT_ONCE)

    def keep(self, pieces: Sequence[ShownPiece]) -> None:
        """What is shown from now on; written with the samples."""
        if not self._read_only:
            self._shown.extend(pieces)

    def hasten(self, seconds: float) -> None:
        """Write no later than ``seconds`` from now."""
        due = self._clock.monotonic() + seconds
        if self._due is None or due < self._due:
            self._due = due
            self._wake.set()

    def server_is_back(self) -> None:
        """The store's server takes connections again: what waits is tried now."""
        if self.store_thread.problem:
            self._back.set()

    def drop(self) -> None:
        """Forget what probing led to and is not written: another session is the leader."""
        self._findings.clear()
        self._samples.clear()
        self._shown.clear()
        self._changed.clear()

    def _troubled(self, problem: str) -> None:
        if not problem:
            self._back.set()  # whatever else found out: what waits need not wait for its next try
        self._bus.say(StoreTroubled(problem))

    def _lost(self) -> None:
        self.fence = None
        self.drop()

    def _replaced(self, recovery: Recovery) -> None:
        """The lease is gone with the old store; what waits goes into the new one, after how it came about."""
        self.fence = None
        waiting = sorted((*self._entries, *self._findings), key=lambda entry: entry.occurred_at)
        self._entries = deque((recovery.entry, *waiting))
        self._findings.clear()  # their lease is gone
        self._bus.say(StoreReplaced(recovery.notice))

    # -- writing ------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled: commit entries as they come, samples with every beat of the lease."""
        pruned = self._clock.monotonic()
        while True:
            await self._pause()
            if self.store_thread.problem or not self.store_thread.readable or await self.store_thread.renewed():
                await self.store_thread.mend()
            await self.flush()
            if self.fence is not None and self._clock.monotonic() - pruned > PRUNE_EVERY:
                pruned = self._clock.monotonic()
                await self.store_thread.change(lambda store: store.prune(self._clock.now()))

    async def _pause(self) -> None:
        if self.store_thread.problem:
            # Not on every entry: a full disk is not helped by being asked a hundred times a second.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_EVERY):
                    await self._back.wait()
            self._back.clear()
            self._wake.clear()
            return
        self._due = self._clock.monotonic() + self._beat_within()
        while (left := self._due - self._clock.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._wake.wait()
            self._wake.clear()
            if self._entries or (self._findings and self.fence is not None) or len(self._samples) >= FLUSH_AT:
                return

    def _beat_within(self) -> float:
        return BEAT_EVERY if self.shared else min(BEAT_ALONE, max(BEAT_EVERY, self.pace))

    async def flush(self) -> None:
        """Write down everything that waits, entries first. What fails waits on. A beat of the lease, if it is held."""
        # A task cancelled in the middle of a write would write the same again.
        await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        async with self._writing:
            if not self.store_thread.readable or self.store_thread.only_read:
                return
            await self._flush_entries()
            if self.fence is not None:
                await self._flush_findings(self.fence)
            elif self.store_thread.problem:
                # Nothing of ours to write, and still somebody must find out that it can be written again.
                await self.store_thread.change(lambda store: store.leases.touch())

    async def _flush_entries(self) -> None:
        entries = list(self._entries)
        if not entries:
            return
        events = await self.store_thread.change(lambda store: store.append(entries, at=self._clock.now()))
        if events is not None:
            _take_out(entries, self._entries)
            self._bus.say(EventsWritten(events))

    async def _flush_findings(self, fence: int) -> None:
        changed, self._changed = self._changed, {}
        check_statuses = self.check_statuses(list(changed))
        findings = list(self._findings)
        if findings:
            # With the statuses they led to: a kill after this costs samples, never an event.
            events = await self.store_thread.change(
                lambda store: stored.append(store, findings, check_statuses, self._clock.now(), fence)
            )
            if events is None:
                self._changed = changed | self._changed
                return
            _take_out(findings, self._findings)
            self._bus.say(EventsWritten(events))
        samples = list(self._samples)
        shown = list(self._shown)
        self._samples.clear()
        self._shown.clear()
        kept = () if findings else check_statuses
        if (
            await self.store_thread.change(lambda store: stored.record(store, samples, kept, fence, shown)) is None
            and self.fence == fence
        ):
            self._samples.extendleft(reversed(samples))
            self._shown.extendleft(reversed(shown))
            self._changed = changed | self._changed

    async def close(self, last: Sequence[Entry] = ()) -> None:
        """Write down what waits and ``last`` after all of it, release the lease, and close the file."""
        if not self._read_only:
            await self.store_thread.open()
        await self.flush()
        if not self._read_only and (self._entries or self._findings):
            await self.store_thread.mend(at_once=True)
            if self.fence is None:
                # Found without a lease, by a session that probed for itself: a follower has dropped them.
                self._entries.extend(self._findings)
                self._findings.clear()
            await self.flush()
        self.tell(*last)  # with the entries before it, a flush would write it ahead of the findings
        await self.flush()
        fence = self.fence
        if fence is not None:
            await self.store_thread.change(lambda store: store.leases.release(fence))
        await self.store_thread.close()


def _take_out(written: Sequence[Entry], waiting: deque[Entry]) -> None:
    """Not simply the first ones: another session may have taken over, or a new store may have been created, meanwhile."""
    for entry in written:
        with contextlib.suppress(ValueError):
            waiting.remove(entry)
