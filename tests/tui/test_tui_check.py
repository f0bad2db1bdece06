"""One check in full: where it stands and why, what came back, how it went."""

from __future__ import annotations

import pytest

from artisan_tui.domain.checks.sample import RollUp
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.detail import EXCERPT_LINES, Detail
from artisan_tui.tui.kit.bars import Title
from support.screens import drawn, settled, show, visible
from support.snapshots import (
    NOW,
    FakeHost,
    check,
    check_samples,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
    with_check,
)


def detail(app: ArtisanApp) -> list[str]:
    return drawn(app.screen.query_one(Detail))


async def test_shows_the_state_conditions_with_what_was_seen_and_the_response() -> None:
    app = make_app(host=FakeHost(samples=check_samples("llm.qwen")))
    async with app.run_test(size=(120, 60)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("down", "enter")
        await settled(pilot)
        text = "\n".join(detail(app))
        title = drawn(app.screen.query_one("#check-title", Title))[0]
    assert title.startswith(" llm.qwen ")
    assert title.endswith(" http")
    assert " ✖ DOWN  since 21 Nov 18:39:58 (2m)" in text
    assert "timeout: no answer in 5s" in text
    assert "the certificate ends in 12 days" in text
    assert "http://127.0.0.1:8000/llm/qwen" in text
    assert "18:42:06" in text
    assert "every 30s, timeout 5s; down after 3 in a row, up after 2" in text
    assert "✖ status == 200" in text
    assert "missing   missing" not in text
    assert "unhealthy   body" in text
    assert '{"status": "unhealthy", "model": "qwen2.5-72b"}' in text
    assert "HTTP/1.1 503 Service Unavailable" in text
    # Its own state changes, nobody else's.
    assert "18:39:58" in text
    assert "llm.qwen up again, was down" in text
    assert "cache.hit-rate" not in text


async def test_conditions_that_hold_show_their_values_too() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        lines = [line.split() for line in detail(app) if line.startswith("   ✔")]
    assert [line[-1] for line in lines] == ["200", "healthy", "142ms"]


async def test_a_stale_check_says_what_it_was_and_is_not_green() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        app.open("check", check_id="scheduler.beat")
        await settled(pilot)
        assert detail(app)[0].startswith(" ? STALE, WAS UP")
        assert "1/3 unknown" in detail(app)[0]


async def test_follows_its_check_while_open() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        assert detail(app)[0].startswith(" ✔ UP")
        down = check("api.health", State.DOWN, reason=Reason.STATUS, detail="status == 200, got 503", minutes=0)
        before = await show(pilot, with_check(before, down))
        assert detail(app)[0].startswith(" ✖ DOWN")
        assert "status code" not in detail(app)[1]
        assert "got 503" in detail(app)[1]
        await show(pilot, newer(before, checks=()))
        assert detail(app) == [" this check is no longer in the configuration"]


async def test_the_exact_value_is_there_where_the_board_rounds() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        assert "0.4137254901960784" not in "\n".join(visible(app))
        app.open("check", check_id="cache.hit-rate")
        await settled(pilot)
        assert "0.4137254901960784" in "\n".join(detail(app))


@pytest.mark.parametrize(("key", "span"), [("h", 3600.0), ("d", 86400.0), ("w", 7 * 86400.0)])
async def test_keys_plot_their_span(key: str, span: float) -> None:
    host = FakeHost(samples=check_samples("llm.qwen"))
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "enter")
        await settled(pilot)
        assert host.asked == [("llm.qwen", 3600.0)]  # an hour at first, asked for once
        host.asked.clear()
        await pilot.press(key)
        await settled(pilot)
        assert host.asked == [("llm.qwen", span)]
        words = {3600.0: "last 1h", 86400.0: "last 1d", 7 * 86400.0: "last 7d"}
        assert words[span] in "\n".join(detail(app))


