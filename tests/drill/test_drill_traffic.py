"""Arrivals, outcomes and histograms: the drawn numbers add up, however many are drawn."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.drill.shapes import SEEDS
from artisan_tui.drill.traffic import Histogram, LatencyModel, binomial, poisson


@given(seed=st.integers(0, 2**32), n=st.integers(0, 10**9), p=st.floats(0, 1))
def test_a_binomial_stays_within_its_tries(seed: int, n: int, p: float) -> None:
    assert 0 <= binomial(Random(seed), n, p) <= n


@pytest.mark.parametrize("mean", [0.3, 5.0, 29.0, 31.0, 4000.0])
def test_poisson_has_the_mean_it_is_given(mean: float) -> None:
    rng = Random(1)
    drawn = [poisson(rng, mean) for _ in range(2000)]
    # Five standard errors of the mean.
    assert abs(sum(drawn) / 2000 - mean) < 5 * (mean / 2000) ** 0.5


@given(
    seed=st.integers(0, 2**32),
    n=st.integers(0, 200_000),
    median=st.floats(0.01, 60),
    sigma=st.floats(0.05, 1.5),
)
def test_every_request_lands_in_one_bucket_and_the_sum_is_possible(
    seed: int, n: int, median: float, sigma: float
) -> None:
    histogram = Histogram(SEEDS.brief_bounds)
    histogram.observe(Random(seed), n, LatencyModel(median, sigma))
    assert histogram.count == n
    lowest = (0.0, *SEEDS.brief_bounds)
    highest = (*SEEDS.brief_bounds, 30.0)
    slack = 1e-6 * max(1, n)
    assert sum(c * b for c, b in zip(histogram.counts, lowest, strict=True)) - slack <= histogram.sum
    assert histogram.sum <= sum(c * b for c, b in zip(histogram.counts, highest, strict=True)) + slack


def test_few_and_many_requests_follow_the_same_distribution() -> None:
    latency = LatencyModel(2.5, 0.27)
    one_by_one, at_once = Histogram(SEEDS.brief_bounds), Histogram(SEEDS.brief_bounds)
    rng = Random(7)
    for _ in range(1000):
        one_by_one.observe(rng, 50, latency)
    at_once.observe(rng, 50_000, latency)
    for few, many in zip(one_by_one.counts, at_once.counts, strict=True):
        assert abs(few - many) < 5 * (few + many + 1) ** 0.5 + 5
    assert abs(one_by_one.sum / at_once.sum - 1) < 0.05
