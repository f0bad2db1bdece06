"""Rates and ratios over random restarts, births and gaps against what truly happened."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.measure import Rate, Ratio
from artisan_tui.domain.selector import parse_selector
from artisan_tui.sources.metrics import compute
from artisan_tui.sources.metrics.compute import View
from artisan_tui.sources.metrics.series import History

ALL, BAD = parse_selector("c"), parse_selector('c{k="bad"}')
EVERY, WINDOW = 10.0, 100.0


@dataclass(frozen=True)
class Step:
    """What happens between two scrapes. A restart loses nothing that was not counted before it."""

    good: int
    bad: int
    restart: bool


steps = st.lists(st.builds(Step, st.integers(0, 1000), st.integers(0, 50), st.booleans()), min_size=1, max_size=40)


@settings(max_examples=300)
@given(steps, st.booleans())
def test_increase_is_what_happened(happened: list[Step], bad_from_the_start: bool) -> None:
    history, keep = History(), {"c": WINDOW + 30.0}
    counters = {"good": 7.0, **({"bad": 3.0} if bad_from_the_start else {})}
    now = 0.0

    def scrape() -> None:
        lines = [("c", (("k", kind),), value, None) for kind, value in counters.items()]
        history.add(now, lines, keep, 0.0)

    scrape()
    truth: list[tuple[float, int, int]] = []
    for step in happened:
        now += EVERY
        good, bad = step.good, step.bad
        if step.restart:
            # A restart can only be seen when the counter is lower afterwards.
            before = dict(counters)
            counters = {kind: 0.0 for kind in counters}
            good = min(good, int(before["good"]) - 1) if before["good"] >= 1 else 0
            bad = min(bad, int(before.get("bad", 0)) - 1) if before.get("bad", 0) >= 1 else 0
            good, bad = max(good, 0), max(bad, 0)
        counters["good"] += good
        if "bad" in counters or bad:
            counters["bad"] = counters.get("bad", 0.0) + bad
        truth.append((now, good, bad))
        scrape()
    span = min(now, WINDOW)
    good_in = sum(good for at, good, _ in truth if at > now - WINDOW)
    bad_in = sum(bad for at, _, bad in truth if at > now - WINDOW)
    view = View(now, 25.0, [history])
    rate = compute.rate(view, Rate(ALL, WINDOW)).value
    assert math.isclose(rate, (good_in + bad_in) / span, abs_tol=1e-9)
    ratio = compute.ratio(view, Ratio(BAD, (ALL,), WINDOW)).value
    if good_in + bad_in == 0:
        assert math.isnan(ratio)
    else:
        assert math.isclose(ratio, bad_in / (good_in + bad_in), abs_tol=1e-12)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=2, max_size=30))
def test_lost_scrapes_lose_no_events(scrapes: list[tuple[int, bool]]) -> None:
    """Telescoping: whatever scrapes are missing in between, the same total comes out."""
    history, total, now = History(), 0.0, 0.0
    history.add(0.0, [("c", (), 0.0, None)], {"c": 1e6}, 0.0)
    for events, lost in scrapes:
        now += EVERY
        total += events
        if not lost:
            history.add(now, [("c", (), total, None)], {"c": 1e6}, 0.0)
    now += EVERY
    history.add(now, [("c", (), total, None)], {"c": 1e6}, 0.0)
    assert math.isclose(compute.rate(View(now, 25.0, [history]), Rate(ALL, 1e5)).value * now, total, abs_tol=1e-6)
