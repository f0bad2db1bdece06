"""Indicators of slices: each judged by its last sample, aggregated, and weighed."""

from __future__ import annotations

import math

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.sources.metrics.backend import Blind
from support.sli_indicators import (
    MS,
    SLICES,
    ZERO,
    Remembered,
    by_minute,
    indicator,
    series,
    span,
)


async def test_a_slice_is_evaluated_by_its_last_sample() -> None:
    range_source = Remembered(
        series("reward", [(0, 12), (45_000, 10), (61_000, 9), (119_999, 10.1), (180_000, math.nan)])
    )
    filled = await indicator(range_source, **SLICES).rows(span(0, 4))
    assert by_minute(filled) == {0: (1, 1, 1), 1: (0, 1, 1)}
    assert filled.remarks == ()


async def test_longer_slices_end_in_a_minute() -> None:
    range_source = Remembered(series("reward", [(0, 12), (299_999, 9), (300_000, 12)]))
    one = indicator(range_source, **SLICES, slice="5m")
    assert one.resolution == 300
    assert one.grid.expected(span(0, 10)) == 2
    assert by_minute(await one.rows(span(4, 5))) == {4: (1, 1, 1)}
    assert by_minute(await one.rows(span(0, 10))) == {4: (1, 1, 1), 9: (0, 1, 1)}


@pytest.mark.parametrize(
    ("agg", "good", "bad"),
    [("max", "value == 7", 0), ("min", "value == 0.1", 0), ("sum", "value == 7.3", 0), ("avg", "value > 2.4", 0)],
)
async def test_series_are_aggregated_slice_by_slice(agg: str, good: str, bad: int) -> None:
    range_source = Remembered(
        series("reward", [(0, 99), (30_000, 0.1)], pod="a"),
        series("reward", [(1_000, 0.2)], pod="b"),
        series("reward", [(59_000, 7)], pod="c"),
    )
    sli = {"kind": "slices", "measure": {"value": "reward", "agg": agg}, "good": good}
    assert by_minute(await indicator(range_source, **sli).rows(span(0, 1))) == {0: (bad, 1, 1)}


async def test_one_series_may_follow_another_but_two_at_once_need_an_aggregate() -> None:
    old, new = (
        series("reward", [(at, 12) for at in range(0, 150_000, 15_000)], pod="old"),
        series("reward", [(at, 12) for at in range(160_000, 300_000, 15_000)], pod="new"),
    )
    filled = await indicator(Remembered(old, new), **SLICES).rows(span(0, 5))
    assert sorted(by_minute(filled)) == [0, 1, 3, 4]
    assert "1 slices had 2 series" in filled.remarks[0]
    both = Remembered(old, series("reward", [(at + 7000, 12) for at in range(0, 150_000, 15_000)], pod="other"))
    with pytest.raises(Blind) as caught:
        await indicator(both, **SLICES).rows(span(0, 2))
    assert caught.value.reason is Reason.VALUE
    assert 'add agg = "max"' in caught.value.detail


async def test_a_measure_over_a_window_is_asked_for_at_the_end_of_each_slice() -> None:
    range_source = Remembered()
    known = {1: 0.5, 2: 0.001, 3: math.nan}
    range_source.steps = lambda _query, at: known.get((at - MS) // 60_000)
    sli = {
        "kind": "slices",
        "measure": {"ratio": 'r{code="500"}', "of": "r", "window": "5m"},
        "good": "value < 0.01",
    }
    one = indicator(range_source, **sli)
    assert one.evidence.estimated
    filled = await one.rows(span(0, 4))
    assert by_minute(filled) == {0: (1, 1, 1), 1: (0, 1, 1)}
    assert filled.estimated
    (query, start, end) = range_source.asked[0]
    assert query.startswith("(sum(rate(r{")
    assert (start, end) == (MS + 60_000, MS + 240_001)
    longer = indicator(range_source, **sli, slice="5m")
    assert (await longer.rows(span(1, 3))).rows == ((ZERO + 1, 0, 0, 0), (ZERO + 2, 0, 0, 0))
    assert len(range_source.asked) == 1  # no slice ends there


async def test_a_share_weighs_a_minute() -> None:
    range_source = Remembered()
    known = {1: 0.25, 2: math.nan, 3: 1.5, 4: -1e-12, 6: math.inf}
    range_source.steps = lambda _query, at: known.get((at - MS) // 60_000)
    filled = await indicator(range_source, kind="promql", bad="bad_share").rows(span(0, 6))
    m = 1_000_000
    assert by_minute(filled) == {0: (m // 4, m, 1), 2: (m, m, 1), 3: (0, m, 1)}
    assert filled.estimated
    assert filled.remarks == (
        "2 minutes had a share outside 0 to 1, such as 1.5: clamped to it, or excluded where infinite",
    )
    filled = await indicator(range_source, kind="promql", good="good_share").rows(span(0, 2))
    assert by_minute(filled) == {0: (m - m // 4, m, 1)}


async def test_shares_of_several_series_are_no_share() -> None:
    range_source = Remembered()
    range_source.steps = [series("s", [(60_000, 0.1), (120_000, 0.1)], pod=pod) for pod in "ab"]
    with pytest.raises(Blind) as caught:
        await indicator(range_source, kind="promql", bad="s").rows(span(0, 2))
    assert caught.value.reason is Reason.VALUE
    assert "aggregate it" in caught.value.detail


async def test_what_is_shown_is_printable() -> None:
    range_source = Remembered()
    one = indicator(range_source, kind="events", total='r{a="\x1b[31m"}', bad="b")
    assert all(text.isprintable() for _, text in one.evidence.selectors)
    filled = await one.rows(span(0, 1))
    assert filled.remarks[0].isprintable()
