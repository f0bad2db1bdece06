"""The screen of alerts: silences, declarations, and what is attached to an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input, Static

from artisan_tui.domain.alerts.silence import OurSilence
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.reply import Reply
from artisan_tui.tui.alerts.attaching import OpenIncidents
from artisan_tui.tui.alerts.screen import AlertScreen
from artisan_tui.tui.alerts.silence_form import SilenceForm
from artisan_tui.tui.alerts.silences import Silences
from artisan_tui.tui.kit.form import Form
from support.alert_screen import ALL, RATE, SILENCE, SLOW, A, alert, alerts, picture
from support.incident_host import worked_on
from support.screens import settled, show, visible
from support.snapshots import NOW, OPERATOR, FakeHost, make_app, newer
from support.wire import Wire


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
