"""Raw samples of counters into minutes: exact, and the same however the samples were fetched."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.slo.counter_deltas import (
    LOOKBACK,
    CounterSample,
    CounterSeries,
    MinuteDeltas,
    counter_deltas,
    event_rows,
    measured,
    reach,
    scrape_times,
)
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span

INTERVAL = 15_000
ZERO = 1_000_000  # the minute that histories begin in
MS = ZERO * 60_000
API = {"job": "api", "instance": "a:8000"}


def series(*samples: tuple[int, float], created: dict[int, int] | None = None, **labels: str) -> CounterSeries:
    """Times are seconds after the beginning."""
    births = {MS + at * 1000: MS + when * 1000 for at, when in (created or {}).items()}
    return CounterSeries(API | labels, tuple((MS + at * 1000, value) for at, value in samples), births)


def minutes(
    *of: CounterSeries, of_all: tuple[CounterSeries, ...] = (), start: int = 0, end: int = 300
) -> dict[int, int]:
    read = counter_deltas(of, Span(ZERO + start, ZERO + end), scrape_times(of, of_all))
    return {minute - ZERO: count for minute, count in read.events.items()}


def test_a_pair_counts_in_the_minute_of_its_later_sample() -> None:
    assert minutes(series((-10, 100), (5, 103), (65, 110), (70, 110))) == {0: 3, 1: 7}
    assert minutes(series((50, 1), (60, 4))) == {1: 3}


def test_c5_instances_that_come_and_go_are_not_one_that_was_renamed() -> None:
    """A crash loop: each instance is scraped once, with much the same value, while another one is scraped throughout."""
    steady = series(*((at, at) for at in range(0, 18_000, 60)), instance="steady")
    short = [series((at, 3600 + at % 7), instance=f"crash-{at}") for at in range(1000, 18_000, 3000)]
    read = counter_deltas(short, Span(ZERO, ZERO + 300), scrape_times([steady, *short]))
    assert not read.events
    assert sum(read.doubtful.values()) == sum(value for each in short for _, value in each.samples)


def test_c2_an_instance_renamed_in_a_hole_goes_on() -> None:
    """Nothing was scraped for an hour, and then all goes on, one of them under another name."""
    steady = series((0, 10), (60, 20), (3660, 30), (3720, 40), instance="steady")
    renamed = series((30, 50_000), instance="old"), series((3690, 50_100), instance="new")
    read = counter_deltas([steady, *renamed], Span(ZERO, ZERO + 300), scrape_times([steady, *renamed]))
    assert read.events == {ZERO + 1: 10, ZERO + 61: 10 + 100, ZERO + 62: 10}
    assert not read.doubtful


def test_the_first_error_of_an_instance_that_was_there_is_no_other_instance_s() -> None:
    here = series(*((at, at) for at in range(0, 600, 15)), code="200", instance="here")
    there = series((270, 5_000), (285, 5_000), code="500", instance="there")
    first = series((300, 5_100), (315, 5_101), code="500", instance="here")
    assert minutes(there, first, of_all=(here,)) == {5: 5_101}


def test_a_smaller_value_is_a_reset_and_counts_whole() -> None:
    assert minutes(series((0, 100), (15, 4), (30, 9))) == {0: 9}
    assert minutes(series((0, 819_663), (15, 94))) == {0: 94}


def test_an_error_at_birth_is_an_error() -> None:
    """Prometheus' increase reads 0 here: it drops the first sample of a new series."""
    total = series((0, 500), (15, 520), status="200")
    bad = series((15, 10), (30, 10), status="500")
    assert minutes(bad, of_all=(total,)) == {0: 10}


def test_the_first_value_of_an_unseen_target_is_nobody_s() -> None:
    bad = series((15, 10), (30, 12), status="500")
    other = CounterSeries(API | {"instance": "b:8000"}, ((MS, 5.0),))
    assert minutes(bad, of_all=(other,)) == {0: 2}
    read = counter_deltas([bad], Span(ZERO, ZERO + 1), scrape_times([bad], [other]))
    assert read == MinuteDeltas({ZERO: 2}, {}, {ZERO: 10})


def test_a_target_seen_only_at_the_same_instant_was_not_seen_without_it() -> None:
    bad = series((3600, 10), status="500")
    assert minutes(bad, of_all=(series((3600, 5)),)) == {}
    assert minutes(bad, of_all=(series((0, 5)),)) == {60: 10}
    assert minutes(bad, of_all=(series((-90_000, 5)),)) == {60: 10}


def test_without_job_and_instance_the_whole_metric_is_the_target() -> None:
    old, new = CounterSeries({"mode": "fast"}, ((MS, 7),)), CounterSeries({"mode": "creative"}, ((MS + INTERVAL, 3),))
    read = counter_deltas([old, new], Span(ZERO, ZERO + 1), scrape_times([old, new]))
    assert read == MinuteDeltas({ZERO: 3}, {ZERO: 3}, {ZERO: 7})


