"""Looks at the world while this session does: probes, what they share, and their schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.engine.checks.scheduler import Scheduler
from artisan_tui.engine.checks.views import internal_failure
from artisan_tui.engine.clock import Clock

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.sources.kind import Probe
    from artisan_tui.sources.metrics.range_source import RangeSource
    from artisan_tui.sources.probe_context import ProbeContext


class Prober:
    """``heard(check_id, sighting)`` is called after every look."""

    def __init__(self, clock: Clock, heard: Callable[[str, ProbeResult], None], environ: Mapping[str, str]) -> None:
        self._heard, self._environ = heard, environ
        self.scheduler = Scheduler(clock, self._probe)
        self._probes: dict[str, Probe] = {}
        self._probe_context: ProbeContext | None = None

    @property
    def out(self) -> bool:
        """Whether it looks at all."""
        return self._probe_context is not None

    @property
    def check_ids(self) -> tuple[str, ...]:
        return tuple(self._probes)

    async def set_out(self, config: Config, prepare: Callable[[RangeSource | None], None]) -> None:
        """Look at everything in ``config``, all of it once at once, and then on schedule.

        ``prepare`` is called with where the past of counters is read, before anything is gathered.
        """
        from artisan_tui.sources.checks import KINDS
        from artisan_tui.sources.probe_context import ProbeContext

        await self.rest()
        checks = list(config.checks())
        probe_context = ProbeContext.open(config.metrics, self._environ)
        self._probe_context = probe_context
        self._probes = {check_id: KINDS[spec.kind].open(spec, probe_context) for check_id, _, spec in checks}
        prepare(probe_context.range_source)
        probe_context.start(checks)
        self.scheduler.plan({check_id: spec.every for check_id, _, spec in checks})

    async def rest(self) -> None:
        """Look at nothing, and let go of every connection."""
        self.scheduler.plan({})
        probes, self._probes = self._probes, {}
        probe_context, self._probe_context = self._probe_context, None
        for probe in probes.values():
            await probe.aclose()
        if probe_context is not None:
            await probe_context.aclose()

    def hurry(self, check_ids: Sequence[str]) -> list[asyncio.Task[None]]:
        """Look at these now, besides the schedule."""
        return self.scheduler.hurry(check_ids)

    async def _probe(self, check_id: str) -> None:
        probe = self._probes.get(check_id)
        if probe is None:
            return
        try:
            probe_result = await probe.probe()
        except Exception as error:  # noqa: BLE001 - a probe's own fault is shown as ours, on its row
            probe_result = internal_failure(error)
        if self._probes.get(check_id) is probe:  # else the configuration changed under this look
            self._heard(check_id, probe_result)
