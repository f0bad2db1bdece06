"""Each channel against a stand-in that holds it to its contract, and that fails in every way."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.notify import (
    CHANNEL_KINDS,
    AnyChannel,
    CommandChannel,
    EmailChannel,
    TerminalChannel,
)
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.redaction import hide
from artisan_tui.steps.notify import open_channel
from artisan_tui.steps.notify.channel import Dispatch, Sending
from artisan_tui.steps.notify.command import CommandSender
from artisan_tui.steps.notify.email import EmailSender
from artisan_tui.steps.notify.http import post, retry_after
from artisan_tui.steps.notify.slack import escape
from artisan_tui.steps.notify.terminal import sequence
from support.authority import Authority
from support.contracts import pagerduty, slack
from support.dead_addresses import black_hole
from support.notify_servers import CLOSE, HANG, RESET, HttpStandIn, Script, http_stand_in, mail_stand_in

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
PATH = "/services/T0123/B0456/aVerySecretToken99"
OK = {"slack": (200, "ok"), "pagerduty": (202, '{"status":"success"}'), "webhook": (204, "")}


def notice(purpose: str = "page", **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "incident": "INC-20261121-093012", "severity": "Sev2", "title": "Qwen LLM failure", "text": "503 since 09:30",
        "links": ("http://127.0.0.1:3000/d/llm?x=1&y=2",),
    }  # fmt: skip
    return Notice(purpose, **{**values, **changes})


def dispatch(*notices: Notice, **changes: Any) -> Dispatch:
    sendings = [Sending(f"{n:010x}", each, AT) for n, each in enumerate(notices or (notice(),))]
    return Dispatch(sendings, AT, "Artisan", "production", **changes)


def revealed(values: Mapping[str, str]) -> Callable[[str], str]:
    def reveal(name: str) -> str:
        if name not in values:
            raise SecretMissing(f"the environment variable {name.upper()} is not set")
        hide(values[name])  # as `Secret.reveal` does
        return values[name]

    return reveal


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


@pytest.fixture
def server() -> Iterator[HttpStandIn]:
    with http_stand_in((200, "ok")) as one:
        yield one


# -- what each contract demands -----------------------------------------------------------


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


# -- whatever goes wrong --------------------------------------------------------------------

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


# -- mail -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def mail_channel(port: int, **changes: Any) -> EmailChannel:
    values = {"id": "mail", "server": f"127.0.0.1:{port}", "from": "artisan@example.com", "to": ["a@example.com"]}
    return EmailChannel.model_validate({**values, **changes})


async def mailed(
    port: int, what: Dispatch | None = None, *, answer_within: float = 10.0, **changes: Any
) -> SendOutcome:
    sender = EmailSender(
        mail_channel(port, **changes), revealed({"password": "hunter2-secret"}), answer_within=answer_within
    )
    return await sender.send(what or dispatch(addresses=("a@example.com",)))


LOGIN = {"user": "artisan", "password": "env:P"}


async def test_mails_of_an_incident_are_one_thread(authority: Authority) -> None:
    with mail_stand_in(authority.server(), login=True) as (server, port):
        for purpose in ("page", "resolved"):
            outcome = await mailed(
                port, dispatch(notice(purpose), addresses=("a@example.com",)), ca_file=str(authority.cert), **LOGIN
            )
            assert outcome == SendOutcome(Came.SENT)
    first, second = server.mails
    assert first["Subject"] == "[Sev2] INC-20261121-093012 Qwen LLM failure"
    assert first["References"] == second["References"] == "<INC-20261121-093012.artisan-tui@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert "503 since 09:30" in first.get_content()  # type: ignore[attr-defined]  # EmailMessage, by the policy
    assert server.logins == [("artisan", "hunter2-secret")] * 2


async def test_inc_case_32_no_credential_leaves_unencrypted_or_to_a_stranger(authority: Authority) -> None:
    with mail_stand_in(login=True) as (server, port):
        outcome = await mailed(port, **LOGIN)
    assert (outcome.came, outcome.broken) == (Came.FAILED, True)
    assert "does not offer STARTTLS" in outcome.said
    assert (server.logins, server.mails) == ([], [])
    with mail_stand_in(authority.server(), login=True) as (server, port):
        outcome = await mailed(port, **LOGIN)  # the system does not know this authority
    assert (outcome.came, outcome.broken) == (Came.FAILED, True)
    assert "certificate" in outcome.said
    assert (server.logins, server.mails) == ([], [])


async def test_inc_case_32_one_of_two_refused_is_partly_sent() -> None:
    with mail_stand_in() as (server, port):
        server.refused = {"b@example.com"}
        both = dispatch(addresses=("a@example.com", "b@example.com"))
        outcome = await mailed(port, both, starttls=False)
        assert outcome.came is Came.SENT
        assert outcome.said == f"partly sent: 127.0.0.1:{port} refused b@example.com"
        assert server.recipients == [["a@example.com"]]
        server.refused = {"a@example.com", "b@example.com"}
        outcome = await mailed(port, both, starttls=False)
        assert (outcome.came, outcome.retry) == (Came.FAILED, False)
        assert "550" in outcome.said


async def test_inc_case_33_a_subject_is_one_line_of_one_mail_to_one_person() -> None:
    with mail_stand_in() as (server, port):
        hostile = notice(title="x\r\nBcc: e@x\r\n\r\nbody", incident="INC\r\nBcc: f@x", text="one\r\n.\r\nQUIT\r\n.two")
        outcome = await mailed(
            port, dispatch(hostile, addresses=("a@example.com", "e@x\r\nRCPT TO:<z@x>")), starttls=False
        )
    assert outcome.came is Came.SENT
    (mail,) = server.mails
    assert server.recipients == [["a@example.com"]]
    assert mail["Bcc"] is None
    assert "Bcc: e@x" in mail["Subject"]
    assert sum(line.startswith(b"Subject:") for line in server.raw[0].split(b"\r\n")) == 1
    assert ".two" in mail.get_content()  # type: ignore[attr-defined]  # EmailMessage, by the policy


@pytest.mark.parametrize("fault", [HANG, CLOSE])
async def test_inc_case_34_silence_after_data_is_possibly_sent(fault: str) -> None:
    with mail_stand_in() as (server, port):
        server.after_data = fault
        outcome = await mailed(port, starttls=False, answer_within=0.5)
    assert outcome == SendOutcome(Came.UNSURE, f"127.0.0.1:{port} said nothing after it was given the mail")
    assert len(server.mails) == 1


@pytest.mark.parametrize(("answer", "retry"), [("451 later", True), ("554 no", False)])
async def test_an_answer_to_data_is_an_answer(answer: str, retry: bool) -> None:
    with mail_stand_in() as (server, port):
        server.after_data = answer
        outcome = await mailed(port, starttls=False)
    assert (outcome.came, outcome.retry) == (Came.FAILED, retry)
    assert answer.partition(" ")[0] in outcome.said


async def test_a_refused_login_says_its_code_and_no_password(authority: Authority) -> None:
    with mail_stand_in(authority.server(), login=True) as (server, port):
        spec = mail_channel(port, ca_file=str(authority.cert), **LOGIN)
        outcome = await EmailSender(spec, revealed({"password": "wrong-password-1"})).send(
            dispatch(addresses=("a@example.com",))
        )
    assert (outcome.came, outcome.broken) == (Came.FAILED, True)
    assert outcome.said == f"127.0.0.1:{port} refused the login (535)"
    assert server.mails == []


async def test_tls_from_the_first_byte_needs_a_server_that_speaks_it() -> None:
    with mail_stand_in() as (_, port):
        outcome = await mailed(port, tls=True, answer_within=2.0)
    assert outcome.came is Came.FAILED
    assert "TLS" in outcome.said


# -- programs and terminals ---------------------------------------------------------------------


def program(home: Path, text: str, **changes: Any) -> CommandChannel:
    path = home / "tell"
    path.write_text(f"#!{sys.executable}\n{text}\n", "utf-8")
    path.chmod(0o755)
    return CommandChannel.model_validate({"id": "own", "run": [str(path), "$(id)"], **changes})


async def test_a_program_gets_json_and_its_arguments_as_they_are(tmp_path: Path) -> None:
    spec = program(tmp_path, "import sys; open('got', 'w').write(sys.argv[1] + sys.stdin.read())", folder=str(tmp_path))
    assert await CommandSender(spec).send(dispatch()) == SendOutcome(Came.SENT)
    got = (tmp_path / "got").read_text("utf-8")
    assert got.startswith("$(id)")
    assert json.loads(got.removeprefix("$(id)"))["notices"][0]["title"] == "Qwen LLM failure"


async def test_how_a_program_fails(tmp_path: Path) -> None:
    async def ran(text: str, patience: float = 10.0) -> SendOutcome:
        return await CommandSender(program(tmp_path, text), patience).send(dispatch(notice(text="x" * 200_000)))

    wrong = await ran("import sys; sys.exit('\\x1b[31mno pager today')")
    assert (wrong.came, wrong.retry) == (Came.FAILED, False)
    assert wrong.said.endswith("ended with 1: no pager today")
    later = await ran("raise SystemExit(75)")
    assert (later.came, later.retry) == (Came.FAILED, True)
    slow = await ran("import os, time; os.fork(); time.sleep(600)", 1.0)
    assert slow.came is Came.UNSURE
    gone = await CommandSender(CommandChannel(id="x", run=("/nowhere/tell",))).send(dispatch())
    assert (gone.came, gone.broken) == (Came.FAILED, True)


async def test_a_program_has_ended_when_it_ends_whatever_it_left_behind(tmp_path: Path) -> None:
    """Something in the background keeps the end of stderr: that is no reason to call the page possibly sent."""
    left = "import os, sys, time\nif os.fork() == 0: DETACH time.sleep(20)\nsys.exit(CODE)"
    for code, came, detach in ((0, Came.SENT, ""), (1, Came.FAILED, ""), (0, Came.SENT, "os.setsid();")):
        spec = program(tmp_path, left.replace("CODE", str(code)).replace("DETACH", detach))
        async with asyncio.timeout(15):
            assert (await CommandSender(spec, 10.0).send(dispatch(notice(text="x" * 200_000)))).came is came


def test_a_terminal_rings_and_is_told_nothing_that_it_would_act_on() -> None:
    spec = TerminalChannel(id="bell", osc="777")
    assert sequence(spec, "a;\x1b[31mb\a", "c\nd") == "\a\x1b]777;notify;a,b;c d\a"
    assert sequence(TerminalChannel(id="b", bell=False), "장애", "") == "\x1b]9;장애\a"
    assert sequence(TerminalChannel(id="b", osc="none"), "x", "y") == "\a"
    assert sequence(TerminalChannel(id="b", bell=False), "x", "", tmux=True) == "\x1bPtmux;\x1b\x1b]9;x\a\x1b\\"


def test_escaping_is_slack_s_three() -> None:
    assert escape("&amp; <a> \"'") == "&amp;amp; &lt;a&gt; \"'"


def test_certificates_are_verified_by_default() -> None:
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED
