"""A run that succeeded speaks for what goes on from it, until that was done, or the run was rolled back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks.events import RunFinished, RunRollbackFinished, RunStarted
from artisan_tui.domain.runbooks.follow_ups import RunbookOfRun, follow_up_causes
from artisan_tui.domain.runbooks.suggestions import Suggestions
from support.run_host import downshift

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DOWN = downshift()
BACK = replace(DOWN, id="qwen_recovery", suggest_on=(f"run:{DOWN.id}",))
OTHER = replace(DOWN, id="tell_everybody", suggest_on=(f"run:{DOWN.id}",))
BOOKS = {each.id: each for each in (DOWN, BACK, OTHER)}


class World:
    def __init__(self) -> None:
        self.runs, self.suggestions, self.now = RunbookOfRun(), Suggestions(), AT

    def happen(self, run: str, *bodies: Body) -> None:
        entries = [body.entry(self.now, "alice", run) for body in bodies]
        self.runs.apply([each for each in entries if each.kind in RunbookOfRun.KINDS])
        self.look(entries)

    def look(self, entries: list[Entry]) -> None:
        causes = list(follow_up_causes(entries, self.runs, BOOKS, self.now, self.suggestions.open))
        self.suggestions.apply(self.suggestions.follow(causes, BOOKS, self.now))

    def run(self, run: str, runbook: str, state: str = "succeeded", mode: str = "live") -> None:
        self.happen(run, RunStarted(runbook=runbook, title="", definition="", mode=mode), RunFinished(state=state))

    @property
    def suggested(self) -> set[str]:
        return {each.runbook for each in self.suggestions.open}


def test_after_a_success_the_way_back_is_suggested_with_the_run_that_it_goes_on_from() -> None:
    world = World()
    world.run("RUN-1", DOWN.id)
    assert world.suggested == {"qwen_recovery", "tell_everybody"}
    assert {each.evidence for each in world.suggestions.open} == {f"{DOWN.id} succeeded in RUN-1"}


def test_a_failure_and_a_dry_run_suggest_nothing_and_a_drill_does() -> None:
    world = World()
    world.run("RUN-1", DOWN.id, "failed")
    world.run("RUN-2", DOWN.id, mode="dry")
    assert world.suggested == set()
    world.run("RUN-3", DOWN.id, mode="drill")
    assert "qwen_recovery" in world.suggested


def test_it_is_over_when_it_was_done_and_only_for_what_was_done() -> None:
    world = World()
    world.run("RUN-1", DOWN.id)
    world.run("RUN-2", "qwen_recovery", "aborted")
    assert world.suggested == {"qwen_recovery", "tell_everybody"}
    world.run("RUN-3", "qwen_recovery")
    assert world.suggested == {"tell_everybody"}


def test_it_is_over_when_the_run_was_rolled_back_or_a_day_went_by() -> None:
    world = World()
    world.run("RUN-1", DOWN.id)
    world.happen("RUN-1", RunRollbackFinished(state="failed"))
    assert "qwen_recovery" in world.suggested
    world.happen("RUN-1", RunRollbackFinished(state="done"))
    assert world.suggested == set()
    world.run("RUN-2", DOWN.id)
    world.now = AT + timedelta(hours=24, seconds=1)
    world.look([])
    assert world.suggested == set()
