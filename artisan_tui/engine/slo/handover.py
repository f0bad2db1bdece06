"""What one session hands over to the next when the program itself scrapes: the newest samples, and where each ledger ends.

A scraper's samples end with the program. The counters of the targets go on meanwhile. So the last samples are written
in the transaction that writes the minutes which were counted from them: the next session counts on from the first
minute that was not written, and every event once.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.windows import Span

if TYPE_CHECKING:
    from artisan_tui.engine.slo.ledger import SloLedger
    from artisan_tui.sources.metrics.range_source import LastSamples, Resumable

#: Another form of what is written is not read.
_FORM = 1
#: Milliseconds that the clock of the last session may have been ahead. Minutes that are over there are not counted again.
_CLOCK_AHEAD = 3_600_000


@dataclass(frozen=True, slots=True)
class Handover:
    """``ends`` has the first minute that was not written, by SLO and definition. ``first`` is the earliest of them."""

    ends: Mapping[str, int]
    first: int
    samples: tuple[LastSamples, ...]

    @property
    def until(self) -> int:
        """The minute after the last sample."""
        return max((each.samples[-1][0] for each in self.samples), default=-60_000) // 60_000 + 1

    def end_of(self, ledger: SloLedger) -> int:
        """The first minute that this ledger may count from what was handed over."""
        return self.ends.get(_key(ledger), self.first)


async def hand_over(scraper: Resumable, ledgers: Iterable[SloLedger]) -> bytes | None:
    """What the next session needs. None while no ledger has written anything."""
    ends = {_key(each): each.written_to for each in ledgers if not each.own and each.written_to}
    if not ends:
        return None
    samples = await scraper.last_samples(min(ends.values()) * 60_000)
    return await asyncio.to_thread(packed, ends, samples)


async def take_over(scraper: Resumable, ledgers: Iterable[SloLedger], data: bytes, now_ms: int) -> None:
    """Go on from what an earlier session handed over, and count no minute again that it has written."""
    handover = await asyncio.to_thread(unpacked, data)
    if handover is None or handover.first * 60_000 > now_ms + _CLOCK_AHEAD:
        return
    await scraper.resume(handover.samples)
    for ledger in ledgers:
        if not ledger.own:
            ledger.not_before = handover.end_of(ledger)
            ledger.written_to = max(ledger.written_to, ledger.not_before)
            ledger.handed = Span(ledger.not_before, max(ledger.not_before, handover.until))


def packed(ends: Mapping[str, int], samples: Sequence[LastSamples]) -> bytes:
    series = [[each.target, each.name, each.labels, each.samples] for each in samples]
    text = json.dumps({"form": _FORM, "ends": dict(ends), "series": series}, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def unpacked(data: bytes) -> Handover | None:
    """None for what another version has written, or nobody."""
    from artisan_tui.sources.metrics.range_source import LastSamples

    try:
        document = json.loads(zlib.decompress(data))
        if document["form"] != _FORM:
            return None
        ends = {str(key): int(minute) for key, minute in document["ends"].items()}
        samples = tuple(
            LastSamples(
                target,
                name,
                tuple((str(key), str(value)) for key, value in labels),
                tuple((int(at), float(value)) for at, value in found),
            )
            for target, name, labels, found in document["series"]
            if found
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None
    return Handover(ends, min(ends.values(), default=0), samples)


def _key(ledger: SloLedger) -> str:
    return f"{ledger.spec.id} {ledger.indicator.definition}"
