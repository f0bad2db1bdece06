"""Which runbooks a drill practised: those that were run in it, not those that its scenario names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from artisan_tui.domain.drills.coverage import PlayedDrill, practised
from artisan_tui.domain.drills.record import PlayLine, PlayRecord
from artisan_tui.domain.event import GENESIS, seal
from artisan_tui.domain.incidents.events import IncidentNoted
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks.events import RunFinished
from artisan_tui.engine.drills.acts import drill_act
from artisan_tui.engine.identity import OBSERVER

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def act(seq: int, name: str, *, ok: bool = True, runbook: str = "", **arguments: str) -> PlayLine:
    data = {"arguments": arguments, "ok": ok, "output": ""}
    return PlayLine(seq, seq, "act", name, {**data, "runbook": runbook} if runbook else data)


def played(*lines: PlayLine) -> PlayRecord:
    return PlayRecord("a", "d", 1, 100, lines, 1, 1, 1, 1, live=True)


def test_an_act_that_took_effect_and_a_run_that_succeeded_name_their_runbook() -> None:
    record = played(
        act(1, "breaker", runbook="qwen", model="qwen", do="open"),
        act(2, "restore", ok=False, runbook="rollback_full", backup_id="x"),
        act(3, "run", runbook="", state="succeeded"),
        PlayLine(4, 4, "act", "run", {"arguments": {"runbook": "first_checks", "state": "succeeded"}, "ok": True}),
        PlayLine(5, 5, "act", "run", {"arguments": {"runbook": "log_search", "state": "aborted"}, "ok": True}),
        act(6, "acknowledge"),
    )
    assert record.runbooks == {"qwen", "first_checks"}
    assert played().runbooks == frozenset()


def test_a_runbook_is_practised_where_it_was_run_in_the_present_scenario() -> None:
    day = date(2026, 11, 1)
    with_it = PlayedDrill("a", "new", day, runbooks=frozenset({"qwen"}))
    counted = [
        each
        for each in (with_it, replace(with_it, day=date(2026, 11, 20), runbooks=frozenset()))
        if "qwen" in each.runbooks
    ]
    assert practised(counted, {"a": "new"}).last == day


def test_the_end_of_a_run_is_an_act_although_the_program_writes_it_down() -> None:
    def event(body: Body, actor: str) -> object:
        return drill_act(seal(body.entry(NOW, actor, "RUN-1"), 1, NOW, GENESIS))

    assert event(RunFinished(state="succeeded"), OBSERVER) == ("run", {"runbook": "", "state": "succeeded"})
    assert event(IncidentNoted(text="seen"), OBSERVER) is None
    assert event(IncidentNoted(text="seen"), "alice") == ("note", {"text": "seen"})
