"""The screen of alerts: what stands where at 80 by 24, what keys do, and that a refresh moves nothing under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.widgets import Input, Static

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert, worst_first
from artisan_tui.domain.alerts.matchers import parse_matchers
from artisan_tui.domain.alerts.silence import OurSilence, Silence
from artisan_tui.engine.alerts.slice import AlertSlice, AlertSource
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.reply import Reply
from artisan_tui.tui.alerts.attaching import OpenIncidents
from artisan_tui.tui.alerts.detail import AlertDetail
from artisan_tui.tui.alerts.list import AlertRows
from artisan_tui.tui.alerts.screen import AlertScreen
from artisan_tui.tui.alerts.silence_form import SilenceForm
from artisan_tui.tui.alerts.silences import Silences
from artisan_tui.tui.kit.form import Form
from support.incident_host import worked_on
from support.snapshots import (
    NOW,
    OPERATOR,
    FakeHost,
    Wire,
    drawn,
    make_app,
    newer,
    scene,
    session_status,
    settled,
    show,
    snapshot,
    visible,
)

A, B = "http://am-1:9093", "http://am-2:9093"
SILENCE = Silence(
    "5f1c0a86", parse_matchers('svc="api"'), NOW, NOW + timedelta(hours=2), "s.lee", "new disks", "active"
)


def alert(name: str, state: AlertState = AlertState.FIRING, *, minutes: float = 12, **more: Any) -> ListedAlert:
    labels: Mapping[str, str] = {"alertname": name, **more.pop("labels", {"svc": "api", "severity": "critical"})}
    values: dict[str, Any] = {
        "annotations": {"summary": f"{name} is bad"},
        "sources": (A, B),
        "seen_by": (A, B),
        "members": 2,
        "of": 2,
        "was": state,
        "receivers": ("pager", "chat"),
        "silenceable": True,
        **more,
    }
    since = NOW - timedelta(minutes=minutes)
    return ListedAlert(fingerprint(labels), labels, values.pop("annotations"), state, since, NOW, **values)


RATE = alert("HighErrorRate", labels={"svc": "api", "severity": "critical", "runbook": "qwen_failure_downshift"})
SLOW = alert("HighResponseTime", labels={"svc": "web", "severity": "warning"}, minutes=300, members=1, sources=(A,))
QUIET = alert("QueueBacklog", AlertState.SILENCED, reasons=("silenced by 5f1c0a86",), silenced_by=("5f1c0a86",))
GONE = alert(
    "PoolExhausted",
    AlertState.NOT_SEEN,
    reasons=("Alertmanager restarted",),
    gone_since=NOW - timedelta(minutes=1),
    was=AlertState.FIRING,
    members=0,
    sources=(),
)
PODS = tuple(alert("PodCrash", labels={"pod": f"api-{n}", "severity": "warning"}) for n in range(3))


def alerts(*rows: ListedAlert, **more: Any) -> AlertSlice:
    sources = tuple(AlertSource(url, "alertmanager", "answers", NOW) for url in (A, B))
    values: dict[str, Any] = {"sources": sources, "silences": (SILENCE,), **more}
    return AlertSlice(listed=tuple(worst_first(list(rows))), **values)


def picture(*rows: ListedAlert, environment: str = "staging", **more: Any) -> Any:
    status = session_status(environment=environment)
    return snapshot(scene(), session_status=status, all_alerts=alerts(*rows, **more))


ALL = (RATE, SLOW, QUIET, GONE, *PODS)


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


async def test_a_silence_says_what_it_hits_while_it_is_typed() -> None:
    host = FakeHost(environment="staging", replies={"alert.silence": Reply(False, "type 2 as the count")})
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(RATE, SLOW))
        await pilot.press("5", "s")
        await settled(pilot)
        form = app.screen
        assert isinstance(form, SilenceForm)
        first = form.query(Input).first()
        assert first.value.startswith('alertname="HighErrorRate"')
        about = form.query_one(".about", Static)
        assert "hits 1 of 2 alerts" in str(about.render())
        assert "pager" in str(about.render())
        first.value = 'team!="b"'
        await settled(pilot)
        assert "2 of them by a missing label: type 2 as the count" in str(about.render())
        first.value = "svc=~("
        await settled(pilot)
        assert "regular expression" in str(about.render())
        first.value = 'svc=~"api.*"'
        await pilot.press("enter", "enter")
        await pilot.press(*"disks", "enter", "enter")
        await settled(pilot)
        assert isinstance(app.screen, SilenceForm), "a refusal leaves what was typed"
        assert host.done == [("alert.silence", {"matchers": 'svc=~"api.*"', "for": "2h", "comment": "disks"})]


async def test_inc_case_2_the_question_names_who_will_not_hear() -> None:
    host = FakeHost(environment="staging")
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(RATE))
        await pilot.press("5", "S")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert "will not hear that it is resolved" in "\n".join(visible(app))
        assert "pager, chat" in " ".join(" ".join(visible(app)).split())
        await pilot.press("enter", *"mine", "enter")
        await settled(pilot)
        ((command, given),) = host.done
        assert command == "alert.acknowledge-and-silence"
        assert given == {"alert": RATE.fingerprint, "for": "2h", "comment": "mine", "confirm": "yes"}


async def test_silences_are_listed_also_those_that_hit_nothing_and_lost_ones() -> None:
    host = FakeHost(environment="staging")
    app = make_app(host=host)
    ours = OurSilence("lost-1", 'svc="db"', NOW + timedelta(hours=1), "mine", "j.park", NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(SLOW, lost=(ours,)))
        await pilot.press("5")
        await settled(pilot)
        assert "1 silence lost" in "\n".join(visible(app))
        await pilot.press("Z")
        await settled(pilot)
        assert isinstance(app.screen, Silences)
        text = "\n".join(visible(app))
        assert "lost" in text
        assert "hits 0" in text
        await pilot.press("j", "enter")
        await settled(pilot)
        assert host.done == [("alert.unsilence", {"silence": SILENCE.id})]


async def test_inc_case_14_silences_that_are_not_known_are_said() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(RATE, silences=(), silences_problem=f"{A}: HTTP 500: several sets of matchers"))
        await pilot.press("5")
        await settled(pilot)
        assert "silences not known" in "\n".join(visible(app))


@pytest.mark.parametrize(
    ("label", "severity"),
    [("critical", "Sev2"), ("page", "Sev2"), ("warning", "Sev3"), ("", "Sev3"), ("sev1", "Sev1"), ("info", "Sev3")],
)
async def test_a_key_declares_with_the_title_and_severity_of_the_alert(label: str, severity: str) -> None:
    row = alert("HighErrorRate", labels={"svc": "api", "severity": label})
    host = FakeHost(OPERATOR)
    app = make_app(OPERATOR, host=host)
    async with app.run_test(size=(120, 30)) as pilot:
        await show(pilot, picture(row))
        await pilot.press("5", "i")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert [each.value for each in app.screen.query(Input)][:2] == ["HighErrorRate is bad", severity]
        await pilot.press("enter")
        await settled(pilot)
        while isinstance(app.screen, Form):
            await pilot.press("enter")
            await settled(pilot)
    ((command, given),) = host.done
    assert command == "incident.declare"
    wanted = {"title": "HighErrorRate is bad", "severity": severity, "alerts": row.fingerprint}
    assert wanted.items() <= given.items()


async def test_attaching_offers_the_open_incidents_and_the_list_says_which_has_an_alert() -> None:
    made, host = worked_on(), FakeHost(OPERATOR)
    slice_ = made.slice()._replace(alerts={SLOW.fingerprint: "INC-20261121-082710"})
    app = make_app(OPERATOR, host=host)
    async with app.run_test(size=(120, 30)) as pilot:
        now = await show(pilot, newer(picture(*ALL), incidents=slice_))
        await pilot.press("5")
        await settled(pilot)
        (line,) = [each for each in visible(app) if "HighResponseTime" in each]
        assert "INC-20261121-082710" in line
        await pilot.press("a")
        await settled(pilot)
        assert isinstance(app.screen, OpenIncidents)
        text = "\n".join(visible(app))
        assert "API answers 503" in text
        assert "Qwen LLM failure" in text
        await pilot.press("j", "enter")
        await settled(pilot)
        assert isinstance(app.screen, AlertScreen)
        ((command, given),) = host.done
        assert (command, given["incident"]) == ("incident.attach", "INC-20261121-082710")
        assert (given["alerts"], given["alert_names"]) == (RATE.fingerprint, "HighErrorRate")
        await show(pilot, newer(now, incidents=IncidentSlice()))
        await pilot.press("a")
        await settled(pilot)
        assert isinstance(app.screen, AlertScreen)
        assert len(host.done) == 1


async def test_500_alerts_cost_nothing_when_nothing_changes() -> None:
    rows = [alert(f"Alert{n}", labels={"svc": f"s{n}", "severity": "warning"}, minutes=n) for n in range(500)]
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        now = await show(pilot, picture(*rows))
        await pilot.press("5")
        await settled(pilot)
        wire = await Wire(pilot).attach()
        later = [replace(row, seen_at=NOW + timedelta(seconds=15)) for row in rows]
        await show(pilot, newer(now, all_alerts=alerts(*later)))
        assert len(wire.read().encode()) <= 2000
        assert wire.shown() == wire.believed()


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
async def test_every_size_is_drawn(size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await show(pilot, picture(*ALL))
        await pilot.press("5")
        await settled(pilot)
        assert "HighErrorRate" in "\n".join(visible(app)) or size[0] < 80
