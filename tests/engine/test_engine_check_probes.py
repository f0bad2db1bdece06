"""The SLI of our own checks: counted from the probes in a real store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.config.slo.spec import ChecksSli
from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.slo.windows import Span
from artisan_tui.domain.state import State
from artisan_tui.engine.slo.check_probes import CheckProbes
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

START = 29_911_000
AT = datetime.fromtimestamp(START * 60, UTC)
SLI = ChecksSli(checks=("api.health", "api.port"))


def probed(check: str, seconds: int, verdict: State = State.UP) -> CheckSample:
    return CheckSample(check, AT + timedelta(seconds=seconds), verdict, "ok")


async def test_each_probe_counts_by_its_own_verdict_in_the_minute_in_which_it_was_made(tmp_path: Path) -> None:
    with Store.open(StorePlace(tmp_path)) as store:
        samples = [probed("api.health", at) for at in range(0, 300, 30)]
        samples[2] = probed("api.health", 60, State.DOWN)
        samples[3] = probed("api.health", 90, State.DEGRADED)
        samples[4] = probed("api.health", 120, State.UNKNOWN)
        samples += [probed("api.port", at) for at in range(0, 300, 60)]
        samples += [probed("db.ping", at, State.DOWN) for at in range(0, 300, 60)]
        store.part(CheckStore).record(samples)

        async def read(check: str, since: datetime, until: datetime) -> Sequence[CheckSample]:
            return store.part(CheckStore).samples(check, since, until)

        indicator = CheckProbes(SLI, {"api.health": 30.0, "api.port": 60.0, "db.ping": 60.0}, read)
        found = await indicator.rows(Span(START, START + 4))
    assert found.rows == ((START, 0, 3, 2), (START + 1, 1, 3, 2), (START + 2, 0, 2, 2), (START + 3, 0, 3, 2))
    assert (indicator.grid.lanes, indicator.resolution) == (2, 60.0)
    assert found.samples == 15


async def test_a_store_that_cannot_be_read_is_blind_and_not_empty() -> None:
    async def read(check: str, since: datetime, until: datetime) -> None:
        return None

    with pytest.raises(Blind, match="store"):
        await CheckProbes(SLI, {"api.health": 30.0, "api.port": 60.0}, read).rows(Span(START, START + 1))


async def test_another_rhythm_or_another_check_is_another_ledger() -> None:
    async def read(check: str, since: datetime, until: datetime) -> None:
        return None

    one = CheckProbes(SLI, {"api.health": 30.0, "api.port": 60.0}, read)
    assert one.definition == CheckProbes(SLI, {"api.port": 60.0, "api.health": 30.0}, read).definition
    assert one.definition != CheckProbes(SLI, {"api.health": 10.0, "api.port": 60.0}, read).definition
    assert one.definition != CheckProbes(ChecksSli(checks=("api.port",)), {"api.port": 60.0}, read).definition
