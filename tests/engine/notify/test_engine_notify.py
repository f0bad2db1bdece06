"""The outbox delivered by a running engine, to stand-ins that hold it to the contracts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from artisan_tui.engine.notify.slice import NotifySlice
from support.contracts import pagerduty as pagerduty_problems
from support.contracts import slack as slack_problems
from support.notify_engine import KEY, notice, notified, pagerduty, slack, webhook
from support.notify_servers import HttpStandIn, Script, http_stand_in
from support.notify_stand_ins import PATH


def actions(server: HttpStandIn) -> list[str]:
    return [each.json["event_action"] for each in server.requests]


async def test_a_page_leaves_within_a_second_and_both_contracts_hold(
    tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn
) -> None:
    async with notified(tmp_path, slack() + pagerduty(pd.url()), {"SLACK": hook.url(PATH)}) as one:
        began = pd.seconds
        one.tell(notice())
        await one.all_in("sent", count=2)
        assert pd.first_came is not None
        assert pd.first_came - began < 1.0
        one.tell(notice("acknowledged"), notice("resolved"))
        await one.all_in("sent", count=6)
        assert one.snapshot is not None
        views = {each.id: each.state for each in one.snapshot[NotifySlice].channels}
    assert actions(pd) == ["trigger", "acknowledge", "resolve"]
    assert {each.json["dedup_key"] for each in pd.requests} == {"INC-1"}
    assert [problem for each in pd.requests for problem in pagerduty_problems(each.path, each.json)] == []
    assert [problem for each in hook.requests for problem in slack_problems(each.json)] == []
    assert set(views.values()) <= {"ok"}


async def test_inc_case_26_a_trigger_held_by_429_then_acknowledged(tmp_path: Path, pd: HttpStandIn) -> None:
    pd.script = [(429, "", {"Retry-After": "1"})]
    async with notified(tmp_path, pagerduty(pd.url()), {}) as one:
        one.tell(notice())
        await one.until(lambda: len(pd.requests) == 1)
        one.tell(notice("acknowledged"))
        await one.all_in("sent", count=2)
    assert actions(pd) == ["trigger", "trigger", "acknowledge"]
    assert pd.requests[1].at - pd.requests[0].at >= 0.9


async def test_rb_case_29_one_retry_with_the_same_key_and_400_is_shown(tmp_path: Path, pd: HttpStandIn) -> None:
    pd.script = [(429, "", {"Retry-After": "1"}), (202, ""), (400, '{"errors":["wrong"]}')]
    async with notified(tmp_path, pagerduty(pd.url()), {}) as one:
        one.tell(notice())
        await one.all_in("sent")
        one.tell(notice(incident="INC-2"))
        found = await one.all_in("sent", "failed", count=2)
        assert found["pd INC-2 page"].why == "PagerDuty answered 400: wrong"
    assert [each.json["dedup_key"] for each in pd.requests] == ["INC-1", "INC-1", "INC-2"]


async def test_inc_case_27_an_incident_keeps_its_routing_key(tmp_path: Path, pd: HttpStandIn) -> None:
    other, third = "f" * 32, "e" * 32
    async with notified(tmp_path, pagerduty(pd.url()), {"PD2": other}) as one:
        one.tell(notice())
        await one.all_in("sent")
        one.write(pagerduty(pd.url()).replace("env:PD", "env:PD2"))
        assert (await one.engine.reload_config()).ok
        one.tell(notice("acknowledged"), notice(incident="INC-2"))
        await one.all_in("sent", count=3)
        # The variable itself changes: the process still knows what it began with.
        one.environ["PD"], one.environ["PD2"] = third, third
        one.tell(notice("resolved"), notice("resolved", "INC-2"), notice(incident="INC-3"))
        await one.all_in("sent", count=6)
        journal = json.dumps([[each.subject, dict(each.body)] for each in await one.journal()])
    keys = {(each.json["dedup_key"], each.json["event_action"]): each.json["routing_key"] for each in pd.requests}
    assert keys == {
        ("INC-1", "trigger"): KEY, ("INC-1", "acknowledge"): KEY, ("INC-1", "resolve"): KEY,
        ("INC-2", "trigger"): other, ("INC-2", "resolve"): other, ("INC-3", "trigger"): third,
    }  # fmt: skip
    assert not any(each in journal for each in (KEY, other, third))
    # Another process, and the key is gone from where it was: said, and not sent with a key that does nothing.
    async with notified(tmp_path, pagerduty(pd.url()), {"PD": "d" * 32}) as one:
        one.tell(notice("acknowledged", "INC-3"))
        found = await one.all_in("sent", "failed", count=7)
        assert "began with is gone from env:PD2" in found["pd INC-3 acknowledged"].why
    assert len(pd.requests) == 6


async def test_inc_case_28_a_held_slack_is_left_alone_and_the_rest_leaves_as_one(
    tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn
) -> None:
    hook.script = [(429, "", {"Retry-After": "3"})]
    async with notified(tmp_path, slack() + pagerduty(pd.url()), {"SLACK": hook.url(PATH)}) as one:
        one.tell(notice())
        await one.until(lambda: len(hook.requests) == 1)
        one.tell(*(notice(incident=f"INC-{n}") for n in range(2, 6)))
        await one.until(lambda: one.snapshot is not None and any(
            each.state == "held" for each in one.snapshot[NotifySlice].channels))  # fmt: skip
        await one.until(lambda: len(pd.requests) >= 3)
        assert len(hook.requests) == 1
        await one.until(lambda: len(hook.requests) == 2)
    assert hook.requests[1].at - hook.requests[0].at >= 2.9
    text = hook.requests[1].json["blocks"][0]["text"]["text"]
    assert text.startswith("*5 messages: ")
    assert list(slack_problems(hook.requests[1].json)) == []


@pytest.mark.parametrize("answer", [(200, "invalid_token"), (410, "channel_is_archived")])
async def test_inc_case_29_the_next_channel_within_five_seconds(
    tmp_path: Path, hook: HttpStandIn, answer: Script
) -> None:
    hook.script = [answer]
    with http_stand_in((204, "")) as spare:
        environ = {"SLACK": hook.url(PATH), "HOOK": spare.url("/x")}
        async with notified(tmp_path, slack() + webhook(fallback="true"), environ) as one:
            one.tell(notice())
            found = await one.all_in("sent", "failed", count=2)
            assert one.snapshot is not None
            await one.until(lambda: one.snapshot is not None and bool(one.snapshot[NotifySlice].broken))
            (broken,) = one.snapshot[NotifySlice].broken
            assert (broken.id, broken.why) == ("ops", found["ops INC-1 page"].why)
            # What is no page takes no other way.
            one.tell(notice("update"))
            await one.all_in("sent", "failed", count=3)
        assert spare.first_came is not None
        assert hook.first_came is not None
        assert spare.first_came - hook.first_came < 5.0
        assert len(spare.requests) == 1
    assert found["own INC-1 page"].fallback
    assert "hooks" not in broken.why
    assert "127.0.0.1" not in broken.why


async def test_the_answer_follows_a_page_that_went_another_way(
    tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn
) -> None:
    hook.usual = (410, "channel_is_archived")
    async with notified(tmp_path, slack() + pagerduty(pd.url(), fallback="true"), {"SLACK": hook.url(PATH)}) as one:
        one.tell(notice())
        await one.until(lambda: actions(pd) == ["trigger"])
        one.tell(notice("acknowledged"))
        await one.until(lambda: actions(pd) == ["trigger", "acknowledge"])
        one.tell(notice("resolved"), notice("resolved", "INC-2"))
        await one.all_in("sent", "failed", "dropped", count=7)
    assert actions(pd) == ["trigger", "acknowledge", "resolve"]
    assert {each.json["dedup_key"] for each in pd.requests} == {"INC-1"}
