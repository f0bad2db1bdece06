"""What a verification counts for: seven days, and only for the definition that was looked at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks.events import RunbookVerified
from artisan_tui.domain.runbooks.preflight import Preflight, PreflightFinding, PreflightStep
from artisan_tui.domain.runbooks.verifications import Verifications, Verified

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def said(outcome: str, *, days: float = 0, digest: str = "d", target: str = "", by: str = "person") -> Entry:
    body = RunbookVerified(definition=digest, outcome=outcome, target=target, by=by, why="w" if outcome != "ok" else "")
    return body.entry(AT - timedelta(days=days), "alice", "example")


def now_of(*entries: Entry, places: tuple[str, ...] = ("",), digest: str = "d") -> Verified:
    known = Verifications()
    known.apply(entries)
    return known.of("example", places, digest, AT)


@pytest.mark.parametrize(
    ("entries", "state", "verified"),
    [
        ((), "never", None),
        ((said("ok"),), "ok", AT),
        ((said("ok", days=7),), "ok", AT - timedelta(days=7)),
        ((said("ok", days=7.001),), "stale", AT - timedelta(days=7.001)),
        ((said("failed", days=30),), "failed", None),
        ((said("unknown"),), "unknown", None),
        ((said("ok", digest="other"),), "changed", None),
        ((said("ok", days=2), said("failed", days=1)), "failed", None),
        ((said("failed", days=2), said("ok", days=1)), "ok", AT - timedelta(days=1)),
        ((said("from a newer program"),), "unknown", None),
    ],
)
def test_exec_case_37_a_result_is_stale_after_seven_days_and_is_of_one_definition(
    entries: tuple[Entry, ...], state: str, verified: datetime | None
) -> None:
    found = now_of(*entries)
    assert (found.state, found.verified_at) == (state, verified)


def test_of_several_places_the_worst_counts() -> None:
    entries = (said("ok", target="compose"), said("failed", target="kubernetes"))
    assert now_of(*entries, places=("compose", "kubernetes")).state == "failed"
    assert now_of(*entries, places=("compose", "drill")).state == "never"
    assert now_of(*entries, places=("compose",)).state == "ok"


def test_the_fold_takes_the_newest_again_without_a_change_and_remembers_the_night() -> None:
    known = Verifications()
    assert known.apply([said("ok", days=1, by="night"), said("ok")])
    assert not known.apply([said("ok")])
    assert known.last_night == AT - timedelta(days=1)
    known.forget()
    assert (known.last_night, known.of("example", ("",), "d", AT).state) == (None, "never")


def test_what_is_read_only_afterwards_fails_the_verification_and_keeps_no_run_from_starting() -> None:
    findings = (
        PreflightFinding("verify", "failed", "api:80 cannot be reached", "correct the URL"),
        PreflightFinding("do", "failed", "the metrics do not answer", tolerated=True),
    )
    found = Preflight("example", "", "d", AT, (PreflightStep("a", "http", findings), PreflightStep("b", "http")))
    assert (found.state, [step.state for step in found.steps]) == ("failed", ["failed", "ok"])
    assert list(found.failures(blocking=True)) == []
    assert list(found.failures()) == [
        "a: verify: api:80 cannot be reached: correct the URL",
        "a: the metrics do not answer",
    ]
    body = found.result("night")
    assert (body.outcome, body.failed, body.steps, body.by) == ("failed", ("a",), 2, "night")
