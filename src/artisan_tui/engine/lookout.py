"""Looks at the world while this session does: probes, what they share, and their schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.sighting import Sighting
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.scheduler import Scheduler
from artisan_tui.engine.sights import internal_failure

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.sources.kind import Probe
    from artisan_tui.sources.metrics.past import Past
    from artisan_tui.sources.world import World


class Lookout:
    """``heard(check_id, sighting)`` is called after every look."""

    def __init__(self, clock: Clock, heard: Callable[[str, Sighting], None], environ: Mapping[str, str]) -> None:
        self._heard, self._environ = heard, environ
        self.scheduler = Scheduler(clock, self._look)
        self._probes: dict[str, Probe] = {}
        self._world: World | None = None

    @property
    def out(self) -> bool:
        """Whether it looks at all."""
        return self._world is not None

    @property
    def check_ids(self) -> tuple[str, ...]:
        return tuple(self._probes)

    async def set_out(self, config: Config, prepare: Callable[[Past | None], None]) -> None:
        """Look at everything in ``config``, all of it once at once, and then on schedule.

        ``prepare`` is called with where the past of counters is read, before anything is gathered.
        """
        from artisan_tui.sources.checks import KINDS
        from artisan_tui.sources.world import World

        await self.rest()
        checks = list(config.checks())
        world = World.open(config.metrics, self._environ)
        self._world = world
        self._probes = {check_id: KINDS[spec.kind].open(spec, world) for check_id, _, spec in checks}
        prepare(world.past)
        world.start(checks)
        self.scheduler.plan({check_id: spec.every for check_id, _, spec in checks})

    async def rest(self) -> None:
        """Look at nothing, and let go of every connection."""
        self.scheduler.plan({})
        probes, self._probes = self._probes, {}
        world, self._world = self._world, None
        for probe in probes.values():
            await probe.aclose()
        if world is not None:
            await world.aclose()

    def hurry(self, check_ids: Sequence[str]) -> list[asyncio.Task[None]]:
        """Look at these now, besides the schedule."""
        return self.scheduler.hurry(check_ids)

    async def _look(self, check_id: str) -> None:
        probe = self._probes.get(check_id)
        if probe is None:
            return
        try:
            sighting = await probe.look()
        except Exception as error:  # noqa: BLE001 - a probe's own fault is shown as ours, on its row
            sighting = internal_failure(error)
        if self._probes.get(check_id) is probe:  # else the configuration changed under this look
            self._heard(check_id, sighting)
