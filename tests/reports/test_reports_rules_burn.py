"""Counters and latencies as rules, proved by promtool against invented histories: what fires, and when."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.burn import Pair, Plan, Severity
from artisan_tui.domain.slo.rule_source import EventsRule, RuleSource
from artisan_tui.reports.slo.rules import rule_file
from support.rule_files import (
    API,
    LLM,
    QUIET,
    Firing,
    History,
    evaluating,
    levels,
    no_data,
    page,
    source,
    steps,
    ticket,
)

SLO = source("api", API)
HOUR = 120  # samples, one every 30 s
OK, BAD = 'api_requests_total{status="200"}', 'api_requests_total{status="500"}'
#: As long as the longest window of a page: before it, a window holds only what there is.
CLEAN = 6 * HOUR


def rules(*sources: RuleSource) -> str:
    return rule_file(sources).text


def failing(share: Fraction, ill: int, well: int = 0) -> dict[str, str]:
    """Six clean hours, then ``share`` of a thousand requests per sample fail."""
    return {
        OK: steps((1000, CLEAN), (1000 * (1 - share), ill), (1000, well)),
        BAD: steps((0, CLEAN), (1000 * share, ill), (0, well)),
    }


def pages_after(slo: RuleSource, share: Fraction) -> dict[str, float]:
    """Minutes until each page of its plan fires, by the domain's own arithmetic."""
    names = {5: "5m", 60: "1h", 360: "6h"}
    pairs = [pair for pair in slo.slo.plan.pairs if pair.severity is Severity.PAGE]
    known = {names[pair.long]: pair.fires_after(slo.slo.objective, share) for pair in pairs}
    return {name: float(after) for name, after in known.items() if after is not None}


def test_quiet_while_healthy(tmp_path: Path) -> None:
    healthy = {
        OK: steps((9995, 7 * HOUR)),
        BAD: steps((5, 7 * HOUR)),
        'api_requests_total{status="404"}': steps((900, 840)),
    }
    History(healthy).shows(rules(SLO), tmp_path, {2: QUIET, 60: QUIET, 400: QUIET})


def test_quiet_while_nobody_has_failed_yet(tmp_path: Path) -> None:
    zero = evaluating("slo:sli_error:ratio_rate1h", 120, {'slo:sli_error:ratio_rate1h{slo="api"}': 0})
    History({OK: steps((1000, 3 * HOUR))}).shows(rules(SLO), tmp_path, {5: QUIET, 120: QUIET}, [zero])


@pytest.mark.parametrize("percent", [100, 15, 2])
def test_pages_when_the_workbook_says(tmp_path: Path, percent: int) -> None:
    share = Fraction(percent, 100)
    turns = pages_after(SLO, share)
    # 52 s and 2.2 min, 5.8 and 14.4 min, 43.2 and 108 min.
    assert turns["1h"] == pytest.approx(14.4 * 60 * 0.001 / (percent / 100))
    begin = 359.5  # the sample at 360 has counted the half minute before it
    moments: dict[float, Firing] = {begin: QUIET}
    for turn in turns.values():
        # Half a minute before it, and two after it: a counter's rate and a chain of rules lag a little.
        for after in (int(turn * 2) / 2 - 0.5, int(turn) + 2):
            if all(not other <= after < other + 2 for other in turns.values()) or after == int(turn) + 2:
                moments[begin + after] = page("Api", *(name for name, other in turns.items() if other < after))
    History(failing(share, 2 * HOUR)).shows(rules(SLO), tmp_path, moments, severity="page")


