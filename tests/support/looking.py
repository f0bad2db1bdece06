"""One look with a real probe, for tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from artisan_tui.config.models import Metrics
from artisan_tui.domain.condition import assess
from artisan_tui.domain.sighting import Reason, Sighting
from artisan_tui.domain.state import Outcome
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.lookup import search
from artisan_tui.sources.world import World


async def look(
    kind: str, *, environ: Mapping[str, str] | None = None, metrics: Metrics | None = None, **keys: Any
) -> tuple[Sighting, Outcome]:
    """What a probe of ``kind`` saw, and what becomes of it. Holds every probe to its time limit."""
    keys = {"id": "x", "kind": kind, "timeout": "2s", **keys}
    spec = KINDS[kind].spec.model_validate(keys)
    world = World.open(metrics, environ or {})
    probe = KINDS[kind].open(spec, world)
    try:
        began = time.monotonic()
        sighting = await probe.look()
        took = time.monotonic() - began
        assert took <= spec.timeout + 0.25, f"held us for {took:.2f} s"
    finally:
        await probe.aclose()
        await world.aclose()
    return sighting, assess(sighting, spec.effective(), spec.degraded, search)


def reason(seen: tuple[Sighting, Outcome]) -> Reason:
    return seen[1].reason