async def test_the_plot_has_a_scale_an_outage_row_and_both_times() -> None:
    app = make_app(host=FakeHost(samples=check_samples("llm.qwen", failing=10)))
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "enter")
        await settled(pilot)
        lines = detail(app)
    top = next(n for n, line in enumerate(lines) if line.startswith(" Latency"))
    plot = lines[top + 1 : top + 6]
    assert plot[0].startswith("   400 ms ")
    assert plot[-1].startswith("     0 ms ")
    assert "█" in plot[-1]
    outage = lines[top + 6]
    assert outage.endswith("✖")
    assert "·" in outage
    # Where only failures were, nothing is drawn.
    assert plot[-1].rstrip()[-1] in "▁▂▃▄▅▆▇█"
    assert len(plot[-1].rstrip()) < outage.index("✖✖") + 1
    assert lines[top + 7].split() == ["17:42", "18:42"]


async def test_a_past_of_roll_ups_alone_is_drawn() -> None:
    rolled = tuple(
        RollUp("llm.qwen", NOW.replace(hour=hour, minute=0), up=9, down=hour % 2, latency_max=0.2) for hour in range(9)
    )
    app = make_app(host=FakeHost(roll_ups=rolled))
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "enter", "d")
        await settled(pilot)
        assert sum(line.count("✖") for line in detail(app) if "·" in line) == 4


async def test_without_a_past_it_says_so() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "enter")
        await settled(pilot)
        assert "   no data stored for this period" in detail(app)


async def test_a_hostile_response_is_only_text() -> None:
    body = (
        "[bold red]not red[/] \x1b[31mred\x1b[0m \x1b]0;title\x07 a\u202eb \x00 [link=http://x]y[/link] {0} %s $error"
    )
    hostile = check(
        "a.b",
        State.DOWN,
        detail=printable(body),
        target=printable(body),
        excerpt=printable(body, lines=True),
        remarks=(printable(body),),
        findings=(ConditionResult("body ~ [x]", False, printable(body, 120), Reason.BODY),),
    )
    app = make_app()
    async with app.run_test(size=(200, 50)) as pilot:
        await show(pilot, snapshot([hostile]))
        assert "[bold red]not red[/] red" in "\n".join(visible(app))
        await pilot.press("down", "enter")
        await settled(pilot)
        text = "\n".join(visible(app))
        assert text.count("[bold red]not red[/] red  ab  [link=http://x]y[/link] {0} %s $error") >= 4
        assert not set(text) & {"\x1b", "\x00", "\u202e", "\x07"}


async def test_a_long_response_is_cut_and_says_so() -> None:
    app = make_app()
    long = "\n".join(f"line {n}" for n in range(500))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check("a.b", excerpt=long)]))
        await pilot.press("down", "enter")
        await settled(pilot)
        lines = detail(app)
    assert lines[lines.index(f"   line {EXCERPT_LINES - 1}") + 1] == "   …"
    assert sum("line " in line for line in lines) == EXCERPT_LINES


async def test_keys_scroll_what_does_not_fit() -> None:
    app = make_app(host=FakeHost(samples=check_samples("llm.qwen")))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings(), session_status=session_status()))
        await pilot.press("down", "enter")
        await settled(pilot)
        # D5: what it answered is on the first page, before the plot; its past below.
        assert "qwen2.5-72b" in "\n".join(visible(app))
        assert "llm.qwen up again" not in "\n".join(visible(app))
        await pilot.press("pagedown", "pagedown")
        await pilot.pause()
        assert "llm.qwen up again" in "\n".join(visible(app))
        await pilot.press("pageup", "pageup", "k")
        await pilot.pause()
        assert "✖ DOWN" in visible(app)[2]


async def test_a_check_that_was_restored_keeps_its_age() -> None:
    app = make_app()
    old = check("a.b", restored=True, minutes=60 * 50)
    async with app.run_test(size=(100, 24)) as pilot:
        await show(pilot, snapshot([old._replace(strip=())], answered_at=None))
        await pilot.press("down", "enter")
        await settled(pilot)
        assert "(2d2h)" in detail(app)[0]
