"""Service level indicators: what was good and what was bad, minute by minute, as `[metrics]` remembers it.

One file per kind. Checks of our own are read from the store, by the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.sources.sli.indicator import Filled, Indicator, Unmeasurable

if TYPE_CHECKING:
    from artisan_tui.config.slo import Slo
    from artisan_tui.sources.metrics.past import Past

__all__ = ["Filled", "Indicator", "Unmeasurable", "open_indicator"]


def open_indicator(slo: Slo, past: Past) -> Indicator:
    """No I/O. Tells ``past`` what it will read."""
    from artisan_tui.config.slo import EventsSli, LatencySli, PromqlSli, SlicesSli

    match slo.sli:
        case EventsSli():
            from artisan_tui.sources.sli.events import Events

            return Events(slo.sli, past)
        case LatencySli():
            from artisan_tui.sources.sli.latency import Latency

            return Latency(slo.sli, past)
        case SlicesSli():
            from artisan_tui.sources.sli.slices import Slices

            return Slices(slo.sli, past)
        case PromqlSli():
            from artisan_tui.sources.sli.promql import Shares

            return Shares(slo.sli, past)
    raise TypeError(f"an sli of kind {slo.sli.kind!r} is not read from [metrics]")
