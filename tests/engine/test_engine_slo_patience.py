"""SLOs whose server stops answering: for how long what was read before passes for what is true now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.gate import Verdict
from artisan_tui.domain.slo.windows import DAY
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.settings import read
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.engine.slo.service import SloService
from artisan_tui.engine.slo.slice import SloSlice
from support.clock import Hands
from support.memory_range_source import MemoryRangeSource

CONFIG = """
[artisan]
name = "Shop"
[metrics]
prometheus = "http://127.0.0.1:1"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
[[slo]]
id = "api"
objective = "99.9%"
window = "1d"
sli = { kind = "events", total = 'requests_total', bad = 'requests_total{status=~"5.."}' }
"""


class NoStore:
    """A store that cannot be read or written: only what the server says counts here."""

    writable = False

    async def open(self) -> None:
        """Nothing to open."""

    async def ask(self, question: object) -> None:
        return None


class Watched:
    """An SLO service over one server, with clocks that the test turns for both."""

    def __init__(self) -> None:
        self.clock = Hands()
        now = int(self.clock.now().timestamp() * 1000)
        self.past = MemoryRangeSource(now // 60_000 - 2 * DAY, now)
        self.shown: list[SloSlice] = []
        self.came = asyncio.Event()
        self.slo_service = slo_service(self)

    def show(self, budgets: SloSlice) -> None:
        self.shown.append(budgets)
        self.came.set()

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds)
        self.past.now += int(seconds * 1000)

    async def until(self, verdict: Verdict) -> SloSlice:
        """What is shown once that is the verdict about deployments; asked for now, not at the next minute."""
        async with asyncio.timeout(10):
            while True:
                latest = self.shown[-1] if self.shown else SloSlice()
                if not latest.reading and latest.gate is not None and latest.gate.verdict is verdict:
                    return latest
                self.came.clear()
                await self.came.wait()

    async def round(self) -> SloSlice:
        """What is shown after one more round."""
        asked = len(self.shown)
        self.slo_service.ask_again()
        async with asyncio.timeout(10):
            while len(self.shown) == asked:
                self.came.clear()
                await self.came.wait()
        return self.shown[-1]


def slo_service(seen: Watched) -> SloService:
    """How an SLO service is put together."""
    begun = asyncio.Event()
    begun.set()
    journal_writer: Any = SimpleNamespace(store_thread=NoStore(), fence=None)
    return SloService(
        journal_writer,
        seen.clock,
        MaintenanceWindows(),
        Overrides(),
        BurnAlerts(),
        begun,
        seen.show,
        lambda entries: None,
    )


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[Watched]:
    """An SLO service that has read a day without an error."""
    (folder / "artisan.toml").write_text(CONFIG)
    seen = Watched()
    seen.slo_service.prepare(read(folder / "artisan.toml"), seen.past, following=False)  # type: ignore[arg-type]
    seen.slo_service.begin()
    try:
        await seen.until(Verdict.ALLOWED)
        yield seen
    finally:
        await seen.slo_service.rest()


@pytest.mark.parametrize(("minutes", "status"), [(3, BudgetStatus.HEALTHY), (4, BudgetStatus.UNKNOWN)])
async def test_what_is_known_is_old_after_three_minutes(tmp_path: Path, minutes: int, status: BudgetStatus) -> None:
    async with watched(tmp_path) as seen:
        seen.past.down = True
        seen.turn(60.0 * minutes)
        (slo_status,) = (await seen.round()).slo_statuses
        assert slo_status.evaluation.status is status
        assert "refused" in slo_status.problem


async def test_a_server_that_answers_again_is_believed_at_once(tmp_path: Path) -> None:
    async with watched(tmp_path) as seen:
        seen.past.down = True
        seen.turn(60.0 * 30)
        await seen.round()
        await seen.until(Verdict.UNKNOWN)
        seen.past.down = False
        seen.turn(60.0)
        await seen.round()
        (slo_status,) = (await seen.until(Verdict.ALLOWED)).slo_statuses
        assert (slo_status.evaluation.status, slo_status.problem) == (BudgetStatus.HEALTHY, "")
        assert slo_status.read_at == datetime.fromtimestamp(seen.clock.now().timestamp(), UTC)
