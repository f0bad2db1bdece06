"""Probes while this session is the leader or alone: the probes, and their schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.engine.checks.assessing import assessed_beside
from artisan_tui.engine.checks.pace import Pace
from artisan_tui.engine.checks.scheduler import Scheduler
from artisan_tui.engine.checks.views import internal_failure
from artisan_tui.engine.clock import Clock

if TYPE_CHECKING:
    from artisan_tui.config.checks import CheckSpec, Service
    from artisan_tui.domain.checks.outcome import Outcome
    from artisan_tui.sources.kind import Probe
    from artisan_tui.sources.probe_context import ProbeContext


class Prober:
    """``hear(check_id, probe_result, outcome)`` is called after every probe.

    The outcome is None unless finding it takes so long that it was found in a thread.
    """

    def __init__(self, clock: Clock, hear: Callable[[str, ProbeResult, Outcome | None], None]) -> None:
        self._hear = hear
        self.scheduler = Scheduler(clock, self._probe)
        self._context: ProbeContext | None = None
        self._probes: dict[str, Probe] = {}
        self._every: dict[str, float] = {}
        self._specs: dict[str, CheckSpec] = {}
        self._pace = Pace()
        #: Whether this session probes, even if there is nothing to probe.
        self.probing = False

    @property
    def intervals(self) -> tuple[float, ...]:
        """Seconds between two probes of each check."""
        return tuple(self._every.values())

    def prepare(self, checks: Sequence[tuple[str, Service, CheckSpec]], context: ProbeContext) -> None:
        """Open the probes of ``checks``; no I/O."""
        from artisan_tui.sources.checks import KINDS

        self._context = context
        self._probes = {check_id: KINDS[spec.kind].open(spec, context) for check_id, _, spec in checks}
        self._specs = {check_id: spec for check_id, _, spec in checks}
        self._every = {check_id: spec.every for check_id, _, spec in checks}
        self.probing = True

    def begin(self) -> None:
        """Probe everything once at once, and then on schedule."""
        self.scheduler.plan(self._every)

    async def stop(self) -> None:
        """Probe nothing, and close every probe."""
        self._every, self.probing = {}, False
        self.scheduler.plan({})
        probes, self._probes = self._probes, {}
        for probe in probes.values():
            await probe.aclose()

    def hurry(self, check_ids: Sequence[str]) -> list[asyncio.Task[None]]:
        """Probe these now, besides the schedule."""
        return self.scheduler.hurry(check_ids)

    async def _probe(self, check_id: str) -> None:
        probe, context = self._probes.get(check_id), self._context
        if probe is None or context is None:
            return
        outcome = None
        try:
            probe_result = await self._pace.run(self._specs[check_id], probe)
            outcome = await assessed_beside(self._specs[check_id], probe_result, context)
        except Exception as error:  # noqa: BLE001 - a probe's own fault is shown as ours, on its row
            probe_result = internal_failure(error)
        if self._probes.get(check_id) is probe:  # else the configuration changed while it probed
            self._hear(check_id, probe_result, outcome)
