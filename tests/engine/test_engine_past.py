"""The time machine: what was shown at a past moment, put together from the store, beside what was published then."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.engine.alerts.reader import AlertReader, Gathered
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.oncall.handoff_slice import HandoffSlice
from artisan_tui.engine.oncall.slice import OnCallSlice
from artisan_tui.engine.past.snapshots import PastSnapshot
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.sources.checks.memory import MemoryProbe
from support.past_world import (
    Recorded,
    World,
    differences,
)
from support.virtual_time import VirtualClock, run_virtually


def simulate(monkeypatch: pytest.MonkeyPatch, folder: Path, check: Any) -> None:
    """Run the engine for `MINUTES` of its own time, then ``check(recorded)`` while it still runs."""

    async def main(clock: VirtualClock) -> None:
        world = World(clock)

        async def probe(self: MemoryProbe) -> ProbeResult:
            return world.probe(self._spec.id)

        async def read(self: AlertReader) -> Gathered:
            return world.gathered()

        monkeypatch.setattr(MemoryProbe, "probe", probe)
        monkeypatch.setattr(AlertReader, "read", read)
        recorded = Recorded(folder, clock)
        task = asyncio.create_task(recorded.engine.run())
        try:
            await recorded.act()
            await check(recorded)
        finally:
            recorded.engine.stop()
            await task

    run_virtually(main)


def test_fifty_past_moments_are_what_was_published_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, seen, on_call = random.Random(50), set(), set()

    async def check(recorded: Recorded) -> None:
        first, last = recorded.snapshots[0].at, recorded.snapshots[-1].at
        for _ in range(50):
            # Not the first seconds, in which nobody led yet; nor the newest, which are of now.
            wanted = first + timedelta(seconds=chance.uniform(20, (last - first).total_seconds() - 5))
            then = recorded.at(wanted)
            # A probe that changed nothing shown is published a little later: the moment is that of the publication.
            past = await PastSnapshot(then.at).run(recorded.engine)
            found = differences(then, past)
            assert not found, f"{(then.at - first).total_seconds() / 60:.2f} min: " + "\n".join(found[:8])
            seen.update(view.health.state for view in then[CheckSlice].views)
            seen.update(each.incident.status for each in then[IncidentSlice].open)
            on_call.add(past[OnCallSlice].levels[0].people)
            assert past[HandoffSlice].pending, "nobody accepted since Friday"
        kinds = {event.kind for event in recorded.snapshots[-1][JournalSlice].events}
        assert {
            "check.flapping",
            "alert.seen",
            "alert.raised",
            "alerting.blind",
            "maintenance.began",
            "run.started",
            "oncall.taken",
        } <= kinds, kinds

    simulate(monkeypatch, tmp_path, check)
    assert len(seen) > 7, seen
    assert on_call == {("bob",), ("alice",)}
