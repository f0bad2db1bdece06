"""The numbers of the model: functions of seed, stream and tick; counts and latencies have the distribution they name."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from artisan_tui.drill.model.draws import DrawStreams, binomial, chosen, poisson
from artisan_tui.drill.model.latency import Histogram, LatencyModel

UNIT = st.floats(0, 1, exclude_min=True, exclude_max=True)


def uniforms(name: str, n: int) -> list[float]:
    stream = DrawStreams(7)[name]
    return [stream.uniform(tick) for tick in range(n)]


def test_a_number_follows_from_seed_stream_tick_and_place() -> None:
    one = DrawStreams(1)["arrivals"]
    assert one.uniform(5, 2) == DrawStreams(1)["arrivals"].uniform(5, 2)
    others = {one.uniform(5, 2), one.uniform(6, 2), one.uniform(5, 3), DrawStreams(1)["jobs"].uniform(5, 2)}
    assert len({*others, DrawStreams(2)["arrivals"].uniform(5, 2)}) == 5
    assert one.uniforms(5, 3) == [one.uniform(5, k) for k in (1, 2, 3)]
    assert one.uniforms(5, 2, first=2) == one.uniforms(5, 3)[1:]


def test_the_numbers_are_spread_evenly_and_know_nothing_of_each_other() -> None:
    one, other = uniforms("one", 20_000), uniforms("other", 20_000)
    for decile in range(10):
        assert abs(sum(decile <= 10 * u < decile + 1 for u in one) - 2000) < 5 * math.sqrt(1800)
    for left, right in ((one, other), (one, one[1:])):
        mean = sum((a - 0.5) * (b - 0.5) for a, b in zip(left, right, strict=False)) / 20_000
        assert abs(12 * mean) < 5 / math.sqrt(20_000)


@given(u=UNIT, n=st.integers(0, 10**6), p=st.floats(0, 1))
def test_a_binomial_stays_within_its_tries(u: float, n: int, p: float) -> None:
    assert 0 <= binomial(u, n, p) <= n


@pytest.mark.parametrize(("n", "p"), [(8, 0.004), (40, 0.3), (40, 0.9), (400, 0.5)])
def test_a_binomial_has_the_mean_it_is_given(n: int, p: float) -> None:
    drawn = [binomial(u, n, p) for u in uniforms(f"{n} {p}", 4000)]
    assert abs(sum(drawn) / 4000 - n * p) < 5 * math.sqrt(n * p * (1 - p) / 4000)


@pytest.mark.parametrize("mean", [0.3, 5.0, 29.0, 31.0, 4000.0])
def test_poisson_has_the_mean_it_is_given(mean: float) -> None:
    drawn = [poisson(u, mean) for u in uniforms("poisson", 4000)]
    # Five standard errors of the mean.
    assert abs(sum(drawn) / 4000 - mean) < 5 * (mean / 4000) ** 0.5


@given(u=UNIT, mean=st.floats(0, 25), more=st.floats(0, 4))
def test_more_traffic_is_never_fewer_requests_at_the_same_moment(u: float, mean: float, more: float) -> None:
    assert poisson(u, mean) <= poisson(u, mean + more)


@example(u=0.9999999999999999, counts=[4, 0], part=0.5)
@given(u=UNIT, counts=st.lists(st.integers(0, 30), min_size=1, max_size=8), part=st.floats(0, 1))
def test_a_sample_has_its_size_and_takes_nothing_that_is_not_there(u: float, counts: list[int], part: float) -> None:
    n = int(part * sum(counts))
    taken = chosen(u, counts, n)
    assert sum(taken) == n
    assert all(0 <= some <= there for some, there in zip(taken, counts, strict=True))


def test_a_sample_prefers_nobody() -> None:
    sums = [0, 0, 0]
    for u in uniforms("chosen", 3000):
        sums = [a + b for a, b in zip(sums, chosen(u, [20, 8, 2], 3), strict=True)]
    for found, expected in zip(sums, (6000, 2400, 600), strict=True):
        assert abs(found - expected) < 5 * math.sqrt(expected)


@pytest.mark.parametrize("latency", [LatencyModel(2.5, 0.27), LatencyModel(12.0, 0.8), LatencyModel(90.0, 0.1)])
def test_a_latency_is_drawn_as_its_mean_and_its_shares_say(latency: LatencyModel) -> None:
    histogram = Histogram((0.5, 1.0, 2.5, 5.0, 10.0, 30.0))
    drawn = [latency.at(u) for u in uniforms("latency", 8000)]
    for seconds in drawn:
        histogram.observe(seconds)
    assert histogram.count == 8000
    assert histogram.sum / 8000 == pytest.approx(latency.mean, rel=0.03)
    assert sum(x * x for x in drawn) / 8000 == pytest.approx(latency.square, rel=0.06)
    upto = 0
    for bound, count in zip(histogram.bounds, histogram.counts, strict=False):
        upto += count
        assert abs(upto / 8000 - latency.below(bound)) < 5 * math.sqrt(0.25 / 8000)
