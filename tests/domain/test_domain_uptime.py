"""Uptime and percentiles from hours."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.latencies import Latencies, bucket, middle
from artisan_tui.domain.checks.sample import CheckHour
from artisan_tui.domain.checks.uptime import by_day, percentiles, share, since

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
HOUR = NOW.replace(minute=0)


def test_uptime_counts_degraded_as_up_and_leaves_out_what_is_unknown() -> None:
    assert share([CheckHour(HOUR, up=90, degraded=5, down=5, unknown=900)]) == 0.95
    assert share([CheckHour(HOUR, unknown=3)]) is None
    assert share([]) is None


def test_days_are_told_apart_and_a_day_without_data_is_not_good() -> None:
    hours = [CheckHour(HOUR - timedelta(days=2), down=1), CheckHour(HOUR, up=3, down=1)]
    assert by_day(hours, NOW, 4) == (None, 0.0, None, 0.75)


def test_percentiles_are_of_the_last_day() -> None:
    old = CheckHour(HOUR - timedelta(days=2), latencies=Latencies.of([9.0] * 1000))
    new = CheckHour(HOUR, latencies=Latencies.of([0.1] * 90 + [1.0] * 10))
    p50, p95 = percentiles([old, new], NOW)
    assert p50 == pytest.approx(0.1, rel=0.05)
    assert p95 == pytest.approx(1.0, rel=0.05)
    assert percentiles([], NOW) == (None, None)
    assert since([old, new], NOW - timedelta(days=1)) == [new]


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_a_quantile_is_at_most_five_per_cent_off(seconds: list[float], asked: float) -> None:
    exact = sorted(seconds)[max(0, math.ceil(asked * len(seconds)) - 1)]
    found = Latencies.of(seconds).quantile(asked)
    assert found == pytest.approx(exact, rel=0.05)


@given(st.lists(st.floats(0, 1e6)), st.lists(st.floats(0, 1e6)))
def test_adding_two_hours_is_counting_both(one: list[float], other: list[float]) -> None:
    assert (Latencies.of(one) + Latencies.of(other)).counts == Latencies.of([*one, *other]).counts
    assert Latencies.unpack(Latencies.of(one).pack()).counts == Latencies.of(one).counts


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"1": "x"}', "null"])
def test_what_cannot_be_read_counts_nothing(text: str) -> None:
    assert Latencies.unpack(text).quantile(0.5) is None


def test_every_latency_has_a_bucket() -> None:
    for seconds in (0.0, 1e-9, 1e-4, float("inf"), float("nan"), 1e9):
        assert middle(bucket(seconds)) > 0
