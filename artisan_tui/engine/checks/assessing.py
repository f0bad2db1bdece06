"""From a probe result to its outcome, in a thread where that takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.domain.checks.effort import is_heavy
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.condition import Search
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    from artisan_tui.config.checks import CheckSpec
    from artisan_tui.sources.probe_context import ProbeContext


def assessed(spec: CheckSpec, probe_result: ProbeResult, search: Search) -> Outcome:
    """The outcome of one probe. Raises nothing."""
    try:
        return assess(probe_result, spec.effective(), spec.degraded, search, required=spec.required)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not read as the target's
        failure = Failure(Reason.INTERNAL, printable(f"{type(error).__name__}: {error}", 200), blind=True)
        return assess(ProbeResult(failure), (), (), search)


async def assessed_beside(spec: CheckSpec, probe_result: ProbeResult, context: ProbeContext) -> Outcome | None:
    """The outcome of a probe whose conditions read much, found in a thread. None if it is as well found at once."""
    from artisan_tui.sources.lookup import search

    if not is_heavy((*spec.effective(), *spec.degraded), probe_result):
        return None
    return await context.connections.off_loop(assessed, spec, probe_result, search)
