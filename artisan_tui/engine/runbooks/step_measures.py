"""What steps measure, by the backend of a ``[metrics]`` table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.config.metrics import Metrics
from artisan_tui.sources.metrics import Blind, open_backend
from artisan_tui.steps.runbooks.lent import MeasureValue, NoValue

if TYPE_CHECKING:
    from artisan_tui.domain.measure import Measure, MeasureReading


class StepMeasures:
    """Reads a measure by the backend of a ``[metrics]`` table."""

    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        try:
            found = asyncio.run(_read(metrics, measure, seconds))
        except Blind as blind:
            raise NoValue(blind.detail) from None
        return MeasureValue(found.value, found.query, (*found.notes, *found.remarks))


async def _read(metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureReading:
    backend = open_backend(Metrics.model_validate(dict(metrics)), os.environ)
    try:
        backend.wants([measure])
        async with asyncio.timeout(seconds):
            await backend.prime()
            return await backend.read(measure)
    finally:
        await backend.aclose()
