"""Metrics: one protocol, a Prometheus or the embedded scraper behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.sources.metrics.backend import Backend, Blind
from artisan_tui.sources.metrics.range_source import RangeSource, open_range_source

if TYPE_CHECKING:
    from artisan_tui.config.metrics import Metrics

__all__ = ["Backend", "Blind", "RangeSource", "open_backend", "open_range_source"]


def open_backend(metrics: Metrics, environ: Mapping[str, str]) -> Backend:
    """The Prometheus when there is one: it knows longer windows than the scraper. No I/O."""
    if metrics.prometheus is not None:
        from artisan_tui.sources.metrics.prometheus import PrometheusBackend

        return PrometheusBackend(metrics, environ)
    from artisan_tui.sources.metrics.scrape import ScrapeBackend

    return ScrapeBackend(metrics)
