"""The screen of alerts: what stands where at 80 by 24, and that a refresh moves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from textual.widgets import Input

from artisan_tui.domain.alerts.listed import AlertState
from artisan_tui.engine.alerts.slice import AlertSource
from artisan_tui.tui.alerts.detail import AlertDetail
from artisan_tui.tui.alerts.list import AlertRows
from artisan_tui.tui.alerts.screen import AlertScreen
from artisan_tui.tui.kit.form import Form
from support.alert_screen import ALL, PODS, RATE, SLOW, A, B, alert, alerts, picture
from support.screens import drawn, settled, show, visible
from support.snapshots import NOW, FakeHost, make_app, newer


async def test_everything_has_its_place_at_80_by_24() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(*ALL))
        await pilot.press("5")
        await settled(pilot)
        assert isinstance(app.screen, AlertScreen)
        lines = visible(app)
        text = "\n".join(lines)
        assert "5 firing  1 not seen  1 silenced" in lines[1]
        assert "HighErrorRate" in lines[2]
        for word in ("firing", "not seen", "silenced", "critical", "1/2", "11m", "PodCrash", "3 alerts"):
            assert word in text
        for word in ("HighErrorRate is bad", "qwen_failure_downshift", "svc=api"):
            assert word in text, "the selected alert in brief"
        await pilot.press("G")
        await settled(pilot)
        text = "\n".join(visible(app))
        assert "silenced until 20:42 by s.lee: new disks" in text
        assert "until 20:42 by s.lee" in next(line for line in text.splitlines() if "QueueBacklog" in line)


async def test_the_header_counts_alerts_where_there_is_room_and_says_when_they_are_unknown() -> None:
    app = make_app()
    async with app.run_test(size=(140, 24)) as pilot:
        now = await show(pilot, picture(*ALL))
        assert "5 alerts firing" in visible(app)[0]
        silent = tuple(AlertSource(url, "alertmanager", "silent", NOW, "connection refused") for url in (A, B))
        now = await show(pilot, newer(now, all_alerts=alerts(*ALL, sources=silent)))
        assert "alerts ?" in visible(app)[0]
        blind = alerts(*ALL, blind_since=NOW - timedelta(minutes=3), blind_reason="the Watchdog is not there")
        await show(pilot, newer(now, all_alerts=blind))
        assert "ALERTING BLIND since 18:39" in visible(app)[0]


async def test_inc_case_6_last_rows_stay_when_no_source_answers() -> None:
    app = make_app()
    rows = [replace(row, state=AlertState.NOT_SEEN, gone_since=NOW) for row in (RATE, SLOW)]
    silent = tuple(AlertSource(url, "alertmanager", "silent", NOW, "connection refused") for url in (A, B))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(*rows, sources=silent))
        await pilot.press("5")
        await settled(pilot)
        text = "\n".join(visible(app))
        assert "HighErrorRate" in text
        assert "alerts ?" in text
        assert "am-1:9093" in text


async def test_what_is_selected_stays_selected_and_what_is_gone_is_not_mistaken() -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        now = await show(pilot, picture(RATE, SLOW))
        await pilot.press("5", "j")
        await settled(pilot)
        rows = app.screen.query_one(AlertRows)
        assert rows.selected is not None
        assert rows.selected.alerts == (SLOW,)
        new = alert("Brand new", minutes=1)
        now = await show(pilot, newer(now, all_alerts=alerts(new, RATE, SLOW)))
        assert rows.selected is not None
        assert rows.selected.alerts == (SLOW,)
        await show(pilot, newer(now, all_alerts=alerts(new, RATE)))
        assert rows.selected is None
        await pilot.press("S")
        await settled(pilot)
        assert not isinstance(app.screen, Form)
        assert host.submitted == []


async def test_a_group_opens_and_closes() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(*PODS))
        await pilot.press("5")
        await settled(pilot)
        rows = app.screen.query_one(AlertRows)
        assert sum("PodCrash" in line for line in drawn(rows)) == 4
        await pilot.press("enter")
        assert sum("PodCrash" in line for line in drawn(rows)) == 1
        await pilot.press("enter", "j", "minus")
        assert sum("PodCrash" in line for line in drawn(rows)) == 1
        assert rows.selected is not None
        assert rows.selected.head
        await pilot.press("s")
        await settled(pilot)
        assert app.screen.query(Input).first().value == 'alertname="PodCrash"', "of the whole group"


async def test_enter_shows_all_of_it_without_acting_on_what_the_labels_hold() -> None:
    app = make_app()
    hostile = alert("X", labels={"a": "\x1b[31mred[/]", "severity": "critical"}, annotations={"summary": "[b]x[/b]"})
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(hostile))
        await pilot.press("5", "enter")
        await settled(pilot)
        assert isinstance(app.screen, AlertDetail)
        text = "\n".join(visible(app))
        assert "[b]x[/b]" in text
        assert "\x1b" not in text
        assert "pager, chat" in text
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, AlertScreen)
