"""Fills a ledger in pieces that the server can bear, and that do not hold up a screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.sources.metrics.backend import Blind

if TYPE_CHECKING:
    from artisan_tui.sources.slo import MinuteRows

#: Samples of one answer that are aimed at: some hundred kilobytes, parsed within what a screen can wait for.
SAMPLES = 15_000
#: Minutes of one piece, at least and at most, and how much it may grow at once.
LEAST, MOST, GROWTH = 5, 2 * DAY, 4

#: Called with what was read, and when (ms).
Take = Callable[["MinuteRows", int], None]
#: Called after each piece.
Kept = Callable[[SloLedger, Span], Awaitable[None]]


async def fill(ledger: SloLedger, span: Span, now_ms: int, kept: Kept, take: Take | None = None) -> bool:
    """Read ``span`` forward, piece by piece; False when an answer was partial and the rest remains a hole.

    What was read stays read, ``take`` receives it instead of the ledger. Raises Blind when the server cannot answer even the least piece.
    """
    at = span.start
    while at < span.end:
        part = Span(at, min(at + ledger.stride, span.end))
        try:
            filled = await ledger.indicator.rows(part)
        except Blind as blind:
            if not blind.divisible or len(part) <= LEAST:
                raise
            ledger.stride = max(LEAST, len(part) // GROWTH)
            continue
        (take or ledger.take)(filled, now_ms)
        ledger.stride = _next(len(part), filled)
        await kept(ledger, part)
        if filled.notes:
            return False
        at = part.end
    return True


def _next(minutes: int, filled: MinuteRows) -> int:
    fitting = minutes * SAMPLES // filled.samples if filled.samples else minutes * GROWTH
    return max(LEAST, min(fitting, minutes * GROWTH, MOST))


def newest_first(holes: list[Span]) -> list[Span]:
    """In pieces of a day at most, the latest first: what happened lately decides more."""
    out = []
    for hole in holes:
        start = hole.start
        while start < hole.end:
            # Cut at whole days, so that a later session cuts at the same places.
            end = min((start // DAY + 1) * DAY, hole.end)
            out.append(Span(start, end))
            start = end
    return sorted(out, reverse=True)
