"""Mail, programs and terminals as channels: what leaves, what is refused, and what may have been sent."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.notify import (
    CommandChannel,
    EmailChannel,
    TerminalChannel,
)
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.steps.notify.channel import Dispatch
from artisan_tui.steps.notify.command import CommandSender
from artisan_tui.steps.notify.email import EmailSender
from artisan_tui.steps.notify.slack import escape
from artisan_tui.steps.notify.terminal import sequence
from support.authority import Authority
from support.channel_notices import dispatch, notice, revealed
from support.notify_servers import CLOSE, HANG, mail_stand_in


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
