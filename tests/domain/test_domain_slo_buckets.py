"""Latency thresholds and the buckets there are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.slo.buckets import MissingBucket, split
from artisan_tui.domain.slo.counter_deltas import CounterSeries, counter_deltas, event_rows, measured, scrape_times
from artisan_tui.domain.slo.windows import Span

HOUR = Span(60, 120)
START = HOUR.start * 60_000


def bucket(le: str, *counts: float, instance: str = "a", first: int = 0) -> CounterSeries:
    labels = {"job": "api", "instance": instance, "le": le}
    return CounterSeries(labels, tuple((START + (first + n) * 15_000, count) for n, count in enumerate(counts)))


def events(series: tuple[CounterSeries, ...]) -> int:
    return sum(counter_deltas(series, HOUR, scrape_times(series)).events.values())


@pytest.mark.parametrize("written", ["1", "1.0", "1.000", "1e0"])
@pytest.mark.parametrize("asked", ["1", "1.0"])
def test_a_bound_is_a_number(written: str, asked: str) -> None:
    found = split([bucket("0.5", 0, 1), bucket(written, 0, 7), bucket("+Inf", 0, 10)], Decimal(asked))
    assert (events(found.good), events(found.total), found.estimated, found.lacking) == (7, 10, False, ())


def test_a_bound_written_anew_by_prometheus_3_goes_on_as_it_was() -> None:
    old, new = bucket("1", 100, 110), bucket("1.0", 120, 130, first=2)
    found = split([old, new, bucket("+Inf", 200, 210, 220, 230)], Decimal(1))
    assert (events(found.good), events(found.total)) == (30, 30)


def test_no_bucket_at_the_threshold_is_refused_with_the_bounds_there_are() -> None:
    series = [bucket(le, 0, 1) for le in ("+Inf", "10.0", "2", "0.05")]
    with pytest.raises(MissingBucket, match=r"no bucket at 2.5 s, only at 0.05, 2, 10: add one") as caught:
        split(series, Decimal("2.50"))
    assert caught.value.bounds == (Decimal("0.05"), Decimal(2), Decimal(10))


def test_nothing_at_all_is_no_data_and_no_refusal() -> None:
    found = split([], Decimal(1))
    assert (found.good, found.total, found.lacking) == ((), (), ())


def test_before_the_bucket_was_added_there_are_no_events_rather_than_only_bad_ones() -> None:
    found = split([bucket("2.5", 5, 11, first=4), bucket("+Inf", 0, 100, 200, 300, 10, 30)], Decimal("2.5"))
    seen = scrape_times(found.total)
    known = measured(seen.values(), HOUR, 15_000)
    rows = event_rows(
        counter_deltas(found.total, HOUR, seen), counter_deltas(found.good, HOUR, seen), known, HOUR, part_is_good=True
    )
    assert rows[:3] == [(60, 0, 0, 0), (61, 14, 20, 1), (62, 0, 0, 0)]


def test_an_instance_without_the_bucket_is_left_out_by_name() -> None:
    series = [bucket("1", 0, 4), bucket("+Inf", 0, 5), bucket("+Inf", 0, 50, instance="b"), bucket("x", 1)]
    found = split(series, Decimal(1))
    assert (events(found.good), events(found.total)) == (4, 5)
    assert found.lacking == ({"job": "api", "instance": "b"},)


def test_interpolated_when_asked_and_flagged() -> None:
    series = [bucket("2", 0, 949), bucket("5", 0, 1000), bucket("+Inf", 0, 1000)]
    found = split(series, Decimal("3.2"), interpolate=True)
    assert found.estimated
    assert events(found.good) == 949 + 51 * 12 // 30
    first = split(series, Decimal(1), interpolate=True)
    assert events(first.good) == 949 // 2
    exact = split(series, Decimal(2), interpolate=True)
    assert (events(exact.good), exact.estimated) == (949, False)


def test_above_the_last_finite_bound_there_is_nothing_to_interpolate() -> None:
    with pytest.raises(MissingBucket):
        split([bucket("2", 0, 1), bucket("+Inf", 0, 1)], Decimal(3), interpolate=True)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=200),
    st.decimals("2.001", "4.999", places=3),
)
def test_interpolated_minutes_add_up_to_within_one_event(steps: list[tuple[int, int, int]], threshold: Decimal) -> None:
    low, high, whole = [0], [0], [0]
    for fast, between, slow in steps:
        low.append(low[-1] + fast)
        high.append(high[-1] + fast + between)
        whole.append(whole[-1] + fast + between + slow)
    found = split([bucket("2", *low), bucket("5", *high), bucket("+Inf", *whole)], threshold, interpolate=True)
    exact = low[-1] + (high[-1] - low[-1]) * (threshold - 2) / 3
    assert exact - 1 < events(found.good) <= exact