def test_burning_at_almost_the_threshold_wakes_nobody(tmp_path: Path) -> None:
    # 14.3 times for an hour and a half: the quick page waits for more than 14.4, the slow one for 2.5 hours.
    history = History(failing(Fraction(143, 10_000), HOUR + HOUR // 2))
    history.shows(rules(SLO), tmp_path, {360 + 89: QUIET}, severity="page")


def test_a_total_failure_of_a_service_that_had_never_failed_pages_within_two_minutes(tmp_path: Path) -> None:
    # The first sample of the new series is lost to `rate`; what comes after it is not.
    history = History({OK: steps((1000, CLEAN), (0, HOUR)), BAD: steps((None, CLEAN), (1000, HOUR))})
    history.shows(rules(SLO), tmp_path, {360: QUIET, 361.5: page("Api", "1h")}, severity="page")


def test_what_pages_stops_when_it_is_over(tmp_path: Path) -> None:
    history = History(failing(Fraction(1), HOUR // 4, 2 * HOUR))
    # 5 and 30 minutes after the end the short windows of the two pages are clean again, long before the long ones.
    both = page("Api", "1h", "6h")
    moments = {374: both, 379: both, 382: page("Api", "6h"), 403: page("Api", "6h"), 407: QUIET}
    history.shows(rules(SLO), tmp_path, moments, severity="page")


def test_a_slow_burn_is_a_ticket_and_nobody_is_woken(tmp_path: Path) -> None:
    # Twice the allowed rate empties the budget in 15 days; the 3d pair says so after a day and a half.
    clean, ill = 3 * 288, 2 * 288
    history = History({OK: steps((10_000, clean), (9_980, ill)), BAD: steps((0, clean), (20, ill))}, interval=300)
    after_three_days = {72 * 60: QUIET, (72 + 35) * 60: QUIET, (72 + 37) * 60: ticket("Api", "3d")}
    history.shows(rules(SLO), tmp_path, after_three_days)


def test_one_failure_of_three_requests_pages_nobody(tmp_path: Path) -> None:
    few = History({OK: levels((2, 4), (3, HOUR)), BAD: levels((0, 6), (1, HOUR))})
    third = evaluating("slo:sli_error:ratio_rate5m > bool 0.3", 4, {'{slo="api"}': 1})
    few.shows(rules(SLO), tmp_path, {4: QUIET, 20: QUIET}, [third])


def test_two_failures_do(tmp_path: Path) -> None:
    few = History({OK: levels((2, 4), (4, HOUR)), BAD: levels((0, 6), (2, HOUR))})
    few.shows(rules(SLO), tmp_path, {4: page("Api", "1h", "6h")}, severity="page")


@pytest.mark.parametrize(("bad", "fires"), [(79, QUIET), (81, page("Api", "1h"))])
def test_a_team_s_own_pair(tmp_path: Path, bad: int, fires: Firing) -> None:
    slo = source("api", API, "99%")
    slo = replace(slo, slo=replace(slo.slo, plan=Plan((Pair(Severity.PAGE, 60, 7, Fraction(8)),), ())))
    history = History({OK: steps((1000 - bad, 3 * HOUR)), BAD: steps((bad, 3 * HOUR))})
    history.shows(rules(slo), tmp_path, {120: fires})


def test_a_dead_exporter_is_said_and_is_not_a_zero(tmp_path: Path) -> None:
    history = History({OK: steps((1000, HOUR), (None, HOUR)), BAD: steps((1, HOUR), (None, HOUR))})
    nothing = evaluating("slo:sli_error:ratio_rate5m", 80, {})
    history.shows(rules(SLO), tmp_path, {60: QUIET, 66: QUIET, 72: no_data("Api")}, [nothing])


def test_a_metric_that_never_was_is_no_data(tmp_path: Path) -> None:
    History({"another_total": steps((1, HOUR))}).shows(rules(SLO), tmp_path, {4: QUIET, 6: no_data("Api")})


def test_a_day_without_one_event_is_no_data(tmp_path: Path) -> None:
    silent = History({OK: steps((1, 288), (0, 2 * 288))}, interval=300)
    silent.shows(rules(SLO), tmp_path, {47 * 60: QUIET, 49 * 60: no_data("Api")})


def test_no_traffic_leaves_no_nan(tmp_path: Path) -> None:
    # 0/0 would be NaN, and NaN is above nothing: one of them would poison every sum over it.
    history = History({OK: steps((1000, HOUR), (0, HOUR), (1000, HOUR)), BAD: steps((0, 3 * HOUR))})
    asked = [
        evaluating("slo:sli_error:ratio_rate5m", 100, {}),
        evaluating("slo:sli_error:ratio_rate30d", 170, {'slo:sli_error:ratio_rate30d{slo="api"}': 0}),
    ]
    history.shows(rules(SLO), tmp_path, {100: QUIET, 170: QUIET}, asked)


def test_good_events_instead_of_bad_ones(tmp_path: Path) -> None:
    slo = source("jobs", EventsRule(parse_selector("jobs_total"), good=parse_selector('jobs_total{state="done"}')))
    done, lost = 'jobs_total{state="done"}', 'jobs_total{state="lost"}'
    history = History({done: steps((100, CLEAN), (0, HOUR)), lost: steps((0, CLEAN), (100, HOUR))})
    moments = {359: QUIET, 361.5: page("Jobs", "1h"), 380: page("Jobs", "1h", "6h")}
    history.shows(rules(slo), tmp_path, moments, severity="page")


def test_the_long_window_weighs_events_and_not_minutes(tmp_path: Path) -> None:
    # An hour of 5,000 events a sample without a failure, an hour of 50 with 10 %: together 0.1 %, not the mean's 5 %.
    history = History({OK: steps((5000, HOUR), (45, HOUR)), BAD: steps((0, HOUR), (5, HOUR))})
    said = {
        "slo:sli_error:ratio_rate30d < bool 0.0011": 1,
        "slo:sli_error:ratio_rate30d > bool 0.0009": 1,
        "slo:period_error_budget_remaining:ratio < bool 0.1": 1,
        "slo:period_error_budget_remaining:ratio > bool -0.1": 1,
        "slo:current_burn_rate:ratio > bool 99": 1,
    }
    asked = [evaluating(query, 120, {'{slo="api"}': value}) for query, value in said.items()]
    history.shows(rules(SLO), tmp_path, {}, asked)


# ---------------------------------------------------------------- latency

BUCKET = 'llm_brief_latency_seconds_bucket{mode="creative",le="%s"}'
SLOW = source("llm", LLM, "95%", "7d")


def latency(slow: Fraction, bound: str = "4.5") -> dict[str, str]:
    """Six fast hours, then an hour in which ``slow`` of the answers take longer than ``bound``; another mode beside it."""
    return {
        BUCKET % "1.5": steps((10, CLEAN + HOUR)),
        BUCKET % bound: steps((100, CLEAN), (100 * (1 - slow), HOUR)),
        BUCKET % "+Inf": steps((100, CLEAN + HOUR)),
        'llm_brief_latency_seconds_bucket{mode="fast",le="4.5"}': steps((0, CLEAN + HOUR)),
        'llm_brief_latency_seconds_bucket{mode="fast",le="+Inf"}': steps((900, CLEAN + HOUR)),
    }


def test_a_total_latency_failure_pages_in_four_minutes_and_not_only_in_forty(tmp_path: Path) -> None:
    # 80 % of five minutes are bad after four; 67.2 % of the hour after 40.3, 17.5 % of six hours after 63.
    assert pages_after(SLOW, Fraction(1)) == pytest.approx({"5m": 4, "1h": 40.32, "6h": 63})
    moments = {359: QUIET, 363: QUIET, 365.5: page("Llm", "5m"), 399: page("Llm", "5m"), 402: page("Llm", "5m", "1h")}
    History(latency(Fraction(1))).shows(rules(SLOW), tmp_path, moments, severity="page")


def test_slow_answers_within_the_objective_are_quiet(tmp_path: Path) -> None:
    History(latency(Fraction(4, 100))).shows(rules(SLOW), tmp_path, {365: QUIET, 415: QUIET})


@pytest.mark.parametrize("bound", ["4", "4.0"])
def test_a_whole_threshold_is_found_however_the_server_spells_it(tmp_path: Path, bound: str) -> None:
    slo = source("llm", replace(LLM, threshold=Decimal(4)), "95%", "7d")
    moments = {359: QUIET, 366: page("Llm", "5m")}
    History(latency(Fraction(1), bound)).shows(rules(slo), tmp_path, moments, severity="page")


def test_without_the_bucket_nothing_is_bad_and_nothing_is_fine(tmp_path: Path) -> None:
    nothing = evaluating("slo:sli_error:ratio_rate5m", 60, {})
    moments = {4: QUIET, 60: no_data("Llm")}
    History(latency(Fraction(0), "5.0")).shows(rules(SLOW), tmp_path, moments, [nothing])
