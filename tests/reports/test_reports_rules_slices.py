"""Slices and shares as rules, proved by promtool against invented histories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.measure import Ratio, Value
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.rule_source import RuleSource, SharesRule
from artisan_tui.reports.slo.rules import rule_file
from support.rule_files import QUIET, REWARD, History, evaluating, levels, no_data, page, source, steps, ticket

SLO = source("rl-reward", REWARD, "99%", "7d")


def rules(*sources: RuleSource) -> str:
    return rule_file(sources).text


def test_bad_minutes_page_when_they_are_too_many(tmp_path: Path) -> None:
    history = History({"rl_reward": levels((20, 480), (3, 60), (20, 60))}, interval=60)
    # 80 % of five minutes: the fourth bad one; 13.44 % of an hour: the ninth; 3.5 % of six hours: the thirteenth.
    # One minute later than that, because Prometheus 2's ranges hold both ends when everything falls on a whole minute.
    moments = {
        479: QUIET,
        482: QUIET,
        485: page("RlReward", "5m"),
        487: page("RlReward", "5m"),
        489: page("RlReward", "5m", "1h"),
        496: page("RlReward", "5m", "1h", "6h"),
        # Half an hour after the end even the slow page's short window is clean.
        580: QUIET,
    }
    history.shows(rules(SLO), tmp_path, moments, severity="page")


def test_slices_without_a_value_are_neither_good_nor_bad(tmp_path: Path) -> None:
    # Of eleven minutes one is bad and one has no value: 10 %, not 9.
    pattern = " ".join(["20"] * 9 + ["3"] + ["NaN"])
    history = History({"rl_reward": " ".join([pattern] * 60)}, interval=60)
    tenth = [
        evaluating("slo:sli_error:ratio_rate6h > bool 0.095", 600, {'{slo="rl-reward"}': 1}),
        evaluating("slo:sli_error:ratio_rate6h < bool 0.105", 600, {'{slo="rl-reward"}': 1}),
    ]
    history.shows(rules(SLO), tmp_path, {600: page("RlReward", "6h") | ticket("RlReward", "1d", "3d")}, tenth)


def test_a_gauge_that_ends_is_no_data(tmp_path: Path) -> None:
    history = History({"rl_reward": levels((20, 60), (None, 60))}, interval=60)
    # Nothing is carried over into slices that nobody saw.
    seen = evaluating(
        'count_over_time(slo:sli_bad:sample{slo="rl-reward"}[1d]) <= bool 61', 100, {'{slo="rl-reward"}': 1}
    )
    history.shows(rules(SLO), tmp_path, {62: QUIET, 80: no_data("RlReward")}, [seen])


def test_two_gauges_where_one_is_meant_are_no_data(tmp_path: Path) -> None:
    history = History({'rl_reward{run="a"}': levels((20, 60)), 'rl_reward{run="b"}': levels((3, 60))}, interval=60)
    history.shows(rules(SLO), tmp_path, {30: no_data("RlReward")})


def test_the_worst_of_several_gauges_where_the_file_says_so(tmp_path: Path) -> None:
    slo = source("rl-reward", replace(REWARD, measure=Value(parse_selector("rl_reward"), "min")), "99%", "7d")
    history = History({'rl_reward{run="a"}': levels((20, 60)), 'rl_reward{run="b"}': levels((3, 60))}, interval=60)
    history.shows(rules(slo), tmp_path, {30: page("RlReward", "5m", "1h", "6h")}, severity="page")


def test_slices_of_a_ratio_and_every_operator(tmp_path: Path) -> None:
    hit_rate = Ratio(parse_selector("hits_total"), (parse_selector("requests_total"),), 300.0)
    history = History({"hits_total": steps((50, 60)), "requests_total": steps((100, 60))}, interval=60)
    good = {
        "value >= 0.5": 0,
        "value > 0.5": 1,
        "value < 0.5": 1,
        "value <= 0.5": 0,
        "value == 0.5": 0,
        "value != 0.5": 1,
    }
    names = [f"s{n}" for n in range(len(good))]
    sources = [
        source(name, replace(REWARD, measure=hit_rate, good=parse_condition(text)), "99%", "7d")
        for name, text in zip(names, good, strict=True)
    ]
    asked = [
        evaluating(f'slo:sli_bad:sample{{slo="{name}"}}', 30, {f'slo:sli_bad:sample{{slo="{name}"}}': bad})
        for name, bad in zip(names, good.values(), strict=True)
    ]
    history.shows(rules(*sources), tmp_path, {}, asked)


def test_a_share_that_a_query_gives(tmp_path: Path) -> None:
    shares = {"good": SharesRule(good="share_good"), "bad": SharesRule(bad='share_bad or share_good{nobody="here"}')}
    sources = [source(name, each, "99.9%") for name, each in shares.items()]
    history = History(
        {"share_good": levels((1, 480), (0.95, 60)), "share_bad": levels((0, 480), (0.02, 60))}, interval=60
    )
    # 5 % reach 14.4 x 0.1 % of an hour after 17.3 minutes and 0.6 % of six after 43.2; 2 % the former then.
    all_three = page("Good", "1h", "6h") | page("Bad", "1h")
    moments = {480: QUIET, 495: QUIET, 499: page("Good", "1h"), 525: all_three}
    history.shows(rules(*sources), tmp_path, moments, severity="page")


def test_a_share_beyond_all_is_all(tmp_path: Path) -> None:
    history = History({"share": levels((1.7, 60))}, interval=60)
    one = evaluating("slo:sli_bad:sample", 30, {'slo:sli_bad:sample{slo="s"}': 1})
    history.shows(rules(source("s", SharesRule(bad="share"))), tmp_path, {}, [one])
