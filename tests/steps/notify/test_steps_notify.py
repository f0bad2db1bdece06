"""Each channel over HTTP against a stand-in that holds it to its contract, and that fails in every way."""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import Any

import pytest

from artisan_tui.config.notify import (
    CHANNEL_KINDS,
    AnyChannel,
)
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.redaction import hide
from artisan_tui.steps.notify import open_channel
from artisan_tui.steps.notify.channel import Dispatch
from artisan_tui.steps.notify.http import post, retry_after
from support.channel_notices import AT, dispatch, notice, revealed
from support.contracts import pagerduty, slack
from support.dead_addresses import black_hole
from support.notify_servers import CLOSE, HANG, RESET, HttpStandIn, Script

KEY = "0123456789abcdef0123456789abcdef"
PATH = "/services/T0123/B0456/aVerySecretToken99"
OK = {"slack": (200, "ok"), "pagerduty": (202, '{"status":"success"}'), "webhook": (204, "")}


def channel(kind: str, server: HttpStandIn, **changes: Any) -> tuple[AnyChannel, dict[str, str]]:
    secrets = {"url": server.url(PATH), "routing_key": KEY, "secret": "hush-hush-hush"}
    tables: dict[str, dict[str, Any]] = {
        "slack": {"url": "env:URL"},
        "pagerduty": {"routing_key": "env:KEY", "url": server.url()},
        "webhook": {"url": "env:URL", "secret": "env:SECRET"},
    }
    return CHANNEL_KINDS[kind].model_validate({"id": "ops", **tables[kind], **changes}), secrets


async def sent(kind: str, server: HttpStandIn, what: Dispatch | None = None) -> SendOutcome:
    spec, secrets = channel(kind, server)
    return await open_channel(spec, revealed(secrets)).send(what or dispatch())


@pytest.mark.parametrize(
    ("purpose", "action"), [("page", "trigger"), ("acknowledged", "acknowledge"), ("resolved", "resolve")]
)
async def test_pagerduty_gets_its_three_acts_by_the_incident_s_id(
    server: HttpStandIn, purpose: str, action: str
) -> None:
    server.usual = OK["pagerduty"]
    assert (await sent("pagerduty", server, dispatch(notice(purpose)))).came is Came.SENT
    (request,) = server.requests
    assert list(pagerduty(request.path, request.json)) == []
    assert (request.json["event_action"], request.json["dedup_key"]) == (action, "INC-20261121-093012")
    assert request.json["routing_key"] == KEY
    if action == "trigger":
        assert request.json["payload"]["severity"] == "error"
        assert request.json["links"][0]["href"] == "http://127.0.0.1:3000/d/llm?x=1&y=2"


async def test_a_change_informs_pagerduty_and_pages_nobody(server: HttpStandIn) -> None:
    server.usual = OK["pagerduty"]
    await sent("pagerduty", server, dispatch(notice("change", title="run qwen_failure_downshift started")))
    (request,) = server.requests
    assert request.path == "/v2/change/enqueue"
    assert list(pagerduty(request.path, request.json)) == []


async def test_a_test_of_pagerduty_is_resolved_at_once(server: HttpStandIn) -> None:
    server.usual = OK["pagerduty"]
    await sent("pagerduty", server, dispatch(notice("test", incident="", severity="")))
    assert [each.json["event_action"] for each in server.requests] == ["trigger", "resolve"]
    assert len({each.json["dedup_key"] for each in server.requests}) == 1
    assert [problem for each in server.requests for problem in pagerduty(each.path, each.json)] == []


async def test_rb_case_29_a_busy_pagerduty_is_asked_again_and_a_wrong_event_is_not(server: HttpStandIn) -> None:
    server.script = [(429, ""), (202, ""), (400, '{"status":"invalid event","errors":["Length of key"]}')]
    held, accepted, wrong = [await sent("pagerduty", server) for _ in range(3)]
    assert (held.came, held.retry) == (Came.HELD, True)
    assert accepted.came is Came.SENT
    assert (wrong.came, wrong.retry, wrong.said) == (Came.FAILED, False, "PagerDuty answered 400: Length of key")
    assert len({each.json["dedup_key"] for each in server.requests}) == 1


async def test_two_hundred_mentions_leave_room_for_the_page(server: HttpStandIn) -> None:
    members = tuple(f"U{number:09d}" for number in range(200))
    outcome = await sent("slack", server, dispatch(notice(title="<" * 300, text="503 " * 1000), mentions=members))
    (request,) = server.requests
    assert list(slack(request.json)) == []
    assert outcome.came is Came.SENT
    first = request.json["blocks"][0]["text"]["text"]
    assert "<@U000000000>" in first
    assert "503" in first


