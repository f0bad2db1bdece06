"""The SLOs of a running session: read every minute, evaluated, written down, shown."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.events import OverrideEnded
from artisan_tui.domain.slo.gate import Override, gate
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import latest_end, settled
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.stored import samples_between
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.slo.books import books_of, read_book
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.slo.ledger import Now, SloLedger, since_of
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.engine.slo.slice import SloSlice

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.checks.sample import CheckSample
    from artisan_tui.domain.event import Entry
    from artisan_tui.engine.slo.backfill import Backfill
    from artisan_tui.sources.metrics.range_source import RangeSource, Resumable
    from artisan_tui.store.store import Store

#: Seconds after a minute is over until it is read: a server has its samples by then.
AFTER = 2.0
#: Seconds between two evaluations while a backfill goes on, and between reads of what the leader filled.
SHOW_EVERY, FOLLOW_EVERY = 1.0, 5.0
#: Seconds until a server that could not answer is asked again, at first, and at most.
RETRY_AFTER, RETRY_AT_MOST = 1.0, 30.0
#: Minutes without news after which what is known is called old; a follower hears of a minute when it is final.
PATIENCE, FOLLOW_PATIENCE = 3, 5


class SloService:
    """``journal_read`` is set when what the journal says is in force has been read.

    ``show`` receives what is to be published, ``find`` what there is to write down.
    """

    def __init__(
        self,
        writer: JournalWriter,
        clock: Clock,
        windows: MaintenanceWindows,
        overrides: Overrides,
        burn_alerts: BurnAlerts,
        journal_read: asyncio.Event,
        show: Callable[[SloSlice], None],
        find: Callable[[list[Entry]], None],
    ) -> None:
        self._writer, self._clock = writer, clock
        self._windows, self._overrides, self._burn_alerts = windows, overrides, burn_alerts
        self._journal_read, self._show, self._find = journal_read, show, find
        self._ledgers: list[SloLedger] = []
        self._backfill: Backfill | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._reading = False
        self._retry = RETRY_AFTER / 2
        self._now: Now | None = None
        self._evaluated = float("-inf")
        #: Seconds of the last evaluation: a hundred ledgers are not evaluated again for every piece of a backfill.
        self._cost = 0.0
        self._following = self._reload = False
        #: The source, if the next session needs its samples, and whether it has those of the last one.
        self._scraper: Resumable | None = None
        self._resumed = False
        #: What this session had when it began to rest: newer than what is in a store that could not be written.
        self._left: bytes | None = None
        self._keeping = asyncio.Lock()
        #: The override whose end this session has told.
        self._ended: Override | None = None

    @property
    def ledgers(self) -> tuple[SloLedger, ...]:
        """As this session has them, in file order. Only this service changes them."""
        return tuple(self._ledgers)

    # -- life ---------------------------------------------------------------

    def prepare(self, config: Config, past: RangeSource | None, *, following: bool) -> None:
        """Take the configuration's SLOs, while resting; ``following``: another session reads them.

        No I/O, and before ``past`` begins to gather: a scraper keeps only what somebody wants.
        """
        # Heavy: the configuration's models, and what reads metrics.
        from artisan_tui.engine.slo.backfill import Backfill
        from artisan_tui.engine.slo.opening import open_ledgers
        from artisan_tui.sources.metrics.range_source import Resumable

        self._scraper, self._resumed = (past if isinstance(past, Resumable) else None), False
        before = {each.spec.id: each for each in self._ledgers}
        self._ledgers = open_ledgers(config, past, self._samples)
        for ledger in self._ledgers:
            known = before.get(ledger.spec.id)
            if known is not None and known.indicator.definition == ledger.indicator.definition:
                # What is in memory need not be read from the store again.
                ledger.rows, ledger.known, ledger.written_to = known.rows, known.known, known.written_to
                # Who follows has nothing to write: what it read before may be older than what is there now.
                ledger.unkept = {} if following else known.unkept
                ledger.doubts.follow(known.doubts, following=following)
        self._following = following
        self._left = None if following else self._left
        self._backfill = Backfill(self._ledgers, past, self._changed)

    def begin(self) -> None:
        """Read and evaluate what was prepared, from now on."""
        self._reading = bool(self._ledgers)
        self._show(SloSlice(reading=self._reading))
        if self._ledgers:
            self._task = asyncio.create_task(self._run(), name="budgets")

    async def rest(self) -> None:
        """Read nothing any more. What was read stays shown."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self._keep()
            self._left = await self._hand_over()

    def ask_again(self) -> None:
        """Ask for what is missing once more, now, and read what another process has counted again."""
        if self._backfill is not None:
            self._backfill.ask_again()
        self._reload = True
        self._wake.set()

    def store_replaced(self) -> None:
        """Another store was begun: it shall have what this session knows, some of which no server knows any more."""
        final = {
            each.spec.id: settled((self._now or self._here()).of(each), each.interval_ms) for each in self._ledgers
        }
        for ledger in self._ledgers:
            ledger.known = 0
            whole = ledger.wanted(final[ledger.spec.id])
            ledger.unkept = {row[0]: row for row in ledger.rows.rows(whole)}
            ledger.doubts.keep_again(whole)

    async def _run(self) -> None:
        await self._load()
        await self._journal_read.wait()
        for ledger in self._ledgers:
            ledger.held = self._burn_alerts.held(ledger.spec.id, ledger.slo.plan.pairs)
        while True:
            try:
                await self._once()
            except Exception as error:  # noqa: BLE001 - a defect of ours must be seen, and never pass for a healthy budget
                self._broken(error)
            await self._pause()

    async def _once(self) -> None:
        if self._reload and not self._following:
            self._reload = False
            await self._load()
        if self._following:
            await self._load()
            self._now = self._here()
        else:
            await self._round()
        self._reading = False
        self.evaluate()

    def _broken(self, error: Exception) -> None:
        said = printable(f"internal error: {type(error).__name__}: {error}", 300)
        for ledger in self._ledgers:
            ledger.problem, ledger.read_until = said, None
        self._reading = False
        try:
            self.evaluate()
        except Exception:  # noqa: BLE001 - the evaluation itself failed
            self._show(SloSlice(gate=gate((), None, self._clock.now())))

    async def _round(self) -> None:
        assert self._backfill is not None
        self._now = await self._backfill.now(self._clock.now())
        await self._backfill.news(self._now)
        self._reading = False
        self.evaluate()
        await self._backfill.holes(self._now)
        await self._backfill.recount(self._now)
        await self._backfill.match(self._now)
        await self._keep()

    async def _pause(self) -> None:
        """Until the next minute is over, or somebody asks."""
        now = self._clock.now()
        left = FOLLOW_EVERY if self._following else 60.0 - (now.second + now.microsecond / 1e6) + AFTER
        if not self._following and any(each.problem for each in self._ledgers):
            self._retry = min(2 * self._retry, RETRY_AT_MOST)
            left = min(left, self._retry)
        else:
            self._retry = RETRY_AFTER / 2
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._wake.wait()
        self._wake.clear()

    # -- evaluation ---------------------------------------------------------

    async def _changed(self) -> None:
        """Rows came. The store and the screen hear of it soon, not each time."""
        if self._clock.monotonic() - self._evaluated >= max(SHOW_EVERY, 20 * self._cost):
            self.evaluate()
            await self._keep()

    def evaluate(self) -> None:
        """Say what the ledgers come to now."""
        if not self._ledgers or self._reading:
            return
        self._evaluated = self._clock.monotonic()
        now, wall = self._now or self._here(), self._clock.now()
        windows = self._windows.history(since_of(self._ledgers, now.ours), wall)
        slo_statuses = tuple(
            each.slo_status(now.of(each), windows, stale=self._stale(each, now), tail=not self._following)
            for each in self._ledgers
        )
        self._end_override(wall)
        verdict = gate(
            ((each.id, each.evaluation.status) for each in slo_statuses), self._overrides.override(wall), wall
        )
        if not self._following:
            entries = self._burn_alerts.hear(slo_statuses, wall)
            if entries:
                self._find(entries)
        self._show(SloSlice(slo_statuses, verdict))
        self._cost = self._clock.monotonic() - self._evaluated

    def _end_override(self, wall: datetime) -> None:
        """The journal says that an override is over, so that no clock that is set back brings it to life again."""
        if self._now is not None:
            self._overrides.passed(datetime.fromtimestamp(self._now.server / 1000, UTC))
        self._overrides.passed(wall)
        expired = self._overrides.expired(wall)
        if expired is not None and not self._following and expired != self._ended:
            self._ended = expired
            self._find([OverrideEnded().entry(wall, OBSERVER)])

    def _stale(self, ledger: SloLedger, now: Now) -> bool:
        end = latest_end(now.of(ledger), ledger.interval_ms)
        if self._following:
            last = ledger.rows.last
            return last is None or end - last > FOLLOW_PATIENCE
        return ledger.read_until is None or end - ledger.read_until > PATIENCE

    def _here(self) -> Now:
        ms = int(self._clock.now().timestamp() * 1000)
        return Now(ms, ms)

    # -- remembering --------------------------------------------------------

    async def _load(self) -> None:
        """What the store knows and this session does not."""
        await self._writer.store_thread.open()
        now = self._here()
        wanted = [
            (book, ledger.spec.id, definition, span)
            for ledger in self._ledgers
            for span in (ledger.wanted(latest_end(now.of(ledger), 0)) if ledger.rows.first is None else None,)
            for definition, book in books_of(ledger)
        ]

        def read(store: Store) -> list[tuple[int, MinuteSeries | None, list[Row]]]:
            return [read_book(store, *each) for each in wanted]

        newest = await self._writer.store_thread.ask(lambda store: store.journal.page(1))
        for event in newest or ():
            self._overrides.passed(event.occurred_at)
        found = await self._writer.store_thread.ask(read)
        for (book, *_), (stamp, fresh, rows) in zip(wanted, found or (), strict=False):
            book.known = stamp
            if fresh is not None:
                book.rows = fresh
            book.rows.put(rows)
        if self._scraper is not None and not self._following and not self._resumed:
            self._resumed = True
            await self._take_over(self._scraper, now)

    async def _take_over(self, scraper: Resumable, now: Now) -> None:
        from artisan_tui.engine.slo.handover import take_over
        from artisan_tui.store.slo.part import SloStore  # heavy

        data = self._left or await self._writer.store_thread.ask(lambda store: store.part(SloStore).scraped())
        if data:
            await take_over(scraper, self._ledgers, data, now.ours)

    async def _keep(self) -> None:
        async with self._keeping:
            await self._write()

    async def _write(self) -> None:
        if self._writer.fence is None or not self._writer.store_thread.writable:
            return
        taken = [each.take_unkept() for each in self._ledgers]
        if not any(rows for each in taken for rows in each.values()):
            return
        from artisan_tui.engine.slo.backfill import keep

        ledgers, fence, scraped = list(self._ledgers), self._writer.fence, await self._hand_over()
        if await self._writer.store_thread.change(lambda store: keep(store, ledgers, taken, fence, scraped)) is None:
            for ledger, rows in zip(ledgers, taken, strict=True):
                ledger.put_back(rows)

    async def _hand_over(self) -> bytes | None:
        from artisan_tui.engine.slo.handover import hand_over

        return await hand_over(self._scraper, self._ledgers) if self._scraper and self._resumed else None

    async def _samples(self, check_id: str, since: datetime, until: datetime) -> tuple[CheckSample, ...] | None:
        return await self._writer.store_thread.ask(lambda store: samples_between(store, check_id, since, until))
