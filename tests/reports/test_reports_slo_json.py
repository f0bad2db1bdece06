"""``slo report --json``: the contract's keys, and numbers that a script can compare."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.status import Evidence, SloStatus
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.reports.slo.json_documents import report_json
from reports.reports_ledgers import AT, END, OVERRIDE, api, creative, fresh, gated, slo_status, spread

KEYS = [
    "id", "name", "objective", "window", "good", "bad", "total", "sli", "budget_used", "budget_remaining", "burn", "alerts",
    "status", "coverage", "exhausts_at",
]  # fmt: skip


def document(*slo_statuses: SloStatus, override: Any = None) -> dict[str, Any]:
    """As it arrives."""
    found: dict[str, Any] = json.loads(
        json.dumps(report_json(slo_statuses, gated(slo_statuses, override), AT), allow_nan=False)
    )
    return found


def only(*slo_statuses: SloStatus) -> dict[str, Any]:
    found: dict[str, Any] = document(*slo_statuses)["slos"][0]
    return found


def test_the_contract_s_document() -> None:
    found = document(api(), creative(), fresh())
    assert found["at"] == "2026-11-21T09:42:00.000Z"
    assert found["deployments"] == "blocked"
    for each in found["slos"]:
        assert set(KEYS) <= set(each)
        assert list(each["burn"]) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
        assert each["good"] + each["bad"] == each["total"]
        assert all(type(each[name]) is int for name in ("good", "bad", "total"))
    first, second, third = found["slos"]
    assert {name: first[name] for name in ("objective", "window", "good", "bad", "total", "status", "coverage")} == {
        "objective": "99.9", "window": "30d", "good": 1_233_580, "bad": 987, "total": 1_234_567, "status": "healthy",
        "coverage": 1.0,
    }  # fmt: skip
    assert first["budget_used"] == pytest.approx(0.7994705836)
    assert first["budget_used"] + first["budget_remaining"] == pytest.approx(1)
    assert (second["sli"], second["budget_used"], second["budget_remaining"]) == (0.935, 1.3, -0.3)
    assert second["status"] == "exhausted"
    assert second["alerts"] == [{"severity": "ticket", "long": "3d", "short": "6h", "factor": 1.0}]
    assert [third[name] for name in ("sli", "budget_used", "budget_remaining", "exhausts_at")] == [None] * 4
    assert (third["status"], third["doubt"], third["coverage"]) == ("unknown", "no data", 0.0)
    assert set(third["burn"].values()) == {None}


@pytest.mark.parametrize(
    ("bad", "total", "remaining", "status"),
    [(1, 1000, 0.0, "exhausted"), (8, 10_000, 0.2, "warning"), (16, 20_000, 0.2, "warning")],
)
def test_thresholds_are_not_blurred_by_floats(bad: int, total: int, remaining: float, status: str) -> None:
    """1 of 1,000 computed in floats leaves 8.9e-16, 8 of 10,000 0.2000000000000006."""
    found = only(slo_status(spread(total, bad, 30 * DAY)))
    assert (found["budget_remaining"], found["status"]) == (remaining, status)


def test_a_pair_that_fires() -> None:
    quiet = spread(43_200_000, 20, 30 * DAY)
    outage = [(minute, bad + (500 if minute >= END - 10 else 0), total, 1) for minute, bad, total, _ in quiet]
    found = only(slo_status(outage))
    assert found["alerts"][0] == {"severity": "page", "long": "1h", "short": "5m", "factor": 14.4}
    earliest, latest = (datetime.fromisoformat(found[name]) for name in ("exhausts_at", "exhausts_latest"))
    assert timedelta(hours=7) < earliest - AT < timedelta(hours=8)
    assert timedelta(hours=45) < latest - AT < timedelta(hours=46)


def test_never_is_null_and_gone_is_a_time_that_is_over() -> None:
    assert only(slo_status(spread(43_200, 0, 30 * DAY)))["exhausts_at"] is None
    assert only(creative())["exhausts_at"] == "2026-11-21T09:42:00.000Z"


def test_an_override_opens_and_says_what_it_overrides() -> None:
    found = document(creative(), override=OVERRIDE)
    assert found["deployments"] == "allowed"
    assert found["override"] == {
        "actor": "j.park",
        "reason": "hotfix for the login page",
        "until": "2026-11-21T11:42:00.000Z",
        "verdict": "blocked",
    }
    assert document(creative())["override"] is None
    assert document()["deployments"] == "unknown"


def test_what_the_numbers_rest_on() -> None:
    guess = Evidence("latency", estimated=True, estimated_why="no bucket")
    found = only(
        creative(evidence=guess, notes=("n\x1b[31m",), remarks=("r",), problem="p\x07", excluded=[Span(END - 60, END)])
    )
    assert found["estimated"] is True
    assert found["notes"] == ["n", "r"]
    assert found["problem"] == "p"
    assert found["excluded"] == {"bad": 28, "total": 417}
    assert found["total"] == 70_000 - 417
    few = only(slo_status(spread(900, 1, 30 * DAY), minimums=Minimums(events=1000)))
    assert (few["status"], few["doubt"]) == ("unknown", "few events")


def test_counters_that_contradict_each_other_do_not_give_impossible_counts() -> None:
    low = only(slo_status([(minute, -1, 1, 1) for minute in range(END - 30 * DAY, END)]))
    assert (low["good"], low["bad"], low["sli"], low["doubt"]) == (43_200, 0, 1.0, "skew")
    high = only(slo_status([(minute, 2, 1, 1) for minute in range(END - 30 * DAY, END)]))
    assert (high["good"], high["bad"], high["sli"], high["doubt"]) == (0, 43_200, 0.0, "skew")


def test_names_are_printable() -> None:
    found = only(api(id="a\x1b[2Jb", name="n\u202e\nm"))
    assert (found["id"], found["name"]) == ("ab", "n m")