async def test_slack_s_section_and_its_mentions(server: HttpStandIn) -> None:
    await sent("slack", server, dispatch(mentions=("U012AB3CD", "<!channel>", "alice")))
    (request,) = server.requests
    assert list(slack(request.json)) == []
    text = request.json["blocks"][0]["text"]["text"]
    assert text == "*[Sev2] INC-20261121-093012 Qwen LLM failure* <@U012AB3CD>\n503 since 09:30"
    assert request.json["blocks"][1]["text"]["text"] == "<http://127.0.0.1:3000/d/llm?x=1&amp;y=2>"


async def test_inc_case_30_what_could_mention_everybody_is_escaped_once(server: HttpStandIn) -> None:
    hostile = "<!channel> & <https://x|y>"
    await sent("slack", server, dispatch(notice(title=hostile, text=f"{hostile}\n{hostile}", links=(hostile,))))
    wire = server.requests[0].body.decode()
    assert wire.count("&lt;!channel&gt; &amp; &lt;https://x|y&gt;") >= 3
    assert "<!channel>" not in wire
    assert "<https" not in wire
    assert "&amp;lt;" not in wire
    assert list(slack(server.requests[0].json)) == []
    # Elsewhere it stays as it is.
    server.usual = OK["webhook"]
    await sent("webhook", server, dispatch(notice(title=hostile)))
    assert server.requests[1].json["notices"][0]["title"] == hostile


async def test_inc_case_31_long_texts_are_cut_and_it_is_said(server: HttpStandIn) -> None:
    korean = "장애" * 2500
    outcome = await sent("slack", server, dispatch(notice(text=korean)))
    (request,) = server.requests
    assert list(slack(request.json)) == []
    section = request.json["blocks"][0]["text"]["text"]
    assert 2_900 < len(section) <= 3_000
    assert "(cut: " in section
    assert outcome.said.startswith("cut: ")
    await sent("slack", server, dispatch(notice(text="&<>" * 2000)))
    assert list(slack(server.requests[1].json)) == []
    server.usual = OK["pagerduty"]
    outcome = await sent("pagerduty", server, dispatch(notice(title=korean)))
    assert len(server.requests[2].json["payload"]["summary"]) == 1024
    assert outcome.said.startswith("cut: ")
    await sent("pagerduty", server, dispatch(notice(title="", text=korean)))
    assert 1000 < len(server.requests[3].json["payload"]["summary"]) <= 1024
    outcome = await sent("pagerduty", server, dispatch(notice(text="장" * 400_000)))
    assert len(server.requests[4].body) < 512_000
    assert "custom_details" not in server.requests[4].json["payload"]
    assert outcome.said.startswith("cut: ")
    assert [problem for each in server.requests[2:] for problem in pagerduty(each.path, each.json)] == []


async def test_a_bundle_is_one_message_of_all(server: HttpStandIn) -> None:
    many = [notice(incident=f"INC-{n}", severity=f"Sev{n % 4 + 1}") for n in range(25)]
    await sent("slack", server, dispatch(*many))
    (request,) = server.requests
    assert list(slack(request.json)) == []
    text = request.json["blocks"][0]["text"]["text"]
    assert text.startswith("*25 messages: ")
    assert text.count("\n- [Sev") == 20
    assert "and 5 more" in text


