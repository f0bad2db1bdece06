"""One round over all ledgers: what is new, then what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.status import Progress
from artisan_tui.domain.slo.windows import Span, latest_end, settled
from artisan_tui.engine.slo.check_probes import CheckProbes
from artisan_tui.engine.slo.ledger import Now, SloLedger, Unkept
from artisan_tui.engine.slo.reading import Take, fill, newest_first
from artisan_tui.engine.slo.recount import ASK_EVERY, better, moved, recent_hours, samples_by_hour
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.slo.matching import unmatched

if TYPE_CHECKING:
    from artisan_tui.sources.metrics.range_source import RangeSource
    from artisan_tui.sources.slo import MinuteRows
    from artisan_tui.store.store import Store

#: Ledgers that are read at once: a server has work for others too.
AT_ONCE = 4
#: Minutes that are read as new; a longer gap is a hole, which is filled after everybody's news.
NEWS = 60
#: Minutes read again each time: a sample that came late is counted then.
OVERLAP = 5


class Backfill:
    """``changed`` is awaited whenever some ledger has new rows, or a new reason not to have them.

    Minutes without a sample are asked for once more, as if they were missing: samples may have come late.
    """

    def __init__(
        self,
        ledgers: Sequence[SloLedger],
        past: RangeSource | None,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self.ledgers = tuple(ledgers)
        self._past, self._changed = past, changed
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._asked_again: set[str] = set()

    async def now(self, ours: datetime) -> Now:
        """Pin the instant. A server that does not answer leaves us our own clock, and every ledger of its a problem."""
        mine = int(ours.timestamp() * 1000)
        if self._past is None:
            return Now(mine, mine)
        try:
            theirs = await self._past.now_ms()
            kept = await self._past.retention()
        except Blind as blind:
            for ledger in self._measured():
                ledger.problem = blind.detail
            return Now(mine, mine)
        for ledger in self._measured():
            ledger.kept_seconds = kept
        return Now(theirs, mine)

    def _measured(self) -> list[SloLedger]:
        return [each for each in self.ledgers if not each.own]

    async def news(self, now: Now) -> None:
        """Read what came since the last round. What fails is told by its ledger, and read as a hole next time."""
        await asyncio.gather(*(self._news(each, now) for each in self.ledgers))

    async def _news(self, ledger: SloLedger, now: Now) -> None:
        if len(ledger.handed):
            if not await self._read(ledger, ledger.handed, now):
                return
            ledger.handed = Span(0, 0)
        end = latest_end(now.of(ledger), ledger.interval_ms)
        start = end - NEWS
        if ledger.read_until is not None:
            start = max(start, min(ledger.read_until - OVERLAP, settled(now.of(ledger), ledger.interval_ms)))
        start = max(start, ledger.not_before)
        if await self._read(ledger, Span(min(start, end), end), now):
            ledger.read_until = end
            ledger.clock_remark = "" if ledger.own else now.remark

    async def match(self, now: Now) -> None:
        """Ask whether the selectors that have counted nothing have ever matched a series."""
        for ledger in self._measured() if self._past is not None else ():
            selectors = ledger.matching(now.of(ledger))
            if not selectors or ledger.problem:
                continue
            assert self._past is not None
            try:
                found = await unmatched(self._past, selectors, now.of(ledger))
            except Blind as blind:
                if not blind.divisible:
                    ledger.problem = blind.detail
                continue  # so much matches that the server cannot list it
            ledger.match(found, now.of(ledger))

    async def holes(self, now: Now) -> None:
        """Read everything else that is missing, all ledgers side by side, the latest day first."""
        await asyncio.gather(*(self._holes(each, now) for each in self.ledgers))

    async def _holes(self, ledger: SloLedger, now: Now) -> None:
        if isinstance(ledger.indicator, CheckProbes):
            ledger.kept_seconds = ledger.indicator.keeps
        end = latest_end(now.of(ledger), ledger.interval_ms)
        readable = ledger.readable(end, now.of(ledger))
        asked = ledger.spec.id in self._asked_again
        missing = ledger.rows.holes(readable) if asked else ledger.doubtful(readable)
        if ledger.problem or not missing:
            return
        done, of = 0, sum(map(len, missing))
        for piece in newest_first(missing):
            ledger.progress = Progress(done, of)
            if not await self._read(ledger, piece, now):
                ledger.progress = None
                return
            done += len(piece)
        self._asked_again.add(ledger.spec.id)
        ledger.progress = None
        await self._changed()

    async def recount(self, now: Now) -> None:
        """Count the recent past again where its samples have changed, see `recount`."""
        await asyncio.gather(*(self._recount(each, now) for each in self._measured() if self._past is not None))

    async def _recount(self, ledger: SloLedger, now: Now) -> None:
        seen, at = ledger.seen, now.of(ledger)
        if ledger.problem or (seen.asked_at is not None and at - seen.asked_at < ASK_EVERY):
            return
        assert self._past is not None
        end = settled(at, ledger.interval_ms)
        recent = recent_hours(end, ledger.readable(end, at).start)
        if not len(recent):
            return
        try:
            async with self._gate:
                samples = await samples_by_hour(self._past, ledger.spec, recent)
        except Blind:
            return  # a scraper has no late samples; and a server that cannot tell now is asked again
        known, seen.asked_at = seen.asked_at is not None, at
        start = recent.start if samples is None and not known else moved(seen, samples or {})
        if start is not None:
            # Up to now: the sample after a late one counts less than before.
            span = Span(start, end)
            found: list[MinuteRows] = []
            if not await self._read(ledger, span, now, lambda filled, _: found.append(filled)):
                return
            rows = [row for filled in found for row in filled.rows]
            if better(ledger.rows.rows(span), rows, bad_is_counted=getattr(ledger.spec.sli, "bad", None) is not None):
                for filled in found:
                    ledger.take(filled, at)
        seen.samples = dict(samples or {})

    async def again(self, since: int, now: Now) -> None:
        """Count everything from the minute ``since`` on again, whatever was counted before."""
        for ledger in self._measured():
            at = now.of(ledger)
            span = ledger.readable(latest_end(at, ledger.interval_ms), at)
            for piece in newest_first([Span(max(since, span.start), span.end)]):
                if ledger.problem or not await self._read(ledger, piece, now):
                    break

    def ask_again(self) -> None:
        """Take minutes without a sample for missing once more."""
        self._asked_again.clear()

    async def _read(self, ledger: SloLedger, span: Span, now: Now, take: Take | None = None) -> bool:
        """Whether all of ``span`` was read. ``take`` receives what was read instead of the ledger."""
        try:
            async with self._gate:
                whole = await fill(ledger, span, now.of(ledger), self._kept, take)
        except Blind as blind:
            ledger.problem = blind.detail
            await self._changed()
            return False
        if whole:
            ledger.problem = ""
            ledger.read_at = datetime.fromtimestamp(now.ours / 1000, UTC)
        return whole

    async def _kept(self, ledger: SloLedger, span: Span) -> None:
        if ledger.progress is not None:
            ledger.progress = Progress(min(ledger.progress.of, ledger.progress.done + len(span)), ledger.progress.of)
        await self._changed()


def keep(
    store: Store,
    ledgers: Sequence[SloLedger],
    taken: Sequence[Unkept],
    fence: int | None = None,
    scraped: bytes | None = None,
) -> bool:
    """Write what was ``taken`` from each ledger, all in one commit. Runs in the store's thread.

    ``scraped`` is what the next session needs to go on, see `handover`.

    With ``fence`` only while the lease is held with it: a session that slept writes no older reading over a newer one.
    """
    batch = [
        (ledger.spec.id, definition, [rows[minute] for minute in sorted(rows)])
        for ledger, unkept in zip(ledgers, taken, strict=True)
        for definition, rows in unkept.items()
        if rows
    ]
    if batch:
        from artisan_tui.store.slo.part import SloStore  # heavy

        store.part(SloStore).keep_many(batch, fence=fence, scraped=scraped)
    return True
