"""A session carries out the intent that the store has under a number, also after a failover gave that number to another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.session.loss import Loss
from artisan_tui.engine.bus import Bus, EventsLost
from artisan_tui.engine.runbooks.journaled import JournaledRuns

AT = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)


class Journal:
    """What a store answers: the intent that it has now, and the event that was written."""

    def __init__(self) -> None:
        self.intent, self.seq, self.reads = "restart api", 12, 0

    def call(self, work: Callable[[Any], Any], writes: bool) -> Any:
        if writes:
            return (Event(AT, "kim", "run.intended", "RUN-1", {}, seq=self.seq, hash="x"),)
        self.reads += 1
        return self.intent


def test_a_number_that_is_written_again_is_read_again() -> None:
    journal = Journal()
    runs: Any = JournaledRuns(journal.call, lambda: AT)
    assert [runs.intent("RUN-1", seq) for seq in (11, 12, 12)] == ["restart api"] * 3
    assert journal.reads == 2, "an intent never changes in one journal"
    journal.intent = "restart worker"  # the standby had not got event 12, and this session writes it before it notices
    runs.act(None, lambda view: ())
    assert runs.intent("RUN-1", 12) == "restart worker"
    assert runs.intent("RUN-1", 11) == "restart api"


def test_nothing_is_remembered_once_a_loss_is_noticed() -> None:
    journal = Journal()
    runs: Any = JournaledRuns(journal.call, lambda: AT)
    bus, lost = Bus(), Event(AT, "kim", "note", "", {}, seq=11, hash="y")
    runs.follow(bus)
    runs.intent("RUN-1", 11)
    journal.intent = "restart worker"
    bus.say(EventsLost(Loss((lost,), "", True)))
    assert runs.intent("RUN-1", 11) == "restart worker"
