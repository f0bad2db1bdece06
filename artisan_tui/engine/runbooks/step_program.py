"""``python -m artisan_tui.engine.runbooks.step_program FOLDER``: `steps.runbook_step`, with what only the engine can lend.

This is the program that attempts of steps are started with. Nothing is imported before a step needs it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.steps.runbook_step import main
from artisan_tui.steps.runbooks.lent import JOURNAL, MEASURE, MeasureValue, NoValue

if TYPE_CHECKING:
    from artisan_tui.domain.measure import Measure, MeasureReading


class StepMeasures:
    """Reads a measure by the backend of a ``[metrics]`` table."""

    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        from artisan_tui.sources.metrics.backend import Blind

        try:
            found = asyncio.run(_read(metrics, measure, seconds))
        except Blind as blind:
            raise NoValue(blind.detail) from None
        return MeasureValue(found.value, found.query, (*found.notes, *found.remarks))


async def _read(metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureReading:
    from artisan_tui.config.metrics import Metrics
    from artisan_tui.sources.metrics import open_backend

    backend = open_backend(Metrics.model_validate(dict(metrics)), os.environ)
    try:
        backend.wants([measure])
        async with asyncio.timeout(seconds):
            await backend.prime()
            return await backend.read(measure)
    finally:
        await backend.aclose()


def _journal() -> Any:
    from artisan_tui.engine.runbooks.step_journal import StepJournal

    return StepJournal()


class _Lent(dict[str, Any]):
    """Made when it is asked for."""

    def get(self, name: str, default: Any = None) -> Any:
        made = {MEASURE: StepMeasures, JOURNAL: _journal}.get(name)
        return default if made is None else made()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], _Lent()))
