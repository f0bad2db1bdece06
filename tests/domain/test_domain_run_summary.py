"""What the runs of a runbook say about it."""

from __future__ import annotations

from datetime import timedelta

from artisan_tui.domain.runbooks.summary import RunSummary, drill_overdue, run_statistics
from support.run_line import NOON


def one(
    number: int, state: str = "succeeded", rollback: str = "none", mode: str = "live", seconds: float = 60
) -> RunSummary:
    start = NOON - timedelta(days=number)
    end = start + timedelta(seconds=seconds) if state in ("succeeded", "failed", "aborted") else None
    return RunSummary(f"RUN-{number}", "b", "t", "d", mode, state, rollback, "", True, start, end)


def test_the_rates_count_finished_live_runs_only() -> None:
    runs = [
        one(0, "running"),
        one(1, "failed", "done"),
        *(one(n, seconds=n * 10) for n in range(2, 12)),
        one(12, mode="drill", seconds=9999),
        one(13, "failed", mode="dry"),
    ]
    found = run_statistics(runs)
    assert (found.runs, found.succeeded, found.rolled_back) == (11, 10 / 11, 1 / 11)
    assert (found.p50, found.p90) == (65, 100)
    assert found.last is not None
    assert found.last_drill is not None
    assert (found.last.id, found.last_drill.id) == ("RUN-0", "RUN-12")
    nothing = run_statistics([])
    assert (nothing.runs, nothing.succeeded, nothing.p50, nothing.last) == (0, None, None, None)


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    assert one(1, seconds=-30).seconds == 0


def test_a_drill_is_overdue_after_its_time_and_when_there_was_none() -> None:
    last = one(10, mode="drill")
    assert not drill_overdue(0, None, NOON)
    assert drill_overdue(86400, None, NOON)
    assert drill_overdue(9 * 86400, last, NOON)
    assert not drill_overdue(11 * 86400, last, NOON)
