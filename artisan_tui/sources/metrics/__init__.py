"""Metrics: one protocol, a Prometheus or the embedded scraper behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.sources.metrics.backend import Backend, Blind
from artisan_tui.sources.metrics.range_source import RangeSource

if TYPE_CHECKING:
    from artisan_tui.config.models import Metrics

__all__ = ["Backend", "Blind", "RangeSource", "open_backend", "open_range_source"]


def open_backend(metrics: Metrics, environ: Mapping[str, str]) -> Backend:
    """The Prometheus when there is one: it knows longer windows than the scraper. No I/O."""
    if metrics.prometheus is not None:
        from artisan_tui.sources.metrics.prometheus import PrometheusBackend

        return PrometheusBackend(metrics, environ)
    from artisan_tui.sources.metrics.scrape import ScrapeBackend

    return ScrapeBackend(metrics)


def open_range_source(metrics: Metrics, environ: Mapping[str, str], backend: Backend) -> RangeSource:
    """``[metrics].history`` when it is given, else ``backend``. No I/O.

    What is not ``backend`` itself is the caller's to close.
    """
    if metrics.history is not None and metrics.history != metrics.prometheus:
        from artisan_tui.sources.metrics.prometheus import PrometheusBackend

        return PrometheusBackend(metrics.model_copy(update={"prometheus": metrics.history}), environ)
    if not isinstance(backend, RangeSource):
        raise TypeError(f"{type(backend).__name__} keeps no history")
    return backend
