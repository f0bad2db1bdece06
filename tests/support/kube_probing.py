"""A kubernetes probe kept from probe to probe, for tests."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

# The package takes seconds to load on a busy machine, which a probe's time limit would count.
import kubernetes.client  # noqa: F401

from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.sources.checks.kubernetes import KubernetesProbe, KubernetesSpec
from artisan_tui.sources.lookup import search
from artisan_tui.sources.probe_context import ProbeContext

Seen = tuple[ProbeResult, Outcome]


@contextlib.asynccontextmanager
async def watching(config: str, **keys: Any) -> AsyncIterator[Any]:
    """A probe kept from probe to probe; calling it probes once."""
    keys = {"id": "x", "deployment": "api", "namespace": "artisan", "kubeconfig": config, "timeout": "5s", **keys}
    spec = KubernetesSpec.model_validate({k: v for k, v in keys.items() if v is not None})
    probe_context = ProbeContext.open(None, dict(os.environ))
    probe = KubernetesProbe(spec, probe_context)

    async def once() -> Seen:
        probe_result = await probe.probe()
        return probe_result, assess(probe_result, spec.effective(), spec.degraded, search, required=spec.required)

    yield once
    await probe.aclose()
    await probe_context.aclose()
