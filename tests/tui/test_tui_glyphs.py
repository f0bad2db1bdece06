"""Signs and numbers: one cell a sign, never more cells than the column, never a failure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import Tick
from artisan_tui.tui.glyphs import ASCII, FLOOR, UNICODE, Glyphs, latency_text, level, strip_text, value_text

sets = pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
seconds = st.floats(0, 1e6, allow_nan=False)


def signs(glyphs: Glyphs) -> list[str]:
    return [*glyphs.states.values(), *glyphs.levels, glyphs.failed, glyphs.blind, glyphs.cursor, glyphs.rule]


@sets
def test_every_sign_is_one_cell_wide(glyphs: Glyphs) -> None:
    assert set(glyphs.states) == set(State)
    for sign in signs(glyphs):
        assert len(sign) == 1
        assert cell_len(sign) == wcwidth(sign) == 1


def test_ascii_is_ascii() -> None:
    assert all(sign.isascii() for sign in signs(ASCII))


@sets
def test_states_are_told_apart_without_colour(glyphs: Glyphs) -> None:
    assert len(set(glyphs.states.values())) == len(State)
    assert glyphs.failed not in glyphs.levels
    assert glyphs.blind not in glyphs.levels


@given(st.lists(st.tuples(st.sampled_from(list(State)), st.none() | seconds), max_size=40), st.integers(1, 30))
def test_a_strip_is_as_wide_as_asked_and_says_what_each_probe_said(
    probes: list[tuple[State, float | None]], width: int
) -> None:
    ticks = tuple(Tick(state, latency) for state, latency in probes)
    for glyphs in (UNICODE, ASCII):
        text = strip_text(ticks, width, glyphs)
        assert len(text) == cell_len(text) == width
        shown = ticks[-width:]
        assert text[: width - len(shown)].strip() == ""
        for sign, tick in zip(text[width - len(shown) :], shown, strict=True):
            assert (sign == glyphs.failed) == (tick.verdict is State.DOWN)
            assert (sign == glyphs.blind) == (tick.verdict is State.UNKNOWN)
            assert sign != " "


@given(seconds, seconds)
def test_slower_is_never_drawn_lower(a: float, b: float) -> None:
    low, high = sorted((a, b))
    for glyphs in (UNICODE, ASCII):
        assert glyphs.levels.index(level(low, glyphs)) <= glyphs.levels.index(level(high, glyphs))


@given(st.none() | st.floats(0, 9999, allow_nan=False))
def test_a_latency_fits_its_column(latency: float | None) -> None:
    assert cell_len(latency_text(latency)) <= 8


@pytest.mark.parametrize(
    ("latency", "text"),
    [
        (None, ""), (0, f"<{FLOOR * 1000:.0f} ms"), (FLOOR, f"<{FLOOR * 1000:.0f} ms"), (0.142, "140 ms"),
        (0.999, "990 ms"), (1, "1.0 s"), (12.34, "12.3 s"),
    ],
)  # fmt: skip
def test_latencies(latency: float | None, text: str) -> None:
    assert latency_text(latency) == text


@given(st.text(max_size=40) | st.floats().map(str) | st.decimals(allow_nan=True).map(str))
def test_a_value_fits_its_column_and_never_fails(value: str) -> None:
    assert len(value_text(value)) <= 8


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), ("37", "37"), ("37.0", "37"), ("0.4137254901960784", "0.414"), ("9999999", "9999999"),
        ("123456789", "1.23e+08"), ("NaN", "NaN"), ("Infinity", "Infinity"), ("-inf", "-inf"), ("healthy ok", "healthy…"), ("-0.000012345", "-1.2e-05"), ("-1e200", "-1e+200"),
        ("12345.678", "1.23e+04"), ("0", "0"), ("-1", "-1"),
    ],
)  # fmt: skip
def test_values(value: str | None, text: str) -> None:
    assert value_text(value) == text
