"""What steps measure, by the backend of a ``[metrics]`` table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.measure import to_promql
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics import Backend, Blind, open_backend
from artisan_tui.steps.runbooks.lent import MeasureValue, NoValue

if TYPE_CHECKING:
    from artisan_tui.domain.measure import Measure, MeasureReading


class StepMeasures:
    """Reads a measure by the backend of a ``[metrics]`` table.

    The backend is kept until the process ends: a scraper that is asked again and again then sees more than the one
    second between its first two scrapes. One thread only.
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._open: dict[str, Backend] = {}

    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        try:
            table = Metrics.model_validate(dict(metrics))
        except ValueError as error:
            raise NoValue(f"[metrics] is wrong: {printable(str(error), 300)}") from None
        try:
            found = self._runner.run(self._read(table, measure, seconds))
        except Blind as blind:
            raise NoValue(blind.detail) from None
        return MeasureValue(found.value, found.query, (*found.notes, *found.remarks))

    async def _read(self, metrics: Metrics, measure: Measure, seconds: float) -> MeasureReading:
        asked = f"{metrics.model_dump_json()} {to_promql(measure)}"
        async with asyncio.timeout(seconds):
            backend = self._open.get(asked)
            if backend is None:
                backend = self._open[asked] = open_backend(metrics, os.environ)
                backend.wants([measure])
                await backend.prime()
            else:
                await backend.refresh()
            return await backend.read(measure)

    def close(self) -> None:
        """Close the connections. May be called twice."""
        try:
            for backend in self._open.values():
                self._runner.run(backend.aclose())
        finally:
            self._open.clear()
            self._runner.close()
