"""The past as it is made: its truth survives being sampled and counted."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.counter_deltas import counter_deltas, measured, scrape_times
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.drill import script
from artisan_tui.drill.flows import flow, request
from artisan_tui.drill.model.demand import BRIEFS
from artisan_tui.drill.samples import Labels, matching
from artisan_tui.drill.shapes import APP
from artisan_tui.drill.stack import SimulatedStack
from support.generated_history import (
    ALL,
    EVERY,
    FAILED,
    MINUTE,
    MONTH,
    THRESHOLDS,
    GeneratedHistory,
    minute_of,
    within,
)

pytestmark = pytest.mark.xdist_group("drill-history")


@pytest.mark.parametrize(
    "selector",
    [
        ALL,
        FAILED,
        'llm_brief_latency_seconds_bucket{mode="creative",le="4.0"}',
        'llm_brief_latency_seconds_bucket{mode="fast",le="+Inf"}',
    ],
)
def test_counter_deltas_are_what_happened(generated: GeneratedHistory, selector: str) -> None:
    every = generated.series(selector)
    minutes = counter_deltas(every, MONTH, scrape_times(generated.series(ALL)))
    truth = generated.truth(selector)
    assert sum(minutes.events.values()) == within(truth, MONTH)
    assert minutes.unclaimed == {}
    # Minute by minute too, but for those nobody saw and the one after, to which they all go.
    move = minute_of("moves to another host")
    unseen = Span(move, move + 26)
    for minute in range(MONTH.start, MONTH.end):
        if not unseen.start <= minute < unseen.end:
            assert minutes.events.get(minute, 0) == truth[minute]
    assert minutes.events[move + 25] == within(truth, unseen)


def test_every_minute_is_seen_but_the_scripted_ones(generated: GeneratedHistory) -> None:
    seen = scrape_times(generated.series(ALL))
    known = measured(seen.values(), MONTH, EVERY)
    move, reboot = minute_of("moves to another host"), minute_of("rebooted")
    unseen = {*range(move, move + 25), *range(reboot, reboot + 4)}
    assert set(range(MONTH.start, MONTH.end)) - known == unseen


def test_a_failed_scrape_has_nothing_but_up(generated: GeneratedHistory) -> None:
    reboot = minute_of("rebooted")
    (up,) = generated.series("up")
    down = [at // 60_000 for at, value in up.samples if value == 0]
    assert down == list(range(reboot, reboot + 4))
    assert len(generated.series(ALL)) > 10
    for series in [*generated.series(ALL), *generated.series("rl_reward")]:
        assert not {at // 60_000 for at, _ in series.samples} & set(down)


def test_when_nobody_scrapes_there_is_no_row_at_all(generated: GeneratedHistory) -> None:
    gaps = [(after - before) / 60_000 for before, after in pairwise(generated.rows)]
    assert [round(gap) for gap in gaps if gap > 2] == [26]


def test_counters_begin_anew_with_the_app(generated: GeneratedHistory) -> None:
    (answered,) = generated.series('api_requests_total{path="/api/v1/recipes",status="200"}')
    resets = [at // 60_000 for (_, before), (at, after) in pairwise(answered.samples) if after < before]
    bad, reboot = minute_of("bad deployment"), minute_of("rebooted")
    expected = {when.minute(MINUTE) for when in script.DEPLOYMENTS} | {bad, bad + 22, reboot + 4}
    assert resets == sorted(minute for minute in expected if minute > generated.rows[0] // 60_000)


def test_scrapes_come_at_one_second_of_the_minute_and_late_now_and_then(generated: GeneratedHistory) -> None:
    offsets = sorted(at % 60_000 for at in generated.rows)
    assert offsets[0] >= 8_000
    assert offsets[-1] < 55_000
    assert 2 <= offsets[len(offsets) // 2] - offsets[0] <= 20
    assert 100 < sum(offset > offsets[0] + 200 for offset in offsets) < 400


def test_a_path_and_statuses_that_were_not_there_before_appear(generated: GeneratedHistory) -> None:
    feedback = generated.series('api_requests_total{path="/api/v1/feedback",status="200"}')
    assert [each.samples[0][0] // 60_000 for each in feedback] == [script.NEW_PATH_SINCE.minute(MINUTE)]
    (timeouts,) = generated.series('api_requests_total{status="504"}')
    qwen = minute_of("qwen runs out")
    assert timeouts.samples[0][0] // 60_000 == qwen
    # The series stays, as a client library keeps it, until the app is started anew.
    assert timeouts.samples[-1][0] // 60_000 == script.When(20, "15:10").minute(MINUTE) - 1


def test_buckets_are_cumulative_and_all_there(generated: GeneratedHistory) -> None:
    for each in generated.made[::10]:
        samples = each.samples
        row = len(samples.times) // 2
        for mode in THRESHOLDS:
            found = {
                dict(labels)["le"]: samples.columns[labels][row]
                for labels in matching(parse_selector(f'llm_brief_latency_seconds_bucket{{mode="{mode}"}}'), samples)
            }
            assert list(found) == [*(str(bound) for bound in generated.shape.brief_bounds), "+Inf"]
            assert list(found.values()) == sorted(found.values())
            (whole,) = matching(parse_selector(f'llm_brief_latency_seconds_count{{mode="{mode}"}}'), samples)
            assert samples.columns[whole][row] == found["+Inf"]


def test_requests_of_briefs_and_their_latencies_tell_the_same(generated: GeneratedHistory) -> None:
    """A brief that reached a model is in the histogram; those that did not are 500s, and 503s of the database."""
    day = Span(MINUTE - 2 * DAY, MINUTE - DAY)  # nothing was broken
    briefs = within(generated.truth('api_requests_total{path="/api/v1/briefs",status!="500"}'), day)
    assert briefs == within(generated.truth('llm_brief_latency_seconds_bucket{le="+Inf"}'), day)


def test_traffic_has_a_day_and_a_week(generated: GeneratedHistory) -> None:
    truth = generated.truth(ALL)
    monday = (MINUTE + script.ZONE) // DAY - 5  # the last one; today is a Saturday
    assert (monday + 3) % 7 == 0
    begin = monday * DAY - script.ZONE
    by_hour = [within(truth, Span(begin + 60 * hour, begin + 60 * hour + 60)) for hour in range(24)]
    assert by_hour.index(max(by_hour)) in range(10, 18)
    assert by_hour.index(min(by_hour)) in range(1, 6)
    assert max(by_hour) > 2.5 * min(by_hour)
    sunday = within(truth, Span(begin - DAY, begin))
    assert sunday < 0.9 * sum(by_hour)
    average = within(truth, MONTH) / len(MONTH) / 60
    assert 18 < average < 21  # what the live stack has, a second


@pytest.mark.parametrize("fault", [None, *sorted({fault for each in script.EPISODES for fault in each.faults})])
def test_what_is_expected_is_what_traffic_does(fault: str | None) -> None:
    stack = SimulatedStack()
    if fault is not None:
        stack.break_fault(fault, 0.0)
    expected, traffic, seconds = flow(stack.conditions(), APP.brief_bounds), stack.traffic, 1800
    stack.advance(seconds)
    came: dict[Labels, float] = {request(*key): count for key, count in traffic.requests.items() if count}
    well = request("POST", BRIEFS, "200")
    rates = dict(expected.requests)
    for labels, rate in expected.answers.items():
        rates[labels] = rates.get(labels, 0.0) + rate
    rates[well] = sum(map(sum, expected.bins.values())) - sum(expected.answers.values())
    rates = {labels: rate for labels, rate in rates.items() if rate}
    assert came.keys() <= rates.keys()
    for labels, rate in rates.items():
        assert came.get(labels, 0) == pytest.approx(rate * seconds, abs=6 * math.sqrt(rate * seconds) + 2), labels
    for mode, bins in expected.bins.items():
        for rate, count in zip(bins, traffic.briefs[mode].counts, strict=True):
            assert count == pytest.approx(rate * seconds, abs=6 * math.sqrt(rate * seconds) + 2)
