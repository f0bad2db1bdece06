"""Every line is as wide as its place, whatever it is made of and however often the window changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.event import Event
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.drills.slice import StackFault
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.grouping import arrange, grouped
from artisan_tui.tui.checks.rows import Columns, row_runs
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.lines import Lines
from support.journal_host import JournalHost, history
from support.screens import resized, settled, show, strips, until, visible
from support.snapshots import (
    DEMO,
    NOW,
    FakeHost,
    check,
    check_samples,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
    ticks,
)

SIZES = [(60, 15), (80, 24), (120, 40), (200, 50), (300, 100)]
#: As it comes from outside, and as `printable` lets it through.
NASTY = [
    printable(text, 300, lines=True)
    for text in (
        "[bold red]not red[/] [/] \\[ [link=x]",
        "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\x9b5m done",
        "결제 서비스 응답 없음: 데이터베이스 연결 실패",
        "e\u0301a\u0308o\u0302 \u0301leading x\u0323\u0323\u0323",
        "🚀🔥 👩🏽‍🚒 🇰🇷 ❤\ufe0f ✅",
        "\u202eoverride\u202c zero\u200bwidth \ufeff",
        "a" * 400,
        "가" * 400,
        "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165",
        "tab\tnew\nline\rreturn\0nul",
        "",
    )
]


def nasty() -> tuple[CheckView, ...]:
    made = []
    for n, text in enumerate(NASTY * 2):
        flat = text.replace("\n", " ")
        made.append(
            check(
                f"{n}{flat}"[:64],
                list(State)[n % len(State)],
                name=flat,
                service_name=flat,
                target=flat,
                detail=flat,
                reason=list(Reason)[n % len(Reason)],
                value=flat[:40] if n % 3 else None,
                stale=n % 7 == 3,
                downs=n % 3,
                lows=n % 2,
                restored=n % 11 == 5,
                excerpt=text,
                remarks=(flat,),
                query=flat,
                findings=(ConditionResult(flat, n % 2 == 0, flat, Reason.BODY),),
                strip=ticks(*[0.1] * (n % 30)),
            )
        )
    return tuple(made)


def nasty_journal() -> tuple[Event, ...]:
    return tuple(
        event("note" if n % 2 else "unheard.of", flat, actor=flat[:20] or "x", text=flat, minutes=n * 400, seq=n)
        for n, flat in enumerate(text.replace("\n", " ") for text in NASTY)
    )


async def assert_every_line_fits(pilot: Pilot[Any]) -> int:
    """How many lines there were. A scrollbar that comes takes a turn of the loop to be drawn around."""
    app = cast("ArtisanApp", pilot.app)

    def as_wide_as_its_place(widget: Lines) -> bool:
        place = widget.scrollable_content_region
        return not place.area or not widget.display or widget.virtual_size.width == place.width

    await until(pilot, lambda: all(as_wide_as_its_place(widget) for widget in app.screen.query(Lines)))
    seen = 0
    for widget in app.screen.query(Lines):
        width = widget.scrollable_content_region.width
        if not width or not widget.display:
            continue
        for strip in strips(widget):
            assert sum(cell_len(segment.text) for segment in strip) == width, (widget, strip.text)
            seen += 1
        for y in range(widget.size.height):
            line = widget.render_line(y)
            assert sum(cell_len(segment.text) for segment in line) == width, (widget, line.text)
    for text in visible(app):
        assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in text)
    return seen


@pytest.mark.parametrize(("size", "language"), list(zip(SIZES, ["ko", "en", "ko", "en", "ko"], strict=True)))
async def test_every_line_of_every_screen_fits(size: tuple[int, int], language: str) -> None:
    faults = tuple(StackFault(f"f{n}", text, text, n % 2 == 0) for n, text in enumerate(NASTY[:4]))
    broken = session_status(
        language=language,
        config_problems=(NASTY[0] + NASTY[2],),
        store_problem=NASTY[4],
        demo=True,
        read_only=True,
        name=NASTY[2],
        actor=NASTY[2][:20],
    )
    app = make_app(DEMO, host=FakeHost(DEMO, samples=check_samples("x")))
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot(nasty(), nasty_journal(), faults=faults, session_status=broken, late=True))
        await pilot.pause()
        assert await assert_every_line_fits(pilot) > 30
        for keys in (["question_mark"], ["escape", "b"], ["escape", "enter"], ["d"], ["escape", "end", "enter"]):
            await pilot.press(*keys)
            await settled(pilot)
            await assert_every_line_fits(pilot)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", SIZES[:4])
async def test_every_line_of_the_journal_fits(size: tuple[int, int], language: str) -> None:
    strange = [replace(each, seq=n + 1) for n, each in enumerate(reversed(nasty_journal()))]
    host = JournalHost(held=[*strange, *[replace(each, seq=each.seq + len(strange)) for each in history(60)]])
    app = make_app(host=host)
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot((), host.held[::-1], session_status=session_status(language=language)))
        for keys in (
            ["J"],
            ["G"],
            ["v"],
            ["escape"],
            ["slash", *"person:x since:z"],
            ["escape"],
            ["u"],
            ["up", "up", "v"],
        ):
            await pilot.press(*keys)
            await settled(pilot)
            assert await assert_every_line_fits(pilot) > 3


async def test_a_storm_of_sizes_ends_in_a_whole_screen() -> None:
    app = make_app(DEMO, host=FakeHost(DEMO, samples=check_samples("llm.qwen")))
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        whole = visible(app)
        sizes = [(60, 15), (200, 50), (1, 1), (300, 100), (159, 40), (160, 40), (161, 3), (2, 60), (80, 24), (33, 7)]
        for width, height in sizes:
            await resized(pilot, width, height)
            before = await show(pilot, newer(before))
            await pilot.pause()
            await assert_every_line_fits(pilot)
            assert len(visible(app)) == height
        await pilot.press("enter")
        await settled(pilot)
        for width, height in sizes:
            await resized(pilot, width, height)
            await assert_every_line_fits(pilot)
        await pilot.press("escape")
        await resized(pilot, 120, 40)
        assert visible(app) == whole


async def test_the_journal_stands_beside_the_services_where_there_is_room() -> None:
    app = make_app()
    async with app.run_test(size=(159, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        services, journal = app.query_one(".services-pane"), app.query_one(".journal-pane")
        assert journal.region.y > services.region.y
        await resized(pilot, 160, 40)
        assert journal.region.y == services.region.y
        assert journal.region.x >= services.region.right
        await resized(pilot, 100, 40)
        assert journal.region.y > services.region.y


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_a_small_screen_shows_the_worst(size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        lines = visible(app)
        assert "1 down" in lines[0]
        assert "1 down" in lines[1]
        assert lines[2].startswith("✖ llm ")
        assert "DOWN" in lines[2]
        assert lines[3].startswith("  ✖ llm.qwen")
        assert "? help" in lines[-1]


@pytest.mark.parametrize("width", [50, 59, 60, 62, 79, 80, 119, 120, 199, 300])
def test_a_row_fits_and_keeps_its_newest_probes_at_every_width(width: int) -> None:
    """A strip cut at its right end would hide the failure that just happened."""
    app = make_app()
    for state, last in ((State.DOWN, State.DOWN), (State.UP, State.UNKNOWN)):
        long = check("a-service-with-a-long-name.check", state, strip=ticks(*[0.1] * 23, last))
        rows = arrange(grouped([long]), (), (), 10, lambda groups, lines: [len(groups)])
        text = "".join(part for part, _role in row_runs(rows[0], Columns(rows, width, app.glyphs), NOW, {}))
        assert cell_len(text) <= width
        if width >= 100 or (state is State.UP and width >= 72):
            assert text.endswith("✖" if last is State.DOWN else "?")


@pytest.mark.parametrize("width", [78, 79, 80, 99, 100, 120, 160, 200])
def test_d4_a_failing_line_has_forty_cells_for_its_reason(width: int) -> None:
    app = make_app()
    why = "x" * 40
    for name in ("a", "a-service-with-a-very-long-name-indeed"):
        views = [check(f"{name}.{n}", State.DOWN, detail=why, name="y" * 40, reason=Reason.STATUS) for n in range(2)]
        rows = arrange(grouped(views), (), (), 10, lambda groups, lines: [len(groups)])
        for row in rows:
            text = "".join(part for part, _role in row_runs(row, Columns(rows, width, app.glyphs), NOW, {}))
            assert why in text, (row.kind, text)


async def test_the_list_scrolled_to_its_end_stays_there_when_the_window_grows() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check(f"svc{n}.x", State.DOWN) for n in range(100)]))
        await pilot.press("end")
        await resized(pilot, 120, 60)
        services = app.query_one(Services)
        assert services.scroll_offset.y + services.scrollable_content_region.height == 100
        assert "svc99" in "\n".join(visible(app))


async def test_a_long_filter_does_not_push_out_the_counts() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await show(pilot, snapshot([check("a.b", State.DOWN), check("c.d")]))
        await pilot.press("slash")
        app.query_one("#prompt", Input).value = "x" * 60
        await pilot.pause()
        assert visible(app)[1].rstrip().endswith("1 down  1 up")


async def test_a_pasted_filter_is_made_safe() -> None:
    app = make_app()
    async with app.run_test(size=(100, 24)) as pilot:
        await show(pilot, snapshot([check("a.b")._replace(name="x")]))
        await pilot.press("slash")
        app.query_one("#prompt", Input).value = "\x1b[31mred\x07"
        await pilot.pause()
        assert "\x1b" not in visible(app)[1]
        assert "\x07" not in visible(app)[1]
