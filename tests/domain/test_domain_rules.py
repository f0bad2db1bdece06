"""Durations, schedule, selectors, counters and the event chain."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.schedule import fraction, next_due
from artisan_tui.domain.counters import covered, histogram_quantile, increase
from artisan_tui.domain.event import Entry, StoredRow, canonical, seal, stamp, verify
from artisan_tui.domain.measure import Quantile, Rate, Ratio, Value, to_promql
from artisan_tui.domain.selector import Matcher, Selector, parse_selector
from artisan_tui.domain.span import minutes_text, parse_span, span_text

# -- durations --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", "0.5"), ("30s", "30"), ("5m", "300"), ("6h", "21600"), ("7d", "604800"), ("1h30m", "5400")],
)
def test_durations(text: str, seconds: str) -> None:
    assert parse_span(text) == Decimal(seconds)


@pytest.mark.parametrize("text", ["", "30", "5 minutes", "m5", "-5s", "5m!", "٣s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_span(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.82, "820ms"), (45, "45s"), (132, "2m12s"), (11100, "3h5m"), (3600, "1h"), (90000, "1d1h")],
)
def test_span_text(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_ages_on_the_board_change_once_a_minute() -> None:
    assert minutes_text(59.9) == "<1m"
    assert {minutes_text(s) for s in range(120, 180)} == {"2m"}
    assert minutes_text(90061) == "1d1h"


# -- schedule ---------------------------------------------------------------


@given(st.text(min_size=1), st.floats(1, 3600), st.floats(0, 1e9))
def test_the_next_probe_is_soon_and_never_in_the_past(check_id: str, every: float, now: float) -> None:
    due = next_due(check_id, every, now)
    assert now < due <= now + 1.2 * every + 1e-6


def test_a_check_keeps_its_pace() -> None:
    moments, now = [], 1000.0
    for _ in range(200):
        now = next_due("api.health", 30, now)
        moments.append(now)
    gaps = [b - a for a, b in pairwise(moments)]
    assert 24 <= min(gaps) <= max(gaps) <= 36
    assert sum(gaps) / len(gaps) == pytest.approx(30, rel=0.02)


def test_checks_do_not_march_in_step() -> None:
    phases = sorted(fraction(f"service{n}.health") for n in range(1000))
    assert all(sum(1 for p in phases if low <= p < low + 0.1) > 60 for low in (0, 0.3, 0.6, 0.9))


# -- selectors and measures -------------------------------------------------


def test_selectors_parse_and_match() -> None:
    selector = parse_selector(r'http_requests_total{status=~"5..", method!="GET",path="a\"b\\c"}')
    assert selector.matches("http_requests_total", {"status": "503", "method": "POST", "path": 'a"b\\c'})
    assert not selector.matches("http_requests_total", {"status": "5030", "method": "POST", "path": 'a"b\\c'})
    assert not selector.matches("http_requests_total", {"status": "503", "method": "GET", "path": 'a"b\\c'})
    assert parse_selector("up").matches("up", {"job": "x"})
    assert parse_selector('up{gone=""}').matches("up", {})


@pytest.mark.parametrize(
    "text", ["", "rate(x[5m])", "x[5m]", 'x{a="b}', "x{a=b}", 'x{a~"b"}', 'x{a=~"["}', "x{} offset 5m"]
)
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"selector|expected|regular"):
        parse_selector(text)


labels = st.from_regex(r"\A[a-z_][a-z0-9_]{0,8}\Z")


@given(labels, st.lists(st.tuples(labels, st.text(max_size=20)), max_size=4))
def test_a_selector_survives_being_written_and_read(name: str, pairs: list[tuple[str, str]]) -> None:
    selector = Selector(name, tuple(Matcher(label, "=", value) for label, value in pairs))
    assert parse_selector(str(selector)) == selector


def test_measures_compile_to_correct_queries() -> None:
    bad, total = parse_selector('r_total{s=~"5.."}'), parse_selector("r_total")
    assert to_promql(Value(total, "max")) == "max(r_total)"
    assert to_promql(Rate(total, 300)) == "sum(rate(r_total[5m]))"
    assert (
        to_promql(Ratio(bad, (total,), 300))
        == '(sum(rate(r_total{s=~"5.."}[5m])) or vector(0)) / sum(rate(r_total[5m]))'
    )
    hits, misses = parse_selector("hits_total"), parse_selector("misses_total")
    both = to_promql(Ratio(hits, (hits, misses), 300))
    assert both == (
        "(sum(rate(hits_total[5m])) or vector(0)) / (sum(rate(hits_total[5m])) + sum(rate(misses_total[5m])))"
    )
    assert (
        to_promql(Quantile(Decimal("0.95"), parse_selector("lat_seconds"), 90))
        == "histogram_quantile(0.95, sum by (le) (rate(lat_seconds_bucket[1m30s])))"
    )


# -- counters ---------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=40), st.integers(0, 40))
def test_every_event_counts_once_through_resets(steps: list[tuple[int, bool]], start: int) -> None:
    value, truth, samples = 100, 0, [(-1.0, 100.0)]
    for at, (events, reset) in enumerate(steps):
        if reset:
            value = 0
        value += events
        # A restart is only seen when the counter reads lower than before; these all do.
        if reset and value >= samples[-1][1]:
            value, events = int(samples[-1][1]) - 1 if samples[-1][1] >= 1 else 0, 0
            events = value
        samples.append((float(at), float(value)))
        if at > start:
            truth += events
    assert increase(samples, float(start)) == truth


def test_a_counter_born_between_two_scrapes_counts_from_nothing() -> None:
    assert increase([(10.0, 7.0), (20.0, 9.0)], 0.0, born=True) == 9
    assert increase([(10.0, 7.0), (20.0, 9.0)], 0.0) == 2


def test_coverage_says_how_much_of_the_window_is_known() -> None:
    assert covered([(100.0, 1.0), (160.0, 2.0)], 0.0) == 60
    assert covered([(100.0, 1.0), (160.0, 2.0)], 130.0) == 30
    assert covered([], 0.0) == 0


def test_quantiles_agree_with_the_worked_replay() -> None:
    # 94.9 % at most 2 s, 5.1 % at 4.9 s, buckets at 2 and 5: reads 2.0588 and hides the breach.
    assert histogram_quantile(0.95, [(2, 949), (5, 1000), (math.inf, 1000)]) == pytest.approx(2.0588, abs=1e-4)
    assert histogram_quantile(0.95, [(2, 930), (5, 1000), (math.inf, 1000)]) == pytest.approx(2.857, abs=1e-3)
    assert histogram_quantile(0.99, [(2, 90), (math.inf, 100)]) == 2
    assert math.isnan(histogram_quantile(0.5, [(2, 0), (math.inf, 0)]))
    assert math.isnan(histogram_quantile(0.5, [(2, 5)]))


# -- the chain --------------------------------------------------------------

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def rows(count: int) -> list[StoredRow]:
    out, head = [], "0" * 64
    for seq in range(1, count + 1):
        event = seal(Entry(NOW + timedelta(seconds=seq), "j.park", "note", "", {"text": f"n{seq}"}), seq, NOW, head)
        head = event.hash
        out.append(
            StoredRow(
                seq, stamp(event.occurred_at), stamp(NOW), event.actor, event.kind, event.subject,
                canonical(event.body), None, event.prev_hash, event.hash,
            )
        )  # fmt: skip
    return out


def test_a_sound_chain_verifies() -> None:
    chain = rows(5)
    assert verify(chain) == (5, chain[-1].hash, None)


@given(
    st.integers(0, 4),
    st.sampled_from(["occurred_at", "recorded_at", "actor", "kind", "subject", "body", "prev_hash", "hash"]),
)
def test_any_change_to_any_field_is_found_at_its_event(index: int, field: str) -> None:
    chain = rows(5)
    chain[index] = replace(chain[index], **{field: getattr(chain[index], field) + "x"})
    found = verify(chain)[2]
    assert found is not None
    assert found.seq == index + 1


@given(st.integers(0, 3))
def test_a_missing_event_is_found(index: int) -> None:
    chain = rows(5)
    del chain[index]
    found = verify(chain)[2]
    assert found is not None
    assert found.seq == index + 2
