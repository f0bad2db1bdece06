"""The metrics backends: a Prometheus server or the embedded scraper, behind one protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.sources.metrics.backend import Backend, Blind
from artisan_tui.sources.metrics.range_source import RangeSource

if TYPE_CHECKING:
    from artisan_tui.config.metrics import Metrics

__all__ = ["Backend", "Blind", "RangeSource", "open_backend", "open_range_source"]


def open_backend(metrics: Metrics, environ: Mapping[str, str]) -> Backend:
    """The Prometheus backend if ``[metrics].prometheus`` is set, because it keeps longer windows; else the scraper.
    No I/O.
    """
    if metrics.prometheus is not None:
        from artisan_tui.sources.metrics.prometheus import PrometheusBackend

        return PrometheusBackend(metrics, environ)
    from artisan_tui.sources.metrics.scrape import ScrapeBackend

    return ScrapeBackend(metrics)


def open_range_source(metrics: Metrics, environ: Mapping[str, str], backend: Backend) -> RangeSource:
    """Where SLOs read raw samples: ``[metrics].history`` if set, else ``backend``. No I/O.

    If the result is not ``backend`` itself, the caller closes it.
    """
    if metrics.history is not None and metrics.history != metrics.prometheus:
        from artisan_tui.sources.metrics.prometheus import PrometheusBackend

        return PrometheusBackend(metrics.model_copy(update={"prometheus": metrics.history}), environ)
    if not isinstance(backend, RangeSource):
        raise TypeError(f"{type(backend).__name__} keeps no history")
    return backend
