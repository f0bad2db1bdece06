"""An incident's acts as they leave: what each channel hears of it, and who is meant by a level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.engine.incidents.on_call import OnCallPeople
from artisan_tui.engine.settings import read
from artisan_tui.store.store import Store
from support.contracts import pagerduty as pagerduty_problems
from support.notify_engine import TEXT, Notified, notified, pagerduty, slack, webhook
from support.notify_servers import HttpStandIn, http_stand_in

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PATH = "/services/T0123/B0456/aVerySecretToken99"
PEOPLE = """
[[person]]
id = "bob"
contacts = { slack = "UBOB" }
[[person]]
id = "carol"
logins = ["c.kim", "carol"]
contacts = { slack = "UCAROL" }
[[person]]
id = "dave"
"""


@pytest.fixture
def pd() -> Iterator[HttpStandIn]:
    with http_stand_in((202, '{"status":"success"}')) as one:
        yield one


@pytest.fixture
def hook() -> Iterator[HttpStandIn]:
    with http_stand_in((200, "ok")) as one:
        yield one


async def give(one: Notified, command: str, **arguments: str) -> str:
    reply = await one.engine.execute(f"incident.{command}", arguments)
    assert reply.ok, reply.text
    return reply.text.split()[0]


async def test_an_incident_is_triggered_acknowledged_and_resolved_under_its_own_id(
    tmp_path: Path, pd: HttpStandIn, hook: HttpStandIn
) -> None:
    channels = PEOPLE + '[escalation]\nlevels = { L1 = ["bob"] }\n' + pagerduty(pd.url()) + slack()
    async with notified(tmp_path, channels, {"SLACK": hook.url(PATH)}) as one:
        began = pd.seconds
        wanted = await give(one, "declare", title="Qwen is down", severity="Sev2")
        await one.all_in("sent", count=2)
        assert pd.first_came is not None
        assert pd.first_came - began < 1.0
        await give(one, "acknowledge", incident=wanted)
        await give(one, "resolve", incident=wanted, resolution="restarted")
        await one.all_in("sent", count=6)
    assert [each.json["event_action"] for each in pd.requests] == ["trigger", "acknowledge", "resolve"]
    assert {each.json["dedup_key"] for each in pd.requests} == {wanted}
    assert [problem for each in pd.requests for problem in pagerduty_problems(each.path, each.json)] == []
    assert "<@UBOB>" in str(hook.requests[0].json)
    with Store.open(one.place, read_only=True) as store:
        events = store.journal.page(500, subject=wanted)
    for act in ("incident.declared", "incident.acknowledged", "incident.resolved"):
        (done,) = [each for each in events if each.kind == act]
        queued = [each for each in events if each.kind == "notify.queued" and each.recorded_at == done.recorded_at]
        assert len(queued) == 2, act


async def test_inc_case_19_with_nobody_on_call_the_fallback_is_paged_too(
    tmp_path: Path, pd: HttpStandIn, hook: HttpStandIn
) -> None:
    channels = slack() + pagerduty(pd.url(), fallback="true")
    async with notified(tmp_path, channels, {"SLACK": hook.url(PATH)}) as one:
        wanted = await give(one, "declare", title="Qwen is down", severity="Sev2")
        await one.all_in("sent", count=2)
        await give(one, "acknowledge", incident=wanted)
        await one.all_in("sent", count=4)
    assert "Nobody is on call" in str(hook.requests[0].json)
    assert [each.json["event_action"] for each in pd.requests] == ["trigger", "acknowledge"]


async def test_where_only_a_fallback_is_there_it_hears_the_end_too(tmp_path: Path, pd: HttpStandIn) -> None:
    channels = PEOPLE + '[escalation]\nlevels = { L1 = ["bob"] }\n' + pagerduty(pd.url(), fallback="true")
    async with notified(tmp_path, channels, {}) as one:
        wanted = await give(one, "declare", title="Qwen is down", severity="Sev2")
        await one.all_in("sent")
        await give(one, "resolve", incident=wanted, resolution="restarted")
        await one.all_in("sent", count=3)
    assert [each.json["event_action"] for each in pd.requests] == ["trigger", "acknowledge", "resolve"]


async def test_updates_go_to_the_channels_of_communications(tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn) -> None:
    channels = PEOPLE + webhook("talk", roles='["communications"]') + webhook("leads", roles='["commander"]')
    async with notified(tmp_path, channels, {"HOOK": hook.url("/x")}) as one:
        wanted = await give(one, "declare", title="Qwen is down", severity="Sev2")
        await give(one, "assign", incident=wanted, person="carol", role="communications")
        await give(one, "status", incident=wanted, status="mitigating", text="restarting")
        found = await one.all_in("sent", "dropped", count=2)
    assert [each.channel for each in found.values() if each.purpose == "update"] == ["talk"]


def test_a_group_of_the_system_stands_for_its_people_when_a_rung_fires(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    levels = '[escalation]\nlevels = { L1 = ["group:oncall", "bob"], L2 = ["group:dba"] }\n'
    path.write_text(TEXT.format(environment="staging") + PEOPLE + levels, "utf-8")
    members = {"oncall": {"c.kim", "dave", "stranger"}, "dba": set[str]()}
    found = OnCallPeople(read(path), lambda login: {name for name, logins in members.items() if login in logins})
    assert found("L1", AT) == ("carol", "bob")
    assert found("L2", AT) == ()
    members["dba"].add("bob")
    assert found("L2", AT) == ("bob",)
