"""Probes what the configuration names, and what becomes of one that raises or comes too late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.engine.checks.prober import Prober
from artisan_tui.engine.settings import read
from artisan_tui.sources.checks.memory import MemoryProbe
from artisan_tui.sources.probe_context import ProbeContext
from support.clock import Hands

TEXT = """
[artisan]
name = "Shop"
[[service]]
id = "s"
[[service.check]]
id = "m"
kind = "memory"
"""


class Heard:
    def __init__(self) -> None:
        self.results: list[tuple[str, ProbeResult]] = []

    def __call__(self, check_id: str, probe_result: ProbeResult, outcome: Outcome | None) -> None:
        self.results.append((check_id, probe_result))


@asynccontextmanager
async def out(folder: Path, heard: Callable[[str, ProbeResult, Outcome | None], None]) -> AsyncIterator[Prober]:
    """A prober with one check, whose schedule does not run: it probes when it is told to."""
    (folder / "artisan.toml").write_text(TEXT)
    one = Prober(Hands(), heard)
    context = start(one, folder)
    try:
        yield one
    finally:
        await one.stop()
        await context.aclose()


def start(one: Prober, folder: Path) -> ProbeContext:
    """Probe what the configuration in ``folder`` names."""
    config = read(folder / "artisan.toml")
    context = ProbeContext.open(config.metrics, {})
    one.prepare(list(config.checks()), context)
    one.begin()
    return context


async def test_it_probes_what_there_is_and_hears_of_nothing_else(tmp_path: Path) -> None:
    heard = Heard()
    async with out(tmp_path, heard) as one:
        assert one.probing
        assert one.intervals == (30.0,)
        await asyncio.gather(*one.hurry(["s.m", "s.gone"]))
    assert [(check_id, result.failure) for check_id, result in heard.results] == [("s.m", None)]
    assert not one.probing
    assert one.intervals == ()


async def test_a_probe_that_raises_is_our_fault_on_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: MemoryProbe) -> ProbeResult:
        raise RuntimeError("somebody forgot a case")

    monkeypatch.setattr(MemoryProbe, "probe", broken)
    heard = Heard()
    async with out(tmp_path, heard) as one:
        await asyncio.gather(*one.hurry(["s.m"]))
    ((_, result),) = heard.results
    assert result.failure is not None
    assert (result.failure.reason, result.failure.blind) == (Reason.INTERNAL, True)
    assert "somebody forgot a case" in result.failure.detail


async def test_a_probe_that_ends_under_another_configuration_is_not_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, began = asyncio.Event(), asyncio.Event()

    async def slow(self: MemoryProbe) -> ProbeResult:
        began.set()
        await gate.wait()
        return ProbeResult()

    monkeypatch.setattr(MemoryProbe, "probe", slow)
    heard = Heard()
    async with out(tmp_path, heard) as one:
        probing = one.hurry(["s.m"])
        await began.wait()
        await one.stop()
        await start(one, tmp_path).aclose()
        gate.set()
        await asyncio.gather(*probing, return_exceptions=True)
        assert heard.results == []
