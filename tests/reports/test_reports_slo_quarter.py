"""The quarterly re-assessment: whether each objective is the right one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.minimums import USUAL
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.review_period import ReviewPeriod
from artisan_tui.reports.slo.quarterly import Advice, assess, quarterly_review
from reports.reports_ledgers import API, AT, SEOUL, WEEK, api, creative, fresh, month, outage


def test_a_quarter() -> None:
    months = [
        ReviewPeriod("2026-08", {API: month(10, 10**6), "llm-creative-latency": month(60, 1000)}),
        ReviewPeriod("2026-09", {API: month(9, 10**6), "llm-creative-latency": month(70, 1000, 100)}),
        ReviewPeriod("2026-10", {API: month(8, 10**6), "llm-creative-latency": month(80, 1000)}),
    ]
    _, journal = outage()
    text = quarterly_review([api(), creative(), fresh()], months, journal.events, AT - 13 * WEEK, AT, SEOUL)
    assert text == (
        """\
# SLO re-assessment: 2026-08-22 18:42 KST - 2026-11-21 18:42 KST

## Error budget used by month

| SLO | Target | Actual | 2026-08 | 2026-09 | 2026-10 | Coverage |
| --- | --- | --- | --- | --- | --- | --- |
| API availability | 99.90% | 99.99% | 1.00% | 0.90% | 0.80% | 100.00% |
| LLM creative latency | 95.00% | 93.00% | 120.00% | (140.00%) | 160.00% | 66.74% |
| RL reward | 99.90% | - | - | - | - | 0.00% |

## Is the objective right?

- **API availability** 99.90%: tighten, if users would notice. \
At 99.95% the worst of 3 months would have used 2.00% and left 98.00%.
- **LLM creative latency** 95.00%: loosen or invest. All 2 months exceeded their error budget; \
at 90.00% the worst month would have used 80.00%. Skipped because coverage is too low: 2026-09 0.23%.
- **RL reward** 99.90%: unknown. Only 0 months have enough data, 2 needed.

## Are the alerts right?

| SLO | Severity | Count | Reopened | Median | Longest | Under 10m |
| --- | --- | --- | --- | --- | --- | --- |
| API availability | page | 1 | 0 | 12m | 12m | 0 |

Pages: 1, or 0.1 a week.

- LLM creative latency exceeded its error budget in 2026-08, 2026-10, but no alert was raised.
"""
    )


@pytest.mark.parametrize(
    ("objective", "months", "advice", "to", "worst"),
    [
        ("99.9%", [month(300, 10**6)] * 3, Advice.TIGHTEN, "99.95%", Fraction(3, 5)),
        ("99.9%", [month(400, 10**6)] * 3, Advice.KEEP, None, Fraction(2, 5)),  # 80 % of 99.95 % is a warning
        ("99.9%", [month(10, 10**6), month(900, 10**6)], Advice.KEEP, None, Fraction(9, 10)),
        ("99.9%", [month(1000, 10**6), month(999, 10**6)], Advice.KEEP, None, Fraction(1)),
        ("99.9%", [month(1000, 10**6), month(1500, 10**6)], Advice.LOOSEN, "99.8%", Fraction(3, 4)),
        ("99.9%", [month(2000, 10**6)] * 2, Advice.LOOSEN, "99.5%", Fraction(2, 5)),  # all of 99.8 % is not kept
        ("99.9%", [month(500_000, 10**6)] * 2, Advice.LOOSEN, None, None),
        ("99.9%", [month(0, 10**6)], Advice.UNKNOWN, None, None),
        ("99.9%", [month(0, 10**6), month(0, 10**6, 100)], Advice.UNKNOWN, None, None),
        ("99.9%", [month(0, 10**4)] * 3, Advice.KEEP, None, Fraction(0)),  # 5 failures would decide
        ("99.999%", [month(0, 10**9)] * 3, Advice.KEEP, None, Fraction(0)),  # nothing stricter is usual
        ("99.9%", [], Advice.UNKNOWN, None, None),
    ],
)
def test_advice(objective: str, months: list[Counts], advice: Advice, to: str | None, worst: Fraction | None) -> None:
    found = assess(parse_objective(objective), USUAL, months)
    assert (found.advice, None if found.to is None else str(found.to), found.worst) == (advice, to, worst)


@given(
    st.sampled_from(["90%", "95%", "97.3%", "99%", "99.9%", "99.99%"]),
    st.lists(st.builds(month, st.integers(0, 10**5), st.integers(10**5, 10**7)), min_size=2, max_size=4),
)
def test_what_is_advised_would_have_held(objective: str, months: list[Counts]) -> None:
    now = parse_objective(objective)
    found = assess(now, USUAL, months)
    if found.to is not None:
        stricter = found.to.target > now.target
        assert stricter == (found.advice is Advice.TIGHTEN)
        limit = Fraction(4, 5) if stricter else Fraction(1)
        assert all(each.bad < limit * found.to.allowed * each.total for each in months)


def test_a_quarter_with_nothing_in_it() -> None:
    assert quarterly_review([], [], [], AT - WEEK, AT, SEOUL).count("None.") == 3


def test_a_month_that_was_overspent_after_an_alert_is_no_blind_spot() -> None:
    months = [ReviewPeriod("2026-10", {API: month(2000, 10**6)})]
    _, journal = outage()
    silent = quarterly_review([api()], months, [], AT - 13 * WEEK, AT, SEOUL)
    paged = quarterly_review([api()], months, journal.events, AT - 13 * WEEK, AT, SEOUL)
    assert "- API availability exceeded its error budget in 2026-10, but no alert was raised." in silent
    assert "no alert was raised" not in paged