def test_created_settles_what_is_new() -> None:
    assert minutes(series((100, 10), created={100: 90})) == {1: 10}
    seen = series((0, 1), status="200")
    assert minutes(series((100, 10), created={100: -4000}, status="500"), of_all=(seen,)) == {}


def test_created_shows_a_reset_that_the_value_hides() -> None:
    assert minutes(series((-1, 10), (15, 12), created={-1: -50, 15: 3})) == {0: 12}
    assert minutes(series((-1, 10), (15, 12), created={-1: -50, 15: -50})) == {0: 2}
    assert minutes(series((-1, 10), (15, 12), created={15: 3})) == {0: 2}
    assert minutes(series((-1, 10), (15, 4), created={-1: -50, 15: -50})) == {0: 4}


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf, -1.0])
def test_what_is_no_count_is_no_sample(nothing: float) -> None:
    assert minutes(series((0, 10), (15, nothing), (30, 12))) == {0: 2}
    assert minutes(series((0, nothing), status="200"), series((15, 9), status="500")) == {}


def test_duplicates_count_once() -> None:
    assert minutes(series((0, 1), (15, 5), (15, 5), (15, 3)), series((15, 4), (30, 6))) == {0: 5}


def test_of_two_values_the_larger_counts_in_either_order() -> None:
    assert minutes(series((0, 1), (15, 5)), series((15, 3))) == {0: 4}
    assert minutes(series((0, 1), (15, 3)), series((15, 5))) == {0: 4}


@pytest.mark.parametrize("gap", [3600, 3601, 7 * 3600, 9 * 86_400])
def test_c1_a_gap_of_any_length_is_bridged(gap: int) -> None:
    assert minutes(series((-gap, 10), (0, 30))) == {0: 20}
    assert minutes(series((-gap, 10), (0, 7))) == {0: 7}
    assert minutes(series((-gap, 10), (0, 30)), of_all=(series((-600, 1), status="200"),)) == {0: 20}


def test_fractions_are_cut_at_the_sample_so_that_minutes_still_add_up() -> None:
    third = series(*((n * 60, n / 3) for n in range(31)))
    counted = minutes(third)
    assert set(counted.values()) == {1}
    assert sum(counted.values()) == 10


def test_large_counters_stay_exact() -> None:
    assert minutes(series((0, 2**53 - 3), (15, 2**53 - 2), (30, 2**53))) == {0: 3}


def test_the_burst_between_two_chunks_is_counted_once() -> None:
    """Three increase()s of an hour each read 0 where 100 events fell between the second and the third."""
    burst = series(*((at, 0 if at < 7195 else 100) for at in range(0, 10_800, 10)))
    chunks = [minutes(burst, start=start, end=start + 60) for start in (0, 60, 120)]
    assert chunks == [{}, {}, {120: 100}]


def test_measured_is_what_was_seen_or_lies_between_two_scrapes_close_enough() -> None:
    def known(*seconds: int, interval: int) -> list[int]:
        times = [MS + at * 1000 for at in seconds]
        return sorted(m - ZERO for m in measured([times], Span(ZERO, ZERO + 10), interval * 1000))

    assert known(59, 121, interval=60) == [0, 1, 2]
    assert known(0, 150, interval=60) == [0, 1, 2]
    assert known(0, 151, interval=60) == [0, 2]
    assert known(0, 74, 190, interval=15) == [0, 1, 3]
    assert known(-10, 65, interval=30) == [0, 1]
    assert known(595, 665, interval=30) == [9]
    assert measured([[MS + 59_000], [MS + 121_000]], Span(ZERO, ZERO + 10), 60_000) == {ZERO, ZERO + 2}


@dataclass
class GeneratedCounter:
    """What a target really did: ``truth`` events since the scrape before MS, and what its scrapes saw."""

    found: list[CounterSeries]
    scrapes: list[int]
    truth: int


