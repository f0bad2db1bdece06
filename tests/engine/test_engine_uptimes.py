"""Uptime and percentiles in a running session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from artisan_tui.domain.checks.latencies import Latencies
from artisan_tui.domain.checks.sample import CheckHour
from artisan_tui.engine.checks import uptimes
from artisan_tui.engine.checks.slice import Uptime, UptimeSlice
from artisan_tui.engine.checks.uptimes import Uptimes, uptime_of

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
HOUR = NOW.replace(minute=0)


class Store:
    """What `hours_since` asks: hours by check id."""

    def __init__(self, hours: dict[str, tuple[CheckHour, ...]]) -> None:
        self.by_check = hours

    def part(self, kind: object) -> Store:
        return self

    def hours(self, check_ids: Sequence[str], since: datetime) -> dict[str, tuple[CheckHour, ...]]:
        return {
            check_id: tuple(hour for hour in self.by_check.get(check_id, ()) if hour.start >= since)
            for check_id in check_ids
        }


class Core:
    config = None

    def __init__(self, store: Store | None) -> None:
        self.store, self.published = store, asyncio.Queue[UptimeSlice]()
        self.clock = self

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def ask(self, query: Callable[[Any], Any]) -> Any:
        return None if self.store is None else query(self.store)

    def publish(self, value: UptimeSlice) -> None:
        self.published.put_nowait(value)


def test_the_day_and_the_month_are_told_apart() -> None:
    hours = [
        CheckHour(HOUR - timedelta(days=40), down=1000),
        CheckHour(HOUR - timedelta(days=20), up=50, down=50),
        CheckHour(HOUR, up=99, down=1, latencies=Latencies.of([0.2] * 100)),
    ]
    found = uptime_of(hours, NOW)
    assert found.day == 0.99
    assert found.month == 149 / 200
    assert found.p95 == pytest.approx(0.2, rel=0.05)
    assert found.days[-1] == 0.99
    assert found.days[-21] == 0.5
    assert found.days[-41] == 0.0


def test_a_minute_of_probes_is_no_uptime_of_a_month() -> None:
    assert uptime_of([CheckHour(NOW, up=3)], NOW + timedelta(minutes=59)).day is None
    young = uptime_of([CheckHour(NOW, up=3, down=1)], NOW + timedelta(hours=2))
    assert (young.day, young.month) == (0.75, None)
    assert uptime_of([CheckHour(NOW, up=3, down=1)], NOW + timedelta(hours=24)).month == 0.75


async def test_what_was_read_is_published_and_read_again_from_another_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uptimes, "BEGIN_AFTER", 0.0)
    core = Core(Store({"a.b": (CheckHour(HOUR - timedelta(hours=2), up=3, down=1),)}))
    service = Uptimes(core, lambda: ["a.b", "c.d"])  # type: ignore[arg-type]
    running = asyncio.create_task(service.run())
    try:
        seen = await asyncio.wait_for(core.published.get(), 10)
        assert seen.checks["a.b"].day == 0.75
        assert seen.checks["c.d"] == Uptime(days=(None,) * 90)
        core.store = Store({})
        service.forget()
        assert (await asyncio.wait_for(core.published.get(), 10)).checks == {}
        assert (await asyncio.wait_for(core.published.get(), 10)).checks["a.b"].day is None
    finally:
        running.cancel()


async def test_while_the_store_cannot_be_read_nothing_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uptimes, "BEGIN_AFTER", 0.0)
    core = Core(None)
    service = Uptimes(core, lambda: ["a.b"])  # type: ignore[arg-type]
    await service._read(["a.b"])
    assert core.published.empty()
