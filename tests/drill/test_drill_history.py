"""The past as it is made: its truth survives being sampled and counted, and its budgets are those configured."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.buckets import split
from artisan_tui.domain.slo.budget import Budget, BudgetStatus
from artisan_tui.domain.slo.counter_deltas import CounterSeries, counter_deltas, event_rows, measured, scrape_times
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.slices import slice_rows
from artisan_tui.domain.slo.windows import BY_MINUTE, DAY, Span
from artisan_tui.drill import faults, script
from artisan_tui.drill.flows import flow, request
from artisan_tui.drill.history import GeneratedDay, day_count, generate_days, reward_series
from artisan_tui.drill.model.demand import BRIEFS
from artisan_tui.drill.samples import UP, Labels, held, matching
from artisan_tui.drill.shapes import APP, SEEDS, Shape
from artisan_tui.drill.stack import DEFAULT_SEED, SimulatedStack

#: Saturday, 21 November 2026, 18:43:45.5 in Seoul.
START = 1_795_254_225_500
MINUTE = START // 60_000
MONTH, WEEK = Span(MINUTE - 30 * DAY, MINUTE), Span(MINUTE - 7 * DAY, MINUTE)
EVERY = 15_000
THRESHOLDS = {"fast": "2.5", "balanced": "3.2", "creative": "4.5"}
ALL, FAILED = "api_requests_total", 'api_requests_total{status=~"5.."}'


@dataclass(frozen=True)
class GeneratedHistory:
    """All of the past, and what of it was read by selector."""

    made: list[GeneratedDay]
    shape: Shape = APP

    def series(self, text: str) -> list[CounterSeries]:
        """As a Prometheus would give it."""
        selector = parse_selector(text)
        found: dict[Labels, list[tuple[int, float]]] = {}
        for each in self.made:
            for labels in matching(selector, each.samples):
                cells = each.samples.columns[labels]
                values = ((at, held(cells, row)) for row, at in enumerate(each.samples.times))
                found.setdefault(labels, []).extend((at, value) for at, value in values if value is not None)
        return [CounterSeries(dict(labels), samples) for labels, samples in found.items()]

    def truth(self, text: str) -> Counter[int]:
        """Events by minute."""
        selector = parse_selector(text)
        out: Counter[int] = Counter()
        for minute, labels, counts in self._truths():
            named = dict(labels)
            if selector.matches(named.pop("__name__"), named):
                out.update(dict(enumerate(counts, minute)))
        return out

    def _truths(self) -> Iterator[tuple[int, Labels, Iterable[int]]]:
        for each in self.made:
            for minute, events in each.truth:
                for labels, counts in events.items():
                    yield minute, labels, counts

    @property
    def rows(self) -> list[int]:
        return [at for each in self.made for at in each.samples.times]


@pytest.fixture(scope="module", params=[APP, SEEDS], ids=["app", "seeds"])
def generated(request: pytest.FixtureRequest) -> GeneratedHistory:
    shape: Shape = request.param
    return GeneratedHistory(list(generate_days(DEFAULT_SEED, START, 30, shape)), shape)


def slower(counts: Iterable[int], bounds: Iterable[float], seconds: float) -> int:
    """The events of ``counts`` (by bucket) that took longer, interpolated in the bucket that contains ``seconds``."""
    out, lower = 0.0, 0.0
    for count, upper in zip(counts, (*bounds, math.inf), strict=True):
        share = 1.0 if seconds <= lower or upper == math.inf else max(0.0, (upper - seconds) / (upper - lower))
        out, lower = out + count * share, upper
    return round(out)


def minute_of(story: str) -> int:
    return next(each for each in script.EPISODES if story in each.story).when.minute(MINUTE)


def within(counts: Mapping[int, int], span: Span) -> int:
    return sum(count for minute, count in counts.items() if span.start <= minute < span.end)


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


# budgets


def budget(objective: str, rows: Iterable[Row], span: Span) -> Budget:
    ledger = MinuteSeries(BY_MINUTE)
    ledger.put(rows)
    return Budget(parse_objective(objective), ledger.read(span).burned)


def slow_rows(generated: GeneratedHistory, mode: str, span: Span) -> list[Row]:
    """As the ledger of a latency SLO is filled."""
    buckets = generated.series(f'llm_brief_latency_seconds_bucket{{mode="{mode}"}}')
    halves = split(buckets, Decimal(THRESHOLDS[mode]), interpolate=True)
    assert halves.estimated is (float(THRESHOLDS[mode]) not in generated.shape.brief_bounds)
    seen = scrape_times(halves.total)
    total, good = (counter_deltas(half, span, seen) for half in (halves.total, halves.good))
    return event_rows(total, good, measured(seen.values(), span, EVERY), span, part_is_good=True)


def test_about_half_of_the_apis_budget_is_left(generated: GeneratedHistory) -> None:
    every, failed = generated.series(ALL), generated.series(FAILED)
    seen = scrape_times(every)
    total, part = (counter_deltas(each, MONTH, seen) for each in (every, failed))
    rows = event_rows(total, part, measured(seen.values(), MONTH, EVERY), MONTH)
    found = budget("99.9%", rows, MONTH)
    assert found.remaining is not None
    assert 0.45 < found.remaining < 0.58
    assert found.status is BudgetStatus.HEALTHY
    assert 0.999 < found.counts.coverage < 1


def test_the_reward_dipped_and_is_healthy(generated: GeneratedHistory) -> None:
    rewards = reward_series(generated.shape)
    assert len(rewards) == (len(generated.shape.algorithms) or 1)
    samples = [
        (at, min(values))
        for each in generated.made
        for row, at in enumerate(each.samples.times)
        if (values := [v for s in rewards if (v := held(each.samples.columns[s], row)) is not None])
    ]
    rows = slice_rows(samples, lambda value: value > 10, WEEK, BY_MINUTE)
    found = budget("99%", rows, WEEK)
    assert found.remaining is not None
    assert 0.5 < found.remaining < 0.7
    dip = minute_of("feedback pulls the reward down")
    assert {minute for minute, bad, _, _ in rows if bad} <= set(range(dip, dip + 46))
    assert found.counts.bad > 30


@pytest.mark.parametrize(
    ("mode", "least", "most", "status"),
    [
        ("fast", 0.78, 0.84, BudgetStatus.HEALTHY),
        ("balanced", 0.57, 0.78, BudgetStatus.HEALTHY),
        ("creative", 0.012, 0.028, BudgetStatus.WARNING),
    ],
)
def test_the_models_budgets(
    generated: GeneratedHistory, mode: str, least: float, most: float, status: BudgetStatus
) -> None:
    found = budget("95%", slow_rows(generated, mode, WEEK), WEEK)
    assert found.remaining is not None
    assert least < found.remaining < most
    assert found.status is status


@pytest.mark.parametrize(("seed", "hours"), [(1, 0), (2, 13), (3, 29), (4, 50), (5, 71), (6, 99), (7, 130), (8, 155)])
def test_creative_is_close_to_its_end_and_never_past_it_whenever_one_starts(seed: int, hours: int) -> None:
    start = START + hours * 3_600_000
    generated, end = GeneratedHistory(list(generate_days(seed, start, 7))), start // 60_000
    week = Span(end - 7 * DAY, end)
    total = within(generated.truth('llm_brief_latency_seconds_bucket{mode="creative",le="+Inf"}'), week)
    below, above = (
        within(generated.truth(f'llm_brief_latency_seconds_bucket{{mode="creative",le="{le}"}}'), week)
        for le in ("4.0", "5.0")
    )
    assert 0.012 < 1 - (total - (below + above) / 2) / (total * 0.05) < 0.028


def test_the_goal_of_the_script_is_the_slo_of_the_reference_configuration() -> None:
    file = Path(__file__).parents[2] / "artisan.toml"
    slo = next(each for each in tomllib.loads(file.read_text("utf-8"))["slo"] if "creative" in each["id"])
    (goal,) = (each.goal for each in script.EPISODES if each.goal is not None)
    assert slo["objective"] == f"{100 * (1 - goal.allowed):.0f}%"
    assert slo["sli"]["threshold"] == f"{goal.threshold}s"
    assert slo["window"] == "7d"
    assert goal.mode in slo["sli"]["histogram"]


@pytest.mark.parametrize("hour", range(24))
def test_the_day_before_the_start_is_calm(hour: int) -> None:
    start = MINUTE + 60 * hour
    assert max(each.when.minute(start) + each.minutes for each in script.EPISODES) <= start - DAY


@pytest.mark.parametrize("fault", [faults.QWEN_DOWN, faults.QWEN_HANG])
def test_breaking_qwen_exhausts_creative_in_about_ten_minutes(generated: GeneratedHistory, fault: str) -> None:
    ledger = MinuteSeries(BY_MINUTE)
    ledger.put(slow_rows(generated, "creative", WEEK))
    stack = SimulatedStack(shape=generated.shape)
    stack.break_fault(fault, 0.0)
    briefs = stack.traffic.briefs["creative"]
    objective, before = parse_objective("95%"), (0, 0)
    for minute in range(30):
        stack.advance(60.0 * (minute + 1))
        now = (slower(briefs.counts, briefs.bounds, 4.5), briefs.count)
        ledger.put([(MINUTE + minute, now[0] - before[0], now[1] - before[1], 1)])
        before = now
        end = MINUTE + minute + 1
        if Budget(objective, ledger.read(Span(end - 7 * DAY, end)).burned).status is BudgetStatus.EXHAUSTED:
            break
    assert 7 <= minute + 1 <= 14


def test_left_alone_the_calm_lasts(generated: GeneratedHistory) -> None:
    """An hour of demo without a fault exhausts nothing."""
    ledger = MinuteSeries(BY_MINUTE)
    ledger.put(slow_rows(generated, "creative", WEEK))
    stack = SimulatedStack(shape=generated.shape)
    stack.advance(3600.0)
    briefs = stack.traffic.briefs["creative"]
    slow = slower(briefs.counts, briefs.bounds, 4.5)
    ledger.put([(MINUTE + 59, slow, briefs.count, 60)])
    end = MINUTE + 60
    assert Budget(parse_objective("95%"), ledger.read(Span(end - 7 * DAY, end)).burned).status is BudgetStatus.WARNING


# the making


def test_the_same_seed_and_start_make_the_same_past_and_others_another() -> None:
    def picture(seed: int, start: int) -> list[tuple[list[int], dict[Labels, bytes]]]:
        return [
            (list(each.samples.times), {labels: cells.tobytes() for labels, cells in each.samples.columns.items()})
            for each in generate_days(seed, start, 1)
        ]

    once = picture(1, START)
    assert once == picture(1, START)
    assert once != picture(2, START)
    assert once != picture(1, START + 86_400_000)


@pytest.mark.parametrize("days", [0, 1, 2, 30])
def test_it_comes_in_as_many_parts_as_announced_and_ends_with_the_start(days: int) -> None:
    made = list(generate_days(DEFAULT_SEED, START, days))
    assert len(made) == day_count(START, days)
    if days:
        times = [at for each in made for at in each.samples.times]
        assert times[0] // 60_000 == MINUTE - days * DAY - 180
        assert times[-1] <= START
        assert times[-1] // 60_000 >= MINUTE - 1
        assert all(before < after for before, after in pairwise(times))
        assert all(len(cells) == len(each.samples.times) for each in made for cells in each.samples.columns.values())
        assert not math.isnan(made[-1].samples.columns[reward_series(APP)[0]][-1])
        assert made[-1].samples.columns[UP][-1] == 1