LENGTH = 4 * 3_600_000
SPAN = Span(ZERO, ZERO + LENGTH // 60_000)


def generated(
    chance: random.Random, *, holes: bool, told: bool, quiet: bool = False, instance: str = "a:8000"
) -> GeneratedCounter:
    """A process whose series are born, count, and die with it when it restarts, always right after a scrape.

    ``told``: it exposes `_created`. ``quiet``: the first scrape after a restart sees all its series at 0.
    """
    values: dict[str, int] = {}
    births: dict[str, int] = {}
    samples: dict[str, list[CounterSample]] = {}
    created: dict[str, dict[int, int]] = {}
    scrapes: list[int] = []
    truth, at, restarted = 0, MS - 1_800_000, False
    while at < MS + LENGTH:
        before = scrapes[-1] if scrapes else at - 1
        for name in [] if quiet and restarted else chance.sample(["200", "404", "500"], chance.randint(0, 3)):
            if name not in values:
                values[name], births[name] = 0, chance.randrange(before + 1, at + 1)
            new = chance.choice([0, 1, 1, 2, 40])
            values[name] += new
            truth += new if at >= MS else 0
        for name, value in values.items():
            samples.setdefault(name, []).append((at, float(value)))
            created.setdefault(name, {})[at] = births[name]
        if values:
            scrapes.append(at)
        restarted = chance.random() < 0.05
        if restarted:
            values = {name: 0 for name in values if quiet or chance.random() < 0.5}
            births = dict.fromkeys(values, at + 1)
        step = chance.choice([14_000, 15_000, 16_000])
        if holes and chance.random() < 0.02:
            step = chance.choice([60_000, 600_000, LOOKBACK, LOOKBACK + 1, 2 * LOOKBACK])
        at += step
    labels = {"job": "api", "instance": instance}
    found = [CounterSeries(labels | {"status": n}, tuple(s), created[n] if told else {}) for n, s in samples.items()]
    return GeneratedCounter(found, scrapes, truth)


seeds = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=60)
@given(seeds, st.booleans())
def test_minutes_add_up_to_the_truth_through_restarts_and_births(chance: random.Random, told: bool) -> None:
    true = generated(chance, holes=False, told=told, quiet=not told)
    read = counter_deltas(true.found, SPAN, scrape_times(true.found))
    assert sum(read.events.values()) == true.truth
    assert not read.unclaimed


def is_covered(minute: int, scrapes: list[int]) -> bool:
    after = bisect_left(scrapes, minute * 60_000)
    if after < len(scrapes) and scrapes[after] < (minute + 1) * 60_000:
        return True
    return 0 < after < len(scrapes) and scrapes[after] - scrapes[after - 1] <= 2.5 * INTERVAL


@settings(max_examples=60)
@given(seeds, st.booleans())
def test_with_holes_never_more_than_the_truth_and_the_coverage_says_so(chance: random.Random, told: bool) -> None:
    true = generated(chance, holes=True, told=told)
    seen = scrape_times(true.found)
    read = counter_deltas(true.found, SPAN, seen)
    assert sum(read.events.values()) <= true.truth
    ledger = MinuteSeries()
    ledger.put(event_rows(read, read, measured(seen.values(), SPAN, INTERVAL), SPAN))
    counts = ledger.read(SPAN).burned
    assert counts.bad == counts.total == sum(read.events.values())
    assert counts.measured == sum(is_covered(minute, true.scrapes) for minute in range(SPAN.start, SPAN.end))
    if any(a > MS and b - a >= 600_000 for a, b in pairwise(true.scrapes)):
        assert counts.coverage < 1


def rows(found: list[CounterSeries], span: Span) -> list[Row]:
    seen = scrape_times(found)
    read = counter_deltas(found, span, seen)
    bad = counter_deltas([each for each in found if each.labels["status"] == "500"], span, seen)
    return event_rows(read, bad, measured(seen.values(), span, INTERVAL), span)


@settings(max_examples=60)
@given(seeds, st.booleans(), st.sets(st.integers(1, LENGTH // 60_000 - 1), max_size=12))
def test_any_chunks_in_any_order_make_the_same_ledger(chance: random.Random, told: bool, cuts: set[int]) -> None:
    found = [
        each for name in ("a:8000", "b:8000") for each in generated(chance, holes=True, told=told, instance=name).found
    ]
    edges = [SPAN.start, *(SPAN.start + cut for cut in sorted(cuts)), SPAN.end]
    chunks = [Span(a, b) for a, b in pairwise(edges)]
    chance.shuffle(chunks)
    once, pieced = MinuteSeries(), MinuteSeries()
    once.put(rows(found, SPAN))
    for chunk in [*chunks, *chance.sample(chunks, len(chunks) // 2)]:
        since, until = reach(chunk, INTERVAL)
        fetched = []
        for each in found:
            part = [sample for sample in each.samples if since <= sample[0] < until]
            before = [sample for sample in each.samples if sample[0] < since][-1:]  # which is asked for besides
            part += before
            part += chance.sample(part, len(part) // 3)
            chance.shuffle(part)
            middle = chance.randint(0, len(part))
            births = {at: when for at, when in each.created.items() if since <= at < until or at in dict(before)}
            fetched += [
                CounterSeries(each.labels, part[:middle], births),
                CounterSeries(each.labels, part[middle:], births),
            ]
        chance.shuffle(fetched)
        pieced.put(rows(fetched, chunk))
    assert pieced.rows(SPAN) == once.rows(SPAN)
