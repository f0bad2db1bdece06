"""The detail of a check: uptime, its last ninety days, and its outages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.checks.outages import Outage
from artisan_tui.engine.checks.outages import OutageHistory, OutageQuery
from artisan_tui.engine.checks.slice import Uptime, UptimeSlice
from artisan_tui.tui.checks.days import day_rows, worst_days
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.outages import outage_rows
from artisan_tui.tui.glyphs import ASCII, UNICODE
from support.check_details import DAYS, QUEUE, Engine, opened, outage, roles, texts
from support.screens import drawn, settled, show
from support.snapshots import NOW, check, event, happenings, make_app, newer, snapshot


async def test_e_uptime_and_percentiles_are_in_the_first_lines() -> None:
    uptime = UptimeSlice({"queue.depth": Uptime(0.9998, 0.99, 0.12, 0.34, DAYS)})
    app = make_app(host=Engine())
    async with app.run_test(size=(120, 40)) as pilot:
        lines = await opened(pilot, QUEUE, uptime)
    assert "   uptime        24 h 99.98 %   30 d 99.00 %" in lines
    assert "   latency       p50 120ms p95 340ms in 24 h" in lines
    assert lines.index("   uptime        24 h 99.98 %   30 d 99.00 %") < 12


def test_e_ninety_days_are_a_sign_each_where_there_is_room() -> None:
    rows = day_rows(DAYS, 120, UNICODE)
    bar = texts(rows)[1].strip()
    assert bar == "·" * 10 + "█" * 60 + "▅" + "█" * 10 + "✖" + "█" * 8
    assert roles(rows[1], "✖") == {"-bad"}
    assert roles(rows[1], "▅") == {"-warn"}
    assert roles(rows[1], "·") == {"-dim"}
    assert texts(rows)[2].startswith("   89 d ago")
    assert texts(rows)[2].endswith("today")
    assert len(texts(rows)[2]) == 93


@pytest.mark.parametrize("width", [20, 33, 60, 80, 93, 94])
def test_e_where_there_is_none_some_days_share_a_sign_that_is_the_worst_of_them(width: int) -> None:
    rows = day_rows(DAYS, width, UNICODE)
    bar = texts(rows)[1].strip()
    assert len(bar) <= width - 4
    assert bar.count("✖") == bar.count("▅") == 1
    if len(bar) < 90:
        assert "days a sign" in texts(rows)[0]
    # Today is always in the last one.
    assert texts(day_rows((*DAYS[1:], 0.0), width, UNICODE))[1].rstrip().endswith("✖")


def test_e_signs_of_days_are_told_apart_without_colours_and_in_ascii() -> None:
    rows = day_rows(DAYS, 120, ASCII)
    assert "".join(texts(rows)).isascii()
    assert texts(rows)[1].strip() == "." * 10 + "#" * 60 + "+" + "#" * 10 + "x" + "#" * 8
    assert len(set(UNICODE.days)) == len(set(ASCII.days)) == 4


def test_e_of_a_service_the_worst_check_of_each_day_counts() -> None:
    assert worst_days([(1.0, None, 0.5), (0.9, None)]) == (1.0, 0.9, 0.5)
    assert worst_days([]) == ()
    assert texts(day_rows((), 80, UNICODE))[1] == "   no data stored yet"


def history(*outages: Outage) -> OutageHistory:
    return OutageHistory(outages, NOW - timedelta(days=90))


def test_e_an_outage_is_a_line_with_start_duration_reason_and_cause() -> None:
    rows = texts(
        outage_rows(
            history(
                outage(3, None, reason="timeout", detail="no answer in 5s"),
                outage(60, 12.5, reason="status", detail="status 503, expected == 200", cause="db.up"),
                outage(600, 60, planned=True, detail="new disks"),
                replace(outage(900, 5), maintenance=True),
                replace(outage(900, None), start=None, end=NOW - timedelta(days=89)),
            ),
            "",
            100,
            NOW.tzinfo,
            NOW,
        )
    )
    assert rows[0] == " Outages  4 in 90 days, 1d in all"
    assert rows[1].split() == ["21", "Nov", "09:39", "3m,", "not", "over", "timeout:", "no", "answer", "in", "5s"]
    assert rows[2].endswith("12m30s                caused by db.up  status 503, expected == 200")
    assert rows[3].endswith("maintenance: new disks")
    assert "5m, then maintenance" in rows[4]
    assert "earlier" in rows[5]
    assert "1d or more" in rows[5]


def test_e_maintenance_of_every_night_is_one_line() -> None:
    nights = [outage(1440 * n, 60, planned=True, detail="backup") for n in range(1, 80)]
    rows = texts(outage_rows(history(*nights), "", 100, NOW.tzinfo, NOW))
    assert rows[0] == " Outages  none in the last 90 days"
    assert rows[1].endswith("maintenance: backup  79 times")
    assert len(rows) == 2


def test_e_more_outages_than_are_shown_are_counted() -> None:
    rows = texts(outage_rows(history(*(outage(10 * n) for n in range(1, 60))), "", 80, NOW.tzinfo, NOW))
    assert rows[-1] == "   39 earlier ones"
    rows = texts(outage_rows(history(*(outage(10 * n) for n in range(1, 22))), "", 80, NOW.tzinfo, NOW))
    assert rows[-1] == "   1 earlier one"


async def test_e_outages_are_asked_once_and_again_when_the_journal_has_news() -> None:
    engine = Engine(outages=(outage(60, 5, reason="timeout", detail="no answer"),))
    app = make_app(host=engine)
    async with app.run_test(size=(120, 60)) as pilot:
        before = await show(pilot, snapshot([check("api.health")], happenings()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        assert any("timeout: no answer" in line for line in drawn(app.screen.query_one(Detail)))
        for _again in range(5):
            before = await show(pilot, newer(before))
        await settled(pilot)
        assert engine.asked_for(OutageQuery) == [OutageQuery(("api.health",))]
        news = event("check.state", "api.health", seq=9, **{"from": "up", "to": "down", "reason": "timeout"})
        await show(pilot, newer(before, journal=(news, *happenings())))
        await settled(pilot)
        assert len(engine.asked_for(OutageQuery)) == 2


async def test_e_outages_that_cannot_be_read_are_said_and_asked_again() -> None:
    engine = Engine(unreadable=True)
    app = make_app(host=engine)
    async with app.run_test(size=(120, 60)) as pilot:
        before = await show(pilot, snapshot([check("api.health")]))
        app.open("check", check_id="api.health")
        await settled(pilot)
        assert "   the journal cannot be read now, it is tried again" in drawn(app.screen.query_one(Detail))
        engine.unreadable = False
        await show(pilot, newer(before))
        await settled(pilot)
        assert "   the journal cannot be read now, it is tried again" not in drawn(app.screen.query_one(Detail))
