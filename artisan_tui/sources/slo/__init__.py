"""Service level indicators: good and bad events per minute, read from `[metrics]`. One module per kind.

The indicator over check results is in the engine, which reads them from the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.sources.slo.indicator import Indicator, MinuteRows, Unmeasurable

if TYPE_CHECKING:
    from artisan_tui.config.slo.spec import SloSpec
    from artisan_tui.sources.metrics.range_source import RangeSource

__all__ = ["Indicator", "MinuteRows", "Unmeasurable", "open_indicator"]


def open_indicator(slo: SloSpec, source: RangeSource) -> Indicator:
    """The indicator of ``slo``. Announces to ``source`` what it will read. No I/O."""
    from artisan_tui.config.slo.spec import EventsSli, LatencySli, PromqlSli, SlicesSli

    match slo.sli:
        case EventsSli():
            from artisan_tui.sources.slo.events import EventsReader

            return EventsReader(slo.sli, source)
        case LatencySli(native=True):
            from artisan_tui.sources.slo.native import NativeLatencyReader

            return NativeLatencyReader(slo.sli, source)
        case LatencySli():
            from artisan_tui.sources.slo.latency import LatencyReader

            return LatencyReader(slo.sli, source)
        case SlicesSli():
            from artisan_tui.sources.slo.slices import SlicesReader

            return SlicesReader(slo.sli, source)
        case PromqlSli():
            from artisan_tui.sources.slo.promql import RatioReader

            return RatioReader(slo.sli, source)
    raise TypeError(f"an sli of kind {slo.sli.kind!r} is not read from [metrics]")
