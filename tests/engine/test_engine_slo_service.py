"""The running SLO service: what it shows when a reader of ours is broken, and when nobody writes any more."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.gate import Verdict
from artisan_tui.engine.access import Session
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.slo import backfill
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from support.prom_fake import fake_prometheus

CONFIG = """
[artisan]
name = "Shop"
[metrics]
prometheus = "{url}"
every = "60s"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
[[slo]]
id = "api"
objective = "99.9%"
window = "7d"
sli = {{ kind = "events", total = 'requests_total', bad = 'requests_total{{status=~"5.."}}' }}
"""


async def shown(folder: Path, url: str) -> Snapshot:
    """The first snapshot with a verdict about deployments."""
    (folder / "artisan.toml").write_text(CONFIG.format(url=url))
    found: asyncio.Future[Snapshot] = asyncio.get_running_loop().create_future()

    def hear(snapshot: Snapshot) -> None:
        if snapshot[SloSlice].gate is not None and not snapshot[SloSlice].reading and not found.done():
            found.set_result(snapshot)

    engine = Engine(Options(folder / "artisan.toml", StorePlace(folder / "state"), Session("j.park")), hear)
    running = asyncio.create_task(engine.run())
    try:
        async with asyncio.timeout(30):
            return await found
    finally:
        engine.stop()
        await running


async def test_a_defect_in_reading_is_said_and_nothing_passes_for_healthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> bool:
        raise RuntimeError("somebody forgot \x1b[31m a case")

    monkeypatch.setattr(backfill, "fill", broken)
    with fake_prometheus(10_000) as (url, _):
        snapshot = await shown(tmp_path, url)
    (slo_status,) = snapshot[SloSlice].slo_statuses
    assert slo_status.problem.startswith("internal error: RuntimeError: somebody forgot")
    assert "\x1b" not in slo_status.problem
    assert slo_status.evaluation.status is BudgetStatus.UNKNOWN
    assert snapshot[SloSlice].gate is not None
    assert snapshot[SloSlice].gate.verdict is Verdict.UNKNOWN


async def test_a_sound_one_is_evaluated(tmp_path: Path) -> None:
    with fake_prometheus(10_000, 3) as (url, _):
        snapshot = await shown(tmp_path, url)
    (slo_status,) = snapshot[SloSlice].slo_statuses
    assert slo_status.problem == ""
    assert snapshot[SloSlice].gate is not None
