"""What all probes of one configuration share: connections, the metrics backend and the environment's secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from artisan_tui.sources.connections import Connections
from artisan_tui.sources.heartbeats import Heartbeats

if TYPE_CHECKING:
    from artisan_tui.config.checks import CheckSpec, Service
    from artisan_tui.config.metrics import Metrics
    from artisan_tui.domain.measure import Measure
    from artisan_tui.sources.metrics.backend import Backend
    from artisan_tui.sources.metrics.range_source import RangeSource

    Checks = Iterable[tuple[str, Service, CheckSpec]]


class ProbeContext:
    """``environ`` holds the ``env:NAME`` secrets. ``metrics`` and ``range_source`` are None without ``[metrics]``.

    ``range_source`` reads raw samples. It may be another server than ``metrics``.
    """

    def __init__(
        self,
        connections: Connections,
        metrics: Backend | None,
        environ: Mapping[str, str],
        range_source: RangeSource | None = None,
    ) -> None:
        self.connections = connections
        self.metrics = metrics
        self.environ = environ
        self.range_source = range_source
        #: The calls of others; the engine puts its own here.
        self.heartbeats = Heartbeats()

    @classmethod
    def open(cls, metrics: Metrics | None, environ: Mapping[str, str]) -> ProbeContext:
        """Create a context. Does no I/O and needs no running loop."""
        backend, range_source = None, None
        if metrics is not None:
            from artisan_tui.sources.metrics import open_backend, open_range_source

            backend = open_backend(metrics, environ)
            range_source = open_range_source(metrics, environ, backend)
        return cls(Connections(), backend, environ, range_source)

    def start(self, checks: Checks, more: Iterable[Measure] = ()) -> None:
        """Start scraping for the checks and the measures in ``more``. Needs the running loop."""
        if self.metrics is not None:
            self.metrics.wants((*_measures(checks), *more))
            self.metrics.start()

    async def prime(self, checks: Checks) -> None:
        """Scrape once, for a single probe without `start`."""
        if self.metrics is not None:
            wanted = tuple(_measures(checks))
            self.metrics.wants(wanted)
            if wanted:
                await self.metrics.prime()

    async def aclose(self) -> None:
        """Close the connections, the backend and the range source."""
        await self.connections.aclose()
        if self.metrics is not None:
            await self.metrics.aclose()
        shared: object = self.metrics
        if self.range_source is not None and self.range_source is not shared:
            await self.range_source.aclose()


def _measures(checks: Checks) -> Iterable[Measure]:
    for _, _, spec in checks:
        if spec.NEEDS_METRICS:
            measure = getattr(spec, "measure", None)
            if measure is not None:
                yield measure
