"""One run of a real probe, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext
from support.stopwatch import Stopwatch


async def run_probe(
    kind: str, *, environ: Mapping[str, str] | None = None, metrics: Metrics | None = None, **keys: Any
) -> tuple[ProbeResult, Outcome]:
    """What a probe of ``kind`` saw, and what becomes of it. Holds every probe to its time limit."""
    keys = {"id": "x", "kind": kind, "timeout": "2s", **keys}
    spec = KINDS[kind].spec.model_validate(keys)
    probe_context = ProbeContext.open(metrics, environ or {})
    probe = KINDS[kind].open(spec, probe_context)
    try:
        clock = Stopwatch()
        probe_result = await probe.probe()
        assert (took := clock.seconds) <= spec.timeout + 0.25, f"held us for {took:.2f} s"
    finally:
        await probe.aclose()
        await probe_context.aclose()
    return probe_result, assess(probe_result, spec.effective(), spec.degraded, search, required=spec.required)


def reason(seen: tuple[ProbeResult, Outcome]) -> Reason:
    return seen[1].reason


@asynccontextmanager
async def probing_open(kind: str, **keys: Any) -> AsyncIterator[Callable[[], Any]]:
    """Probes with one open probe object; each call gives the failure, or None."""
    spec = KINDS[kind].spec.model_validate({"id": "x", "kind": kind, "timeout": "2s", **keys})
    probe_context = ProbeContext.open(None, {})
    probe = KINDS[kind].open(spec, probe_context)

    async def ask() -> Failure | None:
        return (await probe.probe()).failure

    try:
        yield ask
    finally:
        await probe.aclose()
        await probe_context.aclose()