async def test_a_webhook_is_versioned_signed_and_named_alike_at_every_try(server: HttpStandIn) -> None:
    server.usual = (201, "thanks")
    for _ in range(2):
        assert await sent("webhook", server) == SendOutcome(Came.SENT)
    first, second = server.requests
    assert first.json["version"] == 1
    assert first.json["notices"][0]["incident"] == "INC-20261121-093012"
    assert first.headers["artisan-id"] == second.headers["artisan-id"] == first.json["id"]
    when, _, digest = first.headers["artisan-signature"].partition(",v1=")
    seconds = when.removeprefix("t=")
    assert int(seconds) == AT.timestamp()
    expected = hmac.new(b"hush-hush-hush", f"{seconds}.".encode() + first.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(digest, expected)


FAULTS: list[tuple[Script, Came, bool]] = [
    ((429, "slow down", {"Retry-After": "30"}), Came.HELD, True),
    ((500, "oops"), Came.FAILED, True),
    ((503, ""), Came.FAILED, True),
    ((503, "", {"Retry-After": "7"}), Came.HELD, True),
    ((404, "channel_not_found"), Came.FAILED, False),
    ((403, "invalid_token"), Came.FAILED, False),
    ((410, "channel_is_archived"), Came.FAILED, False),
    ((302, "", {"Location": "http://127.0.0.1:1/elsewhere"}), Came.FAILED, False),
    (CLOSE, Came.UNSURE, True),
    (RESET, Came.UNSURE, True),
]


@pytest.mark.parametrize("kind", ["slack", "pagerduty", "webhook"])
@pytest.mark.parametrize(("fault", "came", "retry"), FAULTS)
async def test_what_an_answer_means(server: HttpStandIn, kind: str, fault: Script, came: Came, retry: bool) -> None:
    server.script = [fault]
    outcome = await sent(kind, server)
    assert (outcome.came, outcome.retry) == (came, retry), outcome
    assert outcome.said
    assert outcome.after == {"30": 30, "7": 7}.get(fault[2].get("Retry-After", "") if len(fault) == 3 else "")  # type: ignore[union-attr]
    assert len(server.requests) == 1, "no redirect is followed, nothing is tried again here"


async def test_inc_case_29_a_200_that_is_no_ok_is_a_broken_channel(server: HttpStandIn) -> None:
    server.script = [(200, "invalid_token"), (410, "channel_is_archived")]
    for said in ("invalid_token", "channel_is_archived"):
        outcome = await sent("slack", server)
        assert (outcome.came, outcome.broken, outcome.retry) == (Came.FAILED, True, False)
        assert said in outcome.said
        assert "127.0.0.1" not in outcome.said


async def test_silence_after_the_request_is_possibly_sent_and_before_it_surely_not(server: HttpStandIn) -> None:
    server.script = [HANG]
    silent = await post("it", server.url("/x"), b"{}", {}, patience=0.3)
    assert isinstance(silent, SendOutcome)
    assert (silent.came, silent.said) == (Came.UNSURE, "it did not answer within 0.3 s")
    with black_hole() as (host, port):
        unheard = await post("it", f"http://{host}:{port}/x", b"{}", {}, patience=0.3)
    assert isinstance(unheard, SendOutcome)
    assert (unheard.came, unheard.retry) == (Came.FAILED, True)
    server.close()
    refused = await post("it", server.url("/x"), b"{}", {})
    assert isinstance(refused, SendOutcome)
    assert (refused.came, refused.said) == (Came.FAILED, "it cannot be reached")


def test_retry_after_is_a_number_or_a_date() -> None:
    assert retry_after("30", AT) == 30
    assert retry_after("Sat, 21 Nov 2026 09:43:00 GMT", AT) == 60
    assert retry_after("Sat, 21 Nov 2026 09:00:00 GMT", AT) == 0
    assert [retry_after(text, AT) for text in ("", "soon", "-1", "9" * 30, "1e9")] == [None] * 5


async def test_inc_case_35_no_log_and_no_sentence_holds_the_url_or_the_key(
    server: HttpStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    hide(KEY)
    for kind in ("slack", "pagerduty", "webhook"):
        for fault in (*(each[0] for each in FAULTS), (200, f"no {PATH} {KEY} here"), (500, server.url(PATH) + KEY)):
            server.script = [fault]
            said.append((await sent(kind, server)).said)
    spec, secrets = channel("slack", server)
    for value in (f"ftp://hooks{PATH}", "https://", f"http://h:99999{PATH}", f"http://[{PATH}", f"http://a b{PATH}"):
        outcome = await open_channel(spec, revealed({**secrets, "url": value})).send(dispatch())
        assert (outcome.came, outcome.broken) == (Came.FAILED, True)
        said.append(outcome.said)
    with black_hole() as (host, port):
        said.append(str(await post("it", f"http://{host}:{port}{PATH}", b"", {}, patience=0.2)))
    everything = "\n".join([*said, caplog.text])
    assert len(said) > 30
    for secret in (PATH, "aVerySecretToken99", KEY, "hush-hush-hush"):
        assert secret not in everything
    assert "HTTP Request" not in caplog.text, "httpx's client logs the URL"


async def test_a_secret_that_is_missing_is_named_by_its_reference(server: HttpStandIn) -> None:
    for kind in ("slack", "pagerduty", "webhook"):
        spec, _ = channel(kind, server)
        outcome = await open_channel(spec, revealed({})).send(dispatch())
        assert (outcome.came, outcome.broken) == (Came.FAILED, True)
        assert "is not set" in outcome.said
    assert server.requests == []
