"""Whether the selectors of an SLO have ever matched a series. One that has not, may be mistyped, and reads as 100 % good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from artisan_tui.config.slo.spec import EventsSli, LatencySli, Sli, SlicesSli
from artisan_tui.domain.measure import Quantile, Rate, Ratio, Value
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import LONGEST_HOLE
from artisan_tui.domain.slo.status import Unmatched
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.range_source import RangeSource

#: How far back the series of a metric are searched for to compare their labels, in ms.
_LATELY = 3_600_000


def selectors_of(sli: Sli) -> tuple[tuple[str, Selector], ...]:
    """(role, selector) of everything that an SLI reads from raw samples."""
    match sli:
        case EventsSli():
            parts = (("total", sli.total), ("bad", sli.bad), ("good", sli.good))
            return tuple((role, selector) for role, selector in parts if selector is not None)
        case LatencySli(native=True):
            return (("histogram", sli.histogram),)
        case LatencySli():
            return (("histogram", sli.histogram.suffixed("_bucket")),)
        case SlicesSli():
            match sli.measure:
                case Value(selector) | Rate(selector):
                    return (("measure", selector),)
                case Ratio(selector, of):
                    return (("measure", selector), *(("of", each) for each in of))
                case Quantile(_, histogram):
                    return (("histogram", histogram.suffixed("_bucket")),)
    return ()


async def unmatched(
    source: RangeSource, selectors: Iterable[tuple[str, Selector]], now_ms: int
) -> tuple[Unmatched, ...]:
    """Those of ``selectors`` that no series has matched as far back as is known. Raises Blind."""
    found = []
    for role, selector in selectors:
        if await _any(source, selector, now_ms, LONGEST_HOLE):
            continue
        bare = replace(selector, matchers=())
        series = (await source.latest(bare, now_ms - _LATELY, now_ms)).series
        if not series and selector.matchers and await _any(source, bare, now_ms, LONGEST_HOLE):
            found.append(Unmatched(role, printable(str(selector), 300)))
            continue
        needed = (each.label for each in selector.matchers if each.op in ("=", "=~") and not each.matches({}))
        label = next((name for name in needed if all(not each.labels.get(name) for each in series)), "")
        found.append(
            Unmatched(role, printable(str(selector), 300), "" if series else selector.name, label if series else "")
        )
    return tuple(found)


async def _any(source: RangeSource, selector: Selector, now_ms: int, back: int) -> bool:
    """The last minutes first: what matches usually does so now, and a long range of it would be expensive."""
    for start, end in ((now_ms - _LATELY, now_ms), (now_ms - back, now_ms - _LATELY)):
        if (await source.latest(selector, start, end)).series:
            return True
    return False
