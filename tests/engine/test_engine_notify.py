"""The outbox delivered by a running engine, to stand-ins that hold it to the contracts and fail in every way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.event import stamp
from artisan_tui.domain.lease import Holder
from artisan_tui.domain.notify.events import NotifyFailed, NotifyQueued, NotifySending, NotifySent
from artisan_tui.domain.notify.line import LINES
from artisan_tui.domain.notify.message import Message
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.notify.slice import NotifySlice
from artisan_tui.store.errors import StoreError
from artisan_tui.store.notify.part import OutboxStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.contracts import pagerduty as pagerduty_problems
from support.contracts import slack as slack_problems
from support.notify_engine import KEY, TEXT, notice, notified, pagerduty, slack, webhook
from support.notify_servers import CLOSE, HANG, RESET, HttpStandIn, Script, http_stand_in

PATH = "/services/T0123/B0456/aVerySecretToken99"


@pytest.fixture
def hook() -> Iterator[HttpStandIn]:
    with http_stand_in((200, "ok")) as one:
        yield one


@pytest.fixture
def pd() -> Iterator[HttpStandIn]:
    with http_stand_in((202, '{"status":"success"}')) as one:
        yield one


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


@pytest.mark.parametrize("fault", [CLOSE, RESET])
async def test_inc_case_34_possibly_sent_is_resent_by_a_person_only(
    tmp_path: Path, hook: HttpStandIn, fault: Script
) -> None:
    hook.script = [fault]
    with http_stand_in((204, "")) as spare:
        environ = {"SLACK": hook.url(PATH), "HOOK": spare.url("/x")}
        async with notified(tmp_path, slack() + webhook(fallback="true"), environ) as one:
            one.tell(notice())
            found = await one.all_in("sent", "unsure", count=2)
            assert found["ops INC-1 page"].state == "unsure"
            assert found["own INC-1 page"].state == "sent", "a page that perhaps nobody got takes the other way too"
            assert len(hook.requests) == 1
            reply = await one.engine.execute("notify.retry", {"message": found["ops INC-1 page"].id[:6]})
            assert reply.ok
            assert "second time" in reply.text
            await one.all_in("sent", count=2)
            again = await one.engine.execute("notify.retry", {"message": found["ops INC-1 page"].id})
            assert not again.ok
    assert len(hook.requests) == 2
    assert "sent again" in hook.requests[1].json["blocks"][0]["text"]["text"]


async def test_inc_case_34_what_the_receiver_knows_by_its_id_is_repeated_and_said(
    tmp_path: Path, hook: HttpStandIn
) -> None:
    hook.usual, hook.script = (204, ""), [CLOSE, (500, ""), (204, "")]
    async with notified(tmp_path, webhook(), {"HOOK": hook.url("/x")}) as one:
        one.tell(notice())
        await one.until(lambda: len(hook.requests) == 1)
        found = await one.all_in("waiting")
        assert found["own INC-1 page"].maybe
        await one.until(lambda: len(hook.requests) == 2, 10)
    assert hook.requests[0].headers["artisan-id"] == hook.requests[1].headers["artisan-id"]
    assert hook.requests[1].json["possibly_sent"] is True


async def test_inc_case_35_nothing_that_is_kept_or_shown_holds_a_secret(tmp_path: Path, hook: HttpStandIn) -> None:
    # Not more: six in a minute are a storm.
    faults: list[Script] = [(403, PATH), (200, f"no {hook.url(PATH)}"), CLOSE, (404, KEY), RESET]
    hook.script = list(faults)
    environ = {"SLACK": hook.url(PATH)}
    async with notified(tmp_path, slack() + pagerduty("http://127.0.0.1:1"), environ) as one:
        for n in range(len(faults)):
            one.tell(notice(incident=f"INC-{n}", text=f"see {hook.url(PATH)}"))
            await one.until(lambda n=n: len(hook.requests) > n)  # type: ignore[misc]
        await one.engine.execute("notify.test", {"channel": "ops"})
        log = repr([each for each in await one.journal()])
        shown = repr(one.snapshot)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir() if path.is_file())
    for secret in (PATH, "aVerySecretToken99", KEY):
        assert secret not in log + shown
        assert secret.encode() not in stored


async def test_inc_case_36_three_hundred_at_once_are_a_page_each_at_most_and_few_requests(
    tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn
) -> None:
    async with notified(tmp_path, slack() + pagerduty(pd.url()), {"SLACK": hook.url(PATH)}) as one:
        one.tell(*(notice(incident=f"INC-{n % 3}") for n in range(300)))
        await one.until(lambda: len(pd.requests) == 3)
        await one.until(lambda: one.snapshot is not None and one.snapshot[NotifySlice].waiting == 0)
        listed = await one.engine.ask(lambda store: store.part(OutboxStore).listed(limit=1000))
    assert listed is not None
    assert len(listed) == 600, "none is lost from the list"
    assert len({each.json["dedup_key"] for each in pd.requests}) == len(pd.requests) == 3
    assert len(hook.requests) <= 3


@pytest.mark.parametrize("kind", ["environment", "notice"])
async def test_inc_case_37_in_a_drill_no_stand_in_sees_a_request(
    tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn, kind: str
) -> None:
    everything = slack() + pagerduty(pd.url()) + webhook(fallback="true")
    environ = {"SLACK": hook.url(PATH), "HOOK": hook.url("/y")}
    drill = kind == "environment"
    async with notified(tmp_path, everything, environ, "drill" if drill else "staging") as one:
        one.tell(*(notice(purpose, drill=not drill) for purpose in ("page", "update", "resolved")))
        found = await one.all_in("dropped", count=5)
        assert {each.why for each in found.values()} == {"a drill: nothing leaves this machine"}
        if drill:
            reply = await one.engine.execute("notify.test", {"channel": "ops"})
            assert (reply.ok, "drill" in reply.text) == (False, True)
            assert one.snapshot is not None
            assert one.snapshot[NotifySlice].drill
    assert (hook.requests, pd.requests) == ([], [])


async def test_a_claim_of_a_session_that_died_is_possibly_sent_and_takes_the_other_way(
    tmp_path: Path, hook: HttpStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = {**LINES, "slack": replace(LINES["slack"], lasts=0.2)}
    monkeypatch.setattr("artisan_tui.domain.notify.plan.LINES", quick)
    (tmp_path / "artisan.toml").write_text(TEXT.format(environment="staging"))
    now = SystemClock().now()
    queued = NotifyQueued(
        id="0123456789", channel="ops", by="slack", purpose="page", severity="Sev1", title="t", page="p"
    )
    claimed = NotifySending(messages=("0123456789",), channel="ops", session="gone")
    with Store.open(StorePlace(tmp_path / "state")) as store:
        store.leases.claim(store.leases.read(), Holder("gone", pid=1))
        store.leases.release(store.leases.read().fence)
        store.append([queued.entry(now, "x", "INC-9"), claimed.entry(now, "x", "INC-9")], at=now)
    with http_stand_in((204, "")) as spare:
        environ = {"SLACK": hook.url(PATH), "HOOK": spare.url("/x")}
        async with notified(tmp_path, slack() + webhook(fallback="true"), environ) as one:
            found = await one.all_in("unsure", "sent", count=2)
            assert found["ops INC-9 page"].state == "unsure"
            assert found["own INC-9 page"].state == "sent"
    assert hook.requests == []


async def test_a_page_that_fails_long_after_its_acknowledgement_takes_no_other_way(
    tmp_path: Path, hook: HttpStandIn
) -> None:
    """It was tried again and again; meanwhile somebody has the incident: nobody else is to be woken."""
    now = SystemClock().now()
    about: dict[str, Any] = {"channel": "own", "by": "webhook", "severity": "Sev1", "title": "t"}
    page = NotifyQueued(id="0123456789", purpose="page", page="p", **about)
    acknowledged = NotifyQueued(id="abcdef0123", purpose="acknowledged", **about)
    told = [
        (110, page),
        (90, acknowledged),
        (2, NotifyFailed(messages=(page.id,), channel="own", why="400")),
        (1, NotifySent(messages=(acknowledged.id,), channel="own")),
    ]
    with Store.open(StorePlace(tmp_path / "state")) as store:
        for before, body in told:
            at = now - timedelta(seconds=before)
            store.append([body.entry(at, "x", "INC-9")], at=at)
    channels = webhook() + webhook("spare", fallback="true")
    async with notified(tmp_path, channels, {"HOOK": hook.url("/x")}) as one:
        one.tell(notice("inform", "INC-1"))
        await one.until(lambda: len(hook.requests) > 0)
        found = await one.outbox()
    assert "spare INC-9 page" not in found
    assert len(hook.requests) == 1


async def test_a_page_whose_text_cannot_be_read_just_now_is_not_given_up(
    tmp_path: Path, hook: HttpStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, tries = OutboxStore.texts, itertools.count()

    def sometimes(self: OutboxStore, messages: Iterable[Message]) -> Mapping[str, NotifyQueued]:
        if next(tries) == 0:
            raise StoreError("the store is busy")
        return read(self, messages)

    monkeypatch.setattr(OutboxStore, "texts", sometimes)
    async with notified(tmp_path, webhook(), {"HOOK": hook.url(PATH)}) as one:
        one.tell(notice())
        found = await one.all_in("sent", "failed")
        assert [each.state for each in found.values()] == ["sent"]
    assert len(hook.requests) == 1


async def test_a_hanging_channel_holds_up_no_other(
    tmp_path: Path, hook: HttpStandIn, pd: HttpStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.usual = HANG
    async with notified(tmp_path, slack() + pagerduty(pd.url()), {"SLACK": hook.url(PATH)}) as one:
        one.tell(notice())
        await one.until(lambda: len(hook.requests) == 1 and len(pd.requests) == 1)
        one.tell(notice("acknowledged"))
        await one.until(lambda: len(pd.requests) == 2, 5)
        assert (await one.outbox())["ops INC-1 page"].state == "sending"
        left = stamp(SystemClock().now())
    # It ended while nobody knew: the journal says so.
    with Store.open(one.place) as store:
        (failed,) = [each for each in store.journal.page(50) if each.kind == "notify.failed"]
    assert failed.body["possibly"] == 1
    assert stamp(failed.occurred_at) > left


async def test_every_board_rings_by_itself_and_nobody_else(tmp_path: Path) -> None:
    bell = '[[notify]]\nid = "bell"\nkind = "terminal"\nosc = "777"\n'
    async with notified(tmp_path, bell, {}) as one:
        one.tell(notice(title="Qwen;\x1b[31m down"))
        await one.until(lambda: one.snapshot is not None and one.snapshot[NotifySlice].ring is not None)
        assert one.snapshot is not None
        ring = one.snapshot[NotifySlice].ring
        assert ring is not None
        assert ring.sequence == "\a\x1b]777;notify;Sev2 Qwen, down;503\a"
        assert (await one.outbox())["bell INC-1 page"].state == "shown"
        kinds = [each.kind for each in await one.journal()]
    assert kinds == ["notify.queued", "notify.dropped"], "a page that only rings reaches nobody, and that is said"
