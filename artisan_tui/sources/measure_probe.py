"""The probe of the kinds measure and promql: read one measure from the metrics backend."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.domain.measure import Measure, Ratio, to_promql
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.errors import explain
from artisan_tui.sources.metrics.backend import Blind

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext


class MeasureProbe:
    """Reads one measure. Every failure is blind: a Prometheus that is down says nothing about the target."""

    def __init__(self, measure: Measure, timeout: float, probe_context: ProbeContext) -> None:
        self._measure = measure
        self._timeout = timeout
        self._probe_context = probe_context
        self._query = printable(to_promql(measure), 4096)

    async def probe(self) -> ProbeResult:
        backend = self._probe_context.metrics
        if backend is None:
            return self._blind(Reason.NO_DATA, "there is no [metrics] to read from")
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                reading = await backend.read(self._measure)
        except Blind as blind:
            return self._blind(blind.reason, blind.detail)
        except TimeoutError:
            return self._blind(Reason.TIMEOUT, f"no response to the query within {span_text(self._timeout)}")
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
            return self._blind(*explain(error))
        latency = Decimal(str(round(time.monotonic() - began, 6)))
        seen = ProbeResult(
            latency=latency,
            answers={"value": reading.value},
            notes=tuple(printable(each, 300) for each in reading.notes),
            remarks=tuple(printable(each, 300) for each in reading.remarks),
            query=reading.query or self._query,
            provisional=reading.provisional,
        )
        if reading.value.is_nan():
            why = "no events in the window" if isinstance(self._measure, Ratio) else "the value is NaN"
            return replace(seen, failure=Failure(Reason.NAN, why, blind=True))
        return seen

    def _blind(self, reason: Reason, detail: str) -> ProbeResult:
        return ProbeResult(Failure(reason, detail, blind=True), query=self._query)

    async def aclose(self) -> None:
        """The backend belongs to the `ProbeContext`, which closes it."""
