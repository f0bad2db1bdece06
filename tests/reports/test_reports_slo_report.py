"""``slo report``: the SRE guide's layout over ledgers evaluated for real."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.status import Evidence, Progress, SloStatus
from artisan_tui.domain.slo.windows import DAY, MinuteGrid, Span
from artisan_tui.i18n import use_language
from artisan_tui.reports.slo import report as slo
from artisan_tui.reports.slo.explain import explain_lines
from artisan_tui.reports.slo.report import report_lines
from reports.reports_ledgers import AT, END, OVERRIDE, SEOUL, api, creative, fresh, gated, slo_status, spread

HOUR = 60


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


def report(*slo_statuses: SloStatus, override: Any = None) -> list[str]:
    return report_lines(slo_statuses, gated(slo_statuses, override), AT, SEOUL)


def rows(lines: list[str]) -> dict[str, str]:
    """Label and value of the only block."""
    cut = (line.strip().partition(":") for line in lines if line.startswith("   "))
    return {label: said.strip() for label, _, said in cut}


# -- golden ------------------------------------------------------------------------


def test_the_seed_s_report_with_the_right_numbers() -> None:
    """Guide 001 §1.4 prints 20 % used of the first and 82 % ("warning", deployments allowed) of the second.

    987 of 1,234,567 at 99.9 % is 987 of the 1,234.567 that may fail: 79.95 %. At 93.5 % there are 6.5 bad of every 5
    that may be: 130 %, which is exhausted and blocks.
    """
    assert Fraction(987, 1_234_567) / Fraction(1, 1000) == Fraction(987_000, 1_234_567)
    assert report(api(), creative()) == [
        "============================================================",
        "SLO & Error Budget Report",
        "============================================================",
        "2026-11-21 18:42 KST (Asia/Seoul)",
        "",
        "OK  API availability (api-availability)",
        "   Target:              99.90%",
        "   Actual:              99.92%",
        "   Error Budget Used:   79.95%",
        "   Error Budget Left:   20.05%",
        "   Status:              healthy",
        "   Total Requests:      1,234,567",
        "   Failed Requests:     987",
        "   SLO Window:          30d, 2026-10-22 18:42 to 2026-11-21 18:42 KST",
        "   Burn Rate:           1h 1.17   6h 0.88   3d 0.81",
        "   Alerts:              none firing",
        "   Forecast:            runs out in 10d7h at the earliest, or not at all",
        "",
        "EXHAUSTED  LLM creative latency (llm-creative-latency)",
        "   Target:              95.00%",
        "   Actual:              93.50%",
        "   Error Budget Used:   130.00%",
        "   Error Budget Left:   -30.00%",
        "   Status:              exhausted",
        "   Total Requests:      70,000",
        "   Slow Requests:       4,550",
        "   SLO Window:          7d, 2026-11-14 18:42 to 2026-11-21 18:42 KST",
        "   Burn Rate:           1h 1.35   6h 1.31   3d 1.30",
        "   Alerts:              ticket 3d/6h above 1",
        "   Forecast:            already exhausted",
        "",
        "============================================================",
        "BLOCKED  Status: Deployments blocked due to SLO violations: llm-creative-latency",
        "============================================================",
    ]


def test_the_workbook_s_month_of_requests() -> None:
    """SRE Workbook ch. 2: 3,663,253 requests, 97 % allows 109,897 failures, 14,066 of them used 12.8 %."""
    status = slo_status(spread(3_663_253, 14_066, 30 * DAY), "97%")
    assert int(status.evaluation.budget.allowance) == 109_897
    found = rows(report(status))
    assert found["Error Budget Used"] == "12.80%"
    assert found["Failed Requests"] == "14,066"
    all_bad = slo_status(spread(3_663_253, 3_663_253 - 3_557_865, 30 * DAY), "97%")
    assert rows(report(all_bad))["Actual"] == "97.12%"  # 97.123 %


def test_ten_requests_an_hour_and_one_failure() -> None:
    """SRE Workbook ch. 5: 13.9 % of a 30 d budget at 99.9 %."""
    status = slo_status(spread(7200, 1, 30 * DAY))
    assert rows(report(status))["Error Budget Used"] == "13.89%"


@pytest.mark.parametrize(
    ("bad", "total", "left", "status"),
    [
        (1, 1000, "0.00%", "exhausted"),
        (8, 10_000, "20.00%", "warning"),
        (799_999, 10**9, "20.0001%", "healthy"),
        (999_600, 10**9, "0.04%", "warning"),
        (999_999, 10**9, "0.0001%", "warning"),
        (1_000_001, 10**9, "-0.01%", "exhausted"),
    ],
)
def test_thresholds_are_the_same_in_number_and_word(bad: int, total: int, left: str, status: str) -> None:
    found = rows(report(slo_status(spread(total, bad, 30 * DAY))))
    assert (found["Error Budget Left"], found["Status"]) == (left, status)


# -- units -----------------------------------------------------------------------------


def test_what_is_counted_has_its_own_name() -> None:
    minutes = slo_status(spread(10_080, 100, 7 * DAY), "99%", "7d", unit="slices", kind="slices")
    assert rows(report(minutes))["Measured Minutes"] == "10,080"
    assert rows(report(minutes))["Bad Minutes"] == "100"
    five = [(END - 7 * DAY + at, at % 100 == 0, 1, 1) for at in range(4, 7 * DAY, 5)]
    slices = slo_status(five, "99%", "7d", unit="slices", kind="slices", grid=MinuteGrid(300_000))
    assert rows(report(slices))["Measured Slices"] == "2,016"
    status = slo_status(spread(20_160, 3, 7 * DAY), window="7d", unit="probes", kind="checks")
    assert (rows(report(status))["Total Probes"], rows(report(status))["Failed Probes"]) == ("20,160", "3")
    share = slo_status(spread(10_080 * 10**6, 10**6, 7 * DAY), window="7d", unit="share", kind="promql")
    assert rows(report(share))["Measured Minutes"] == "10,080"
    assert not any("Requests" in label or "Bad" in label for label in rows(report(share)))


# -- doubts ---------------------------------------------------------------------------


def test_nothing_read_yet_is_unknown_and_says_so() -> None:
    lines = report(fresh(problem="cannot reach http://127.0.0.1:9090"))
    found = rows(lines)
    assert lines[5] == "UNKNOWN  RL reward (rl-reward)"
    assert found["Actual"] == "no data"
    assert (found["Error Budget Used"], found["Error Budget Left"]) == ("-", "-")
    assert found["Status"] == "unknown: no data in the window"
    assert found["Forecast"] == "not enough data for a forecast"
    assert found["Coverage"] == "0.00%"
    assert found["Newest Data"] == "none yet"
    assert lines[-2] == "UNKNOWN  Status: Deployments blocked, SLO status unknown: rl-reward"


def test_an_unknown_reason_keeps_the_numbers_and_takes_the_verdict() -> None:
    found = rows(report(slo_status(spread(20_000, 1, 20 * DAY))))
    assert found["Actual"] == "99.99%"
    assert found["Status"] == "unknown: only 66.66% of the window has data, 90% needed"
    assert found["Coverage"] == "66.66%"
    few = rows(report(slo_status(spread(900, 1, 30 * DAY), minimums=Minimums(events=1000))))
    assert few["Status"] == "unknown: only 900 events, 1,000 needed"
    partial = rows(report(api(partial=True)))
    assert partial["Status"] == "unknown: the newest data is missing or incomplete"
    skewed = [(minute, -2, 1, 1) for minute in range(END - 30 * DAY, END)]
    found = rows(report(slo_status(skewed)))
    assert found["Status"] == "unknown: inconsistent counters: -86,400 bad of 43,200"


def test_what_was_almost_all_seen_is_not_all() -> None:
    almost = [row for row in spread(10**6, 100, 30 * DAY) if row[0] != END - 77]
    assert rows(report(slo_status(almost)))["Coverage"] == "99.99%"
    assert "Coverage" not in rows(report(api()))


def test_reservations_are_on_the_page() -> None:
    guess = Evidence("latency", estimated=True, estimated_why="no bucket ends at 4.5 s", interval_ms=15_000)
    status = creative(
        evidence=guess,
        excluded=[Span(END - 600, END - 480)],
        notes=("partial answer: store-1 is down",),
        remarks=("the bucket is new",),
        kept_seconds=15 * 86400.0,
        progress=Progress(1200, 43_200),
        problem="503 Service Unavailable\x1b[31m",
        read_at=AT - timedelta(minutes=22),
    )
    lines = report(status)
    found = rows(lines)
    assert found["Actual"].endswith("% (estimated)")
    assert found["Estimated"] == "no bucket ends at 4.5 s"
    assert found["Maintenance"] == "2h not counted, with 54 bad of 833"
    assert found["Backfill"] == "1,200 of 43,200 minutes"
    assert found["Problem"] == "503 Service Unavailable"
    assert found["Newest Data"] == "2026-11-21 18:20 KST, 22m ago"
    assert [line.split(":", 1)[1].strip() for line in lines if line.startswith("   Note:")] == [
        "partial answer: store-1 is down",
        "the bucket is new",
    ]
    assert "Retention" not in found  # the server keeps longer than a week


def test_a_server_that_forgets_sooner_than_the_window() -> None:
    young = slo_status(spread(700_000, 9, 22 * DAY), kept_seconds=15 * 86400.0)
    assert rows(report(young))["Retention"] == "30d needed, the server keeps 15d, 22d stored here"
    assert rows(report(fresh(kept_seconds=15 * 86400.0)))["Retention"].endswith("0s stored here")


def test_an_answer_that_is_late_is_dated_without_a_problem_too() -> None:
    assert "Newest Data" not in rows(report(api(read_at=AT - timedelta(minutes=5))))
    late = rows(report(api(read_at=AT - timedelta(minutes=6))))
    assert late["Newest Data"] == "2026-11-21 18:36 KST, 6m ago"


# -- what comes -----------------------------------------------------------------------


def test_alerts_and_forecast_of_an_outage() -> None:
    quiet = spread(43_200_000, 20, 30 * DAY)
    outage = [(minute, bad + (500 if minute >= END - 10 else 0), total, 1) for minute, bad, total, _ in quiet]
    found = rows(report(slo_status(outage)))
    assert found["Burn Rate"].startswith("1h 83.35   6h 13.90   3d ")
    assert found["Alerts"].split(", ")[0] == "page 1h/5m above 14.4"
    assert found["Forecast"] == "runs out in 7h38m to 1d21h"
    calm = rows(report(slo_status(spread(43_200_000, 0, 30 * DAY))))
    assert calm["Forecast"] == "not exhausted at this burn rate"


def test_an_even_burn_has_one_time() -> None:
    even = [(minute, 2 if minute >= END - 360 else 0, 1000, 1) for minute in range(END - 30 * DAY, END)]
    assert rows(report(slo_status(even)))["Forecast"] == "runs out in 14d18h"


def test_one_failure_leaves_the_range_open() -> None:
    assert rows(report(api()))["Forecast"] == "runs out in 10d7h at the earliest, or not at all"


# -- the gate --------------------------------------------------------------------------


def test_the_closing_line() -> None:
    good = slo_status(spread(43_200, 0, 30 * DAY), id="good")
    low = slo_status(spread(10_000, 9, 30 * DAY), id="low")
    assert report(good)[-2] == "OK  Status: All SLOs within error budget - Deployments allowed"
    assert report(good, low)[-3:-1] == [
        "OK  Status: All SLOs within error budget - Deployments allowed",
        "WARN  deploy with care: low has 10.00% left",
    ]
    assert low.evaluation.status is BudgetStatus.WARNING
    both = report(low, creative(), fresh())
    assert both[-2] == (
        "BLOCKED  Status: Deployments blocked due to SLO violations: llm-creative-latency; unknown: rl-reward"
    )
    assert report()[-2] == "UNKNOWN  Status: Deployments blocked: no SLO is configured"


def test_an_override_does_not_hide_what_the_budgets_say() -> None:
    assert report(creative(), override=OVERRIDE)[-3:-1] == [
        "OVERRIDDEN  Status: Deployments blocked due to SLO violations: llm-creative-latency",
        "Override: j.park allowed deployments until 2026-11-21 20:42 KST: hotfix for the login page",
    ]


# -- every terminal, both languages ---------------------------------------------------


def awkward() -> list[SloStatus]:
    """Every branch of the words at once."""
    hostile = "evil\x1b]0;x\x07\u202e\nname"
    return [
        api(kept_seconds=86400.0, progress=Progress(1, 2)),
        creative(
            excluded=[Span(END - 60, END)], notes=("n",), evidence=Evidence("latency", estimated=True, unclaimed=7)
        ),
        fresh(problem="p"),
        slo_status(spread(20_000, 1, 20 * DAY), id=hostile, name=hostile),
        slo_status(spread(900, 1, 30 * DAY), minimums=Minimums(events=1000)),
        slo_status([(minute, -2, 1, 1) for minute in range(END - 30 * DAY, END)]),
        slo_status(spread(43_200, 1, 30 * DAY), window="month"),
        slo_status(spread(43_200, 40_000, 30 * DAY), window="month", unit="share", kind="promql"),
        slo_status(spread(10_080, 1, 7 * DAY), "50%", "7d", unit="slices", kind="slices"),
        slo_status(spread(10_080, 5000, 7 * DAY), "50%", "7d", unit="probes", kind="checks", partial=True),
        slo_status(spread(10_080, 1, 7 * DAY), "95%", "7d", unit="a new one", kind="new"),
    ]


@pytest.mark.parametrize("override", [None, OVERRIDE])
def test_english_is_ascii_and_nothing_in_it_drives_a_terminal(override: Any) -> None:
    lines = report(*awkward(), override=override)
    lines += [line for each in awkward() for line in explain_lines(each, SEOUL)]
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_both_languages_say_everything(language: str) -> None:
    use_language(language)
    lines = report(*awkward(), override=OVERRIDE)
    lines += [line for each in awkward() for line in explain_lines(each, SEOUL)]
    assert not [line for line in lines if "{" in line.replace("{status", "")]
    assert len(lines) > 200


def test_no_text_hides_from_the_catalogue_in_an_f_string() -> None:
    """Babel reads nothing out of an f-string on Python 3.11."""
    hidden = []
    for path in sorted(Path(slo.__file__).parent.glob("slo*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
                hidden += [f"{path.name}:{node.lineno}" for func in calls if getattr(func, "id", "") == "_"]
    assert hidden == []


def test_names_that_are_the_id_stand_once() -> None:
    assert report(api(name="api-availability"))[5] == "OK  api-availability"


def test_the_order_is_the_caller_s() -> None:
    heads = [line for line in report(fresh(), api()) if line.startswith(("OK  API", "UNKNOWN  RL"))]
    assert [head.split()[0] for head in heads] == ["UNKNOWN", "OK"]


def test_a_gate_of_another_making_is_said_as_it_is() -> None:
    only = replace(gated([creative()]), unknown=("x\x1b[2J",))
    assert isinstance(only, Gate)
    assert report_lines([creative()], only, AT, SEOUL)[-2].endswith("unknown: x")
