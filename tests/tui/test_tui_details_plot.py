"""The detail of a check: its value plotted with unit and limits, and what comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView, Tick
from artisan_tui.tui.checks.curve import History, curve_rows
from artisan_tui.tui.checks.figures import strip_of
from artisan_tui.tui.glyphs import ASCII, UNICODE
from support.check_details import QUEUE, Engine, opened, roles, texts, values
from support.snapshots import NOW, check, check_samples, make_app

RATE = check("cache.rate", kind="measure")._replace(value="0.72", limit="0.6", unit="ratio", limit_is_least=True)


def plot(view: CheckView, samples: tuple[CheckSample, ...], rolled: tuple[RollUp, ...] = (), *, span: float = 3600.0,
         glyphs: Any = UNICODE, width: int = 74) -> list[list[tuple[str, str]]]:  # fmt: skip
    return curve_rows(view, History(span, NOW, samples, rolled), width, glyphs, NOW.tzinfo)


def test_d5_a_value_is_plotted_with_its_unit_and_its_limit_as_a_line_across() -> None:
    rows = plot(QUEUE, values("queue.depth", [40.0] * 100 + [150.0] * 20))
    said = texts(rows)
    assert said[0] == " Value  last 1h, greatest per 1m   ╌ limit 100 jobs"
    assert said[1].startswith(" 200 jobs")
    line = next(text for text in said if text.startswith(" 100 jobs "))
    assert line.count("╌") >= 55  # from one end to the other
    assert said[5].startswith("   0 jobs ")
    # What is beyond the limit has the colour of a failure, what is not has not.
    assert roles(rows[5], "█") == {"-accent", "-bad"}
    assert "ms" not in "".join(said)


def test_d5_of_a_least_value_the_worst_is_the_smallest() -> None:
    rows = plot(RATE, values("cache.rate", [0.8, 0.3] * 60))
    said = texts(rows)
    assert "least per" in said[0]
    assert "limit 60 %" in said[0]
    assert said[1].startswith("    100 %")
    # Each column holds a good and a bad probe: the bad one counts.
    assert roles(rows[5], "█") == {"-bad"}


def test_d5_both_limits_are_drawn_where_there_are_two() -> None:
    view = check("rl.reward")._replace(
        value="15",
        limit="10.0",
        limit_is_least=True,
        findings=(ConditionResult("value > 10.0", True, "15"), ConditionResult("value <= 100", True, "15")),
    )
    said = texts(plot(view, values("rl.reward", [15.0] * 120)))
    assert said[0].endswith("limit 10, 100")
    # Also where the tops of the bars are in the line's row.
    assert [line.count("╌") >= 25 for line in said[1:6]] == [True, False, False, False, True]


@pytest.mark.parametrize("numbers", [[1e308, -1e308], [float("5e-324")], [0.0], [-5.0, -1.0], [1e-300, 1e300]])
def test_d5_any_number_has_a_curve(numbers: list[float]) -> None:
    view = QUEUE._replace(limit="", findings=(), value=str(numbers[0]))
    for width in (20, 60, 200):
        for row in plot(view, values("queue.depth", numbers), width=width):
            assert cell_len("".join(text for text, _role in row)) <= max(width, 90)


def test_d5_a_day_and_a_week_are_drawn_from_roll_ups() -> None:
    rolled = tuple(
        RollUp("q", NOW.replace(minute=0, second=0) - timedelta(hours=n), up=9, latency_max=0.2, value_min=1.0, value_max=90.0)
        for n in range(160, -1, -1)
    )  # fmt: skip
    for span in (86400.0, 7 * 86400.0):
        said = texts(plot(QUEUE, (), rolled, span=span))
        assert "Value" in said[0]
        assert "█" in said[5]


def test_d5_roll_ups_without_values_say_so_instead_of_drawing_latencies() -> None:
    rolled = (RollUp("q", NOW - timedelta(hours=1), up=9, latency_max=0.2),)
    said = texts(plot(QUEUE, (), rolled, span=86400.0))
    assert said[1] == "   no value was stored in this period"


def test_d5_the_plot_is_ascii_where_the_terminal_is() -> None:
    said = "".join(texts(plot(QUEUE, values("queue.depth", [40.0, 150.0] * 60), glyphs=ASCII)))
    assert said.isascii()
    assert "____" in said


def test_d5_the_strip_speaks_of_the_value_too() -> None:
    ticks = tuple(Tick(State.UP, 9.0, number) for number in (10.0, 50.0, 100.0, 150.0))
    levels = UNICODE.levels
    signs = strip_of(QUEUE._replace(strip=ticks), 4, UNICODE)
    assert [levels.index(sign) for sign in signs] == sorted(levels.index(sign) for sign in signs)
    assert len(set(signs)) == 4
    # The same latencies of a check that has no value are one level.
    assert len(set(strip_of(check("a.b")._replace(strip=ticks[:0]), 4, UNICODE))) == 1
    assert strip_of(check("a.b")._replace(strip=(Tick(State.UP, 9.0),) * 4), 4, UNICODE) == levels[-1] * 4


async def test_d5_conditions_and_the_body_come_before_an_empty_plot() -> None:
    view = check(
        "api.health", excerpt='{"status": "healthy"}', findings=(ConditionResult("status == 200", True, "200"),)
    )
    app = make_app(host=Engine())
    async with app.run_test(size=(100, 40)) as pilot:
        lines = await opened(pilot, view)
    heads = [line for line in lines if line.startswith((" Conditions", " Last response", " Latency"))]
    assert [head.split("  ")[0].strip() for head in heads] == ["Conditions", "Last response", "Latency"]


async def test_d5_what_is_well_shows_its_curve_before_its_body() -> None:
    view = check("api.health", excerpt='{"status": "healthy"}')
    app = make_app(host=Engine(samples=check_samples("api.health", failing=0)))
    async with app.run_test(size=(100, 40)) as pilot:
        lines = await opened(pilot, view)
    assert lines.index(" Last response") > next(n for n, line in enumerate(lines) if line.startswith(" Latency"))


async def test_d4_the_server_s_own_words_are_first_in_the_detail() -> None:
    view = check(
        "llm.qwen",
        State.DOWN,
        reason=Reason.STATUS,
        detail="status 503, expected == 200",
        excerpt='{"error": "CUDA out of memory"}',
        findings=(ConditionResult("status == 200", False, "503", Reason.STATUS),),
    )
    app = make_app(host=Engine())
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await opened(pilot, view)
    assert lines[1:3] == ["   503: CUDA out of memory", "   status 503, expected == 200"]
