"""The plot: no probe is invented, none is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.state import State
from artisan_tui.tui.glyphs import ASCII, UNICODE
from artisan_tui.tui.kit.plot import Column, bucket, draw, outage_row

NOW = datetime(2026, 11, 21, 9, 42, 10, tzinfo=UTC)
LEVELS = UNICODE.levels

ages = st.floats(0, 8 * 86400, allow_nan=False)
latencies = st.none() | st.floats(0, 60, allow_nan=False)
samples = st.lists(st.tuples(ages, st.sampled_from(list(State)), latencies), max_size=40).map(
    lambda rows: tuple(
        CheckSample("a.b", NOW - timedelta(seconds=age), state, "ok", latency)
        for age, state, latency in sorted(rows, key=lambda row: -row[0])
    )
)
roll_ups = st.lists(
    st.tuples(st.integers(0, 8 * 288), st.integers(0, 9), st.integers(0, 9), latencies), max_size=40
).map(
    lambda rows: tuple(
        RollUp("a.b", NOW.replace(minute=40, second=0) - timedelta(minutes=5 * n), up, 0, down, 0, high, high)
        for n, up, down, high in sorted(rows, key=lambda row: -row[0])
    )
)
spans = st.sampled_from([3600.0, 86400.0, 7 * 86400.0])


def sample(age: float, state: State = State.UP, latency: float | None = 0.1) -> CheckSample:
    return CheckSample("a.b", NOW - timedelta(seconds=age), state, "ok", latency)


@given(samples, roll_ups, spans, st.integers(0, 300), st.integers(1, 9))
def test_never_fails_and_fills_its_rectangle(
    raw: tuple[CheckSample, ...], rolled: tuple[RollUp, ...], span: float, columns: int, height: int
) -> None:
    for levels in (LEVELS, ASCII.levels, "#"):
        made = bucket(raw, rolled, span, NOW, columns)
        rows, top = draw(made, height, levels)
        assert len(made) == columns
        assert len(rows) == height
        assert {len(row) for row in rows} == {columns}
        assert len(outage_row(made, "x", "?")) == columns
        assert top == max((column.peak for column in made if column.peak is not None), default=0.0)


@given(samples, roll_ups, spans, st.integers(1, 200))
def test_draws_a_value_only_where_somebody_probed(
    raw: tuple[CheckSample, ...], rolled: tuple[RollUp, ...], span: float, columns: int
) -> None:
    made = bucket(raw, rolled, span, NOW, columns)
    rows, _top = draw(made, 5, LEVELS)
    signs = outage_row(made, "x", "?")
    step = span / columns
    moments = [probe.at.timestamp() for probe in raw if probe.latency is not None]
    moments += [roll.start.timestamp() for roll in rolled if roll.latency_max is not None]
    end = (NOW.timestamp() // step + 1) * step
    for x, column in enumerate(made):
        drawn = any(row[x] != " " for row in rows)
        if drawn:
            assert column.peak is not None
            left = end - span + x * step
            assert any(left - 1e-3 <= moment < left + step + 1e-3 for moment in moments)
        if not column.probes:
            assert signs[x] == " "
            assert not drawn or column.peak is not None


@given(samples, spans, st.integers(1, 200))
def test_counts_every_probe_of_the_span_once(raw: tuple[CheckSample, ...], span: float, columns: int) -> None:
    made = bucket(raw, (), span, NOW, columns)
    step = span / columns
    inside = [probe for probe in raw if (NOW - probe.at).total_seconds() < span - step - 1e-3]
    outside = [probe for probe in raw if (NOW - probe.at).total_seconds() > span + 1e-3]
    counted = sum(column.probes for column in made)
    assert len(inside) <= counted <= len(raw) - len(outside)
    assert sum(column.failed for column in made) >= sum(probe.verdict is State.DOWN for probe in inside)


@given(samples, st.integers(1, 120))
def test_the_slowest_probe_reaches_the_top(raw: tuple[CheckSample, ...], columns: int) -> None:
    made = bucket(raw, (), 86400.0, NOW, columns)
    rows, top = draw(made, 5, LEVELS)
    for x, column in enumerate(made):
        assert (rows[0][x] == LEVELS[-1]) or column.peak != top or top == 0
        if column.peak is not None and top > 0:
            assert rows[-1][x] != " "  # measured, so there is a mark, however low


def test_the_newest_probe_is_in_the_last_column_and_an_older_one_is_not_in_the_first() -> None:
    assert bucket([sample(0)], (), 3600, NOW, 60)[-1].probes == 1
    made = bucket([sample(3600 + 90)], (), 3600, NOW, 60)
    assert all(column.probes == 0 for column in made)


def test_time_alone_moves_no_probe_into_another_company() -> None:
    probes = [sample(n * 7.0, latency=0.01 * (n % 11)) for n in range(500, -1, -1)]
    shown_latency = bucket(probes, (), 3600, NOW, 106)
    assert bucket(probes, (), 3600, NOW + timedelta(seconds=3), 106) == shown_latency
    later = bucket(probes, (), 3600, NOW + timedelta(seconds=3600 / 106), 106)
    assert later[:-1] == shown_latency[1:]


def test_a_roll_up_in_which_the_raw_probes_begin_still_counts() -> None:
    """Otherwise a failure of the last minutes would be missing from the day's plot."""
    rolled = RollUp("a.b", NOW.replace(minute=40, second=0), up=3, down=2, latency_max=0.3)
    made = bucket([sample(5), sample(1)], (rolled,), 86400, NOW, 100)
    assert sum(column.failed for column in made) == 2


def test_failed_before_blind_before_well_before_nothing() -> None:
    columns = [Column(3, 1, 1, 0.1), Column(3, 0, 1), Column(3, 0, 0, 0.1), Column()]
    assert outage_row(columns, "✖", "?") == "✖?· "


def test_heights_are_shares_of_the_top() -> None:
    rows, top = draw([Column(1, peak=1.0), Column(1, peak=0.5), Column(1, peak=0.001), Column()], 4, LEVELS)
    assert top == 1.0
    assert ["".join(row[x] for row in rows) for x in range(4)] == ["████", "  ██", "   ▁", "    "]
    assert draw([Column(2, 2)], 3, LEVELS) == ([" "] * 3, 0.0)
