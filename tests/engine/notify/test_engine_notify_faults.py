"""The outbox delivered by a running engine, to stand-ins that fail in every way."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.event import stamp
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.lease import Holder
from artisan_tui.domain.notify.events import NotifyFailed, NotifyHeld, NotifyQueued, NotifySending, NotifySent
from artisan_tui.domain.notify.line import LINES
from artisan_tui.domain.notify.message import Message
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.notify.delivery import outcome_entries
from artisan_tui.engine.notify.slice import NotifySlice
from artisan_tui.store.errors import StoreError
from artisan_tui.store.notify.part import OutboxStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.messages import after, message
from support.notify_engine import KEY, TEXT, notice, notified, pagerduty, slack, webhook
from support.notify_servers import CLOSE, HANG, RESET, HttpStandIn, Script, http_stand_in
from support.notify_stand_ins import PATH


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


def test_a_channel_that_answers_429_for_ever_gives_a_message_up_after_an_hour() -> None:
    held = SendOutcome(Came.HELD, "429", retry=True, after=120)
    old, young = message(1), message(2, at=3500.0)
    entries = outcome_entries([old, young], held, after(3550))
    bodies = {type(body): body for body in map(read_body, entries)}
    failed, kept = bodies[NotifyFailed], bodies[NotifyHeld]
    assert isinstance(failed, NotifyFailed)
    assert isinstance(kept, NotifyHeld)
    assert (failed.messages, failed.again, failed.possibly) == ((old.id,), None, 0)
    assert (kept.messages, kept.until) == ((young.id,), after(3550 + 120))
    (early,) = outcome_entries([old, young], held, after(3400))
    assert isinstance(read_body(early), NotifyHeld), "as long as it is news, it waits"
