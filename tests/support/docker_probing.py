"""Probes of the docker kind over a daemon."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.sources.checks.docker import DockerProbe, DockerSpec
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext

INSPECTED = {
    "Id": "f00d",
    "Name": "/web",
    "Created": "2026-11-20T00:00:00.000000001Z",
    "RestartCount": 0,
    "Config": {"Image": "web:1"},
    "State": {"Status": "running", "ExitCode": 0, "StartedAt": "2026-11-21T00:00:00.123456789Z"},
}


@contextlib.asynccontextmanager
async def watching(**keys: Any) -> AsyncIterator[Any]:
    """A probe kept from probe to probe; calling it probes once."""
    spec = DockerSpec.model_validate({"id": "x", "timeout": "5s", **keys})
    probe_context = ProbeContext.open(None, {})
    probe = DockerProbe(spec, probe_context)

    async def once() -> tuple[ProbeResult, Outcome]:
        probe_result = await probe.probe()
        return probe_result, assess(probe_result, spec.effective(), spec.degraded, search, required=spec.required)

    yield once
    await probe.aclose()
    await probe_context.aclose()


async def until_seen(once: Any, wanted: Reason, seconds: float = 20.0) -> tuple[ProbeResult, Outcome]:
    deadline = time.monotonic() + seconds
    while True:
        seen: tuple[ProbeResult, Outcome] = await once()
        if seen[1].reason is wanted:
            return seen
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.05)
