"""A runbook that is practised: no message of it leaves, no figure of incidents changes, and a real Sev1 comes first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents import acts
from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.incidents.metrics import metrics
from artisan_tui.domain.incidents.policy import IncidentPolicy
from artisan_tui.domain.runbooks.events import RunFinished, RunRollbackFinished, RunRollbackStarted
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.incidents.transaction import incident_store
from artisan_tui.engine.runbooks.notices import with_notices
from support.incidents import NOON, Timeline
from support.live_runs import House, Seat, book, effect_step
from support.notify_engine import pagerduty

#: Nothing listens there: a drill that is only begun asks its stack nothing.
PLACES = '[[target]]\nid = "lab"\nstack = "http://127.0.0.1:9"\n'


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("PD", "routing-key-of-a-test-000000000000")
    return House(tmp_path, book(effect_step("a")), more=pagerduty("http://127.0.0.1:9/") + PLACES)


def told(seat: Seat, run: str) -> list[str]:
    """What is queued with everything that is told of a run: its start as it was written, and its rollback."""
    found = [str(each.body["title"]) for each in seat.store.journal.page(500) if each.kind == "notify.queued"]
    now, known = datetime.now(UTC), seat.run(run)
    after: list[Entry] = [
        RunFinished(state="failed").entry(now, "alice", run),
        RunRollbackStarted(steps=("a",)).entry(now, "alice", run),
        RunRollbackFinished(state="failed", why="it broke", left=("a",)).entry(now, "alice", run),
    ]
    queued = [each for each in with_notices(seat.rules, known, after) if each.kind == "notify.queued"]
    return found + [str(each.body["title"]) for each in queued]


def test_rb_case_26_a_drill_tells_no_channel_of_its_start_nor_of_its_rollback(house: House) -> None:
    with house.seat() as seat:
        assert told(seat, seat.start(target="lab", mode="drill")) == []


def test_the_same_run_that_is_no_drill_tells_of_all_of_it(house: House) -> None:
    with house.seat() as seat:
        titles = told(seat, seat.start(target="lab"))
        assert [title.partition(": ")[2] for title in titles] == [
            "example started at lab",
            "rollback of example started at lab",
            "the rollback of example is incomplete",
        ][: len(titles)]
        assert len(titles) >= 2


def test_rb_case_26_begun_during_a_sev1_a_drill_is_refused_and_nothing_is_written(house: House) -> None:
    with house.seat() as seat:
        seat.store.append(declared("INC-20261123-120000"), at=NOON)
        assert [each.id for each in incident_store(seat.store).open()] == ["INC-20261123-120000"]
        before = seat.store.journal.page(500)
        with pytest.raises(CommandRefused, match="INC-20261123-120000 is open: no drill during a Sev1 or Sev2"):
            seat.start(target="lab", mode="drill")
        assert seat.store.journal.page(500) == before


def test_rb_case_26_the_incident_of_a_drill_keeps_no_drill_away_and_changes_no_mttr(house: House) -> None:
    line = Timeline()
    line.declare(1, "INC-1")
    line.at(40).write(acts.resolve(line.one, line.by(), "restarted"))
    before = metrics(line.incidents.values())
    line.at(50).declare(1, "INC-2", drill=True)
    assert metrics(line.incidents.values()) == before
    line.at(51).write(acts.resolve(line.incidents["INC-2"], line.by(), "practised"))
    assert metrics(line.incidents.values()) == before
    assert (before[1].mttr.n, before[1].mttr.median) == (1, 40 * 60)
    with house.seat() as seat:
        seat.store.append(declared("INC-20261123-120002", drill=True), at=NOON)
        run = seat.start(target="lab", mode="drill")
        assert seat.run(run).mode == "drill"


def declared(name: str, *, drill: bool = False) -> Sequence[Entry]:
    """A Sev1."""
    by = By("alice", NOON)
    return acts.declare(name, by, title="Qwen is down", severity=1, policy=IncidentPolicy(), drill=drill)
