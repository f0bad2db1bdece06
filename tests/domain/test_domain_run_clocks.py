"""The clocks of a run: from where they count, what stops them, and what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.incidents.incident import Incident, Milestone
from artisan_tui.domain.runbooks.clocks import run_clocks
from artisan_tui.domain.runbooks.definition import Runbook, RunbookClock
from artisan_tui.domain.runbooks.run import Run, StepRun
from artisan_tui.reports.runbooks.clocks import clock_document, clock_text
from support.incidents import NOON

CLOCKS = (
    RunbookClock("rto", "RTO", 14400.0, since="declared", until="back"),
    RunbookClock("rpo", "RPO", 1800.0, since="detected"),
)
DR = Runbook("dr", "DR", (), clocks=CLOCKS)
RUN = Run("RUN-1", "dr", "DR", DR.digest, NOON, "alice", steps=(StepRun("back"),))
INCIDENT = Incident(
    "INC-1",
    "Region lost",
    1,
    NOON - timedelta(minutes=10),
    milestones={"detected": Milestone(NOON - timedelta(minutes=20), 1, 1)},
)


def said(run: Run, incident: Incident | None, minutes: float) -> list[str]:
    return [clock_text(each, NOON + timedelta(minutes=minutes)) for each in run_clocks(DR, run, incident)]


def test_they_count_from_the_incident_and_without_one_from_the_run() -> None:
    assert said(RUN, INCIDENT, 5) == ["RTO: 3h45m left of 4h", "RPO: 5m left of 30m"]
    assert said(RUN, None, 5) == ["RTO: 3h55m left of 4h", "RPO: 25m left of 30m"]


def test_what_is_overdue_is_said_in_words_and_in_json() -> None:
    assert said(RUN, INCIDENT, 300) == [
        "RTO: OVERDUE by 1h10m, 4h were allowed",
        "RPO: OVERDUE by 4h50m, 30m were allowed",
    ]
    document = clock_document(run_clocks(DR, RUN, INCIDENT)[0], NOON + timedelta(minutes=300))
    assert (document["left_seconds"], document["overdue"], document["reached_at"]) == (-4200.0, True, None)
    assert document["within_seconds"] == 14400.0


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(60, "RTO: reached with 2h50m left of 4h"), (240, "RTO: reached 10m too late, 4h were allowed")],
)
def test_a_clock_stands_still_when_its_step_succeeded(minutes: float, words: str) -> None:
    back = StepRun("back", state="succeeded", finished_at=NOON + timedelta(minutes=minutes))
    assert said(replace(RUN, steps=(back,)), INCIDENT, 1000)[0] == words


def test_a_run_that_ended_before_says_so_and_a_dry_one_has_no_clock() -> None:
    failed = replace(RUN, state="failed", finished_at=NOON + timedelta(minutes=30))
    assert said(failed, INCIDENT, 1000) == ["RTO: not reached in this run", "RPO: not reached in this run"]
    done = replace(RUN, state="succeeded", finished_at=NOON + timedelta(minutes=5))
    assert said(done, INCIDENT, 1000)[1] == "RPO: reached with 5m left of 30m"
    assert run_clocks(DR, replace(RUN, mode="dry"), INCIDENT) == ()
