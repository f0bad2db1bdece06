"""A program is killed while Alertmanager is asked for a silence: the journal finds out afterwards what came of it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.alerts.intents import without_mark
from artisan_tui.domain.event import Event
from support.alert_engines import API, Running, running
from support.alertmanager_server import AlertmanagerServer, alertmanager
from support.held_answers import AFTER, BEFORE, Between, in_front_of
from support.live_runs import CONFIG, kill_attempt
from support.servers import until
from support.terminal import Terminal

PROGRAM = [sys.executable, "-m", "artisan_tui"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    with alertmanager(tmp_path_factory.mktemp("alertmanager")) as found:
        yield found


@pytest.fixture
def between(tmp_path: Path, server: AlertmanagerServer) -> Iterator[Between]:
    """Where this home's program finds Alertmanager."""
    for each in server.silences():  # of the test before
        server.end(each["id"])
    server.fire(API, annotations={"summary": "too many 5xx"})
    (tmp_path / "state").mkdir(mode=0o700)
    with in_front_of(server.url) as found:
        alerts = f'[alerts]\nalertmanager = ["{found.url}"]\nevery = "200ms"\ntimeout = "9s"\n'
        (tmp_path / "artisan.toml").write_text(CONFIG.format(environment="staging", more=alerts))
        yield found


def command(home: Path, *words: str) -> list[str]:
    return [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), *words]


def said(home: Path, *words: str) -> Any:
    done = subprocess.run(command(home, *words), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def killed_while_it_asks(home: Path, between: Between, holds: str, words: Sequence[str]) -> None:
    between.holds = holds
    asking = subprocess.Popen(command(home, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert between.held.wait(30), "the request"
    finally:
        asking.send_signal(signal.SIGKILL)
        asking.wait(10)
    between.holds = ""


def of_silences(watched: Running) -> list[Event]:
    return [each for each in watched.journal() if each.kind.startswith("silence.")]


async def found_out(watched: Running, enough: Callable[[list[Event]], bool]) -> list[Event]:
    await asyncio.to_thread(until, lambda: enough(of_silences(watched)), 15, "what came of it")
    return of_silences(watched)


CREATE = ("alert", "silence", "svc=api", "--comment", "디스크", "--for", "1h")


@pytest.mark.parametrize("verb", ["create", "acknowledge", "extend", "replace", "end"])
async def test_what_a_killed_command_did_is_in_the_journal_afterwards(
    tmp_path: Path, between: Between, server: AlertmanagerServer, verb: str
) -> None:
    known = ""
    if verb not in ("create", "acknowledge"):
        known = said(tmp_path, *CREATE, "--json")["id"]
    (fingerprint,) = (each["fingerprint"] for each in server.get("alerts") if each["labels"] == API)
    words = {
        "create": CREATE,
        "acknowledge": ("alert", "silence", fingerprint, "--acknowledge", "--yes", "--comment", "mine", "--for", "1h"),
        "extend": ("alert", "silence", "--extend", known, "--for", "5h"),
        "replace": ("alert", "silence", 'svc=~"api|db"', "--replace", known, "--comment", "both", "--for", "1h"),
        "end": ("alert", "unsilence", known),
    }[verb]
    killed_while_it_asks(tmp_path, between, AFTER, words)
    there = server.silences()
    assert len(there) == (verb != "end"), "Alertmanager obeyed"
    async with running(tmp_path) as watched:
        # Nobody's word but the intent's is there before the sources were read.
        await found_out(watched, lambda events: any(each.body.get("found") for each in events))
        await watched.until(lambda alerts: not alerts.lost)
    (last,) = [each for each in of_silences(watched) if each.body.get("found")]
    kinds = {"extend": "silence.extended", "end": "silence.expired"}
    assert last.kind == kinds.get(verb, "silence.created")
    assert last.subject == (known if verb == "end" else there[0]["id"])
    assert last.actor == of_silences(watched)[0].actor, "who asked for it, not who found it out"
    if verb != "end":
        assert last.body["comment"] == without_mark(there[0]["comment"])[0]
    if verb == "replace":
        (ended,) = [each for each in of_silences(watched) if each.kind == "silence.expired"]
        assert (ended.subject, ended.body["reason"]) == (known, f"replaced by {last.subject}")
    if verb == "acknowledge":
        (acknowledged,) = [each for each in watched.journal() if each.kind == "alert.acknowledged"]
        assert (acknowledged.subject, acknowledged.body["silence"]) == (fingerprint, last.subject)
    assert [each["id"] for each in server.silences()] == [each["id"] for each in there], "nothing was asked for again"


async def test_what_never_arrived_is_said_too_and_not_before_it_could_have(
    tmp_path: Path, between: Between, server: AlertmanagerServer
) -> None:
    killed_while_it_asks(tmp_path, between, BEFORE, CREATE)
    assert server.silences() == []
    async with running(tmp_path) as watched:
        await watched.until(lambda alerts: bool(alerts.listed) and not alerts.unheard)
        assert [each.kind for each in of_silences(watched)] == ["silence.intended"]
        watched.clock.ahead = timedelta(seconds=11)
        events = await found_out(watched, lambda events: len(events) > 1)
    assert [each.kind for each in events] == ["silence.intended", "silence.unwritten"]
    assert "Alertmanager knows no silence of it" in str(events[1].body["reason"])
    assert server.silences() == [], "never by itself"


async def test_what_a_killed_board_did_is_in_the_journal_afterwards(
    tmp_path: Path, between: Between, server: AlertmanagerServer
) -> None:
    with Terminal(command(tmp_path), size=(80, 24)) as board:
        board.wait_for("1 alert firing", 30)
        board.send("5")
        board.wait_for("too many 5xx", 10)
        board.send("s")
        board.wait_for("hits 1 of 1 alerts", 10)
        between.holds = AFTER
        board.send("\r\rnew disks\r\r")
        await asyncio.to_thread(between.held.wait, 20)
        board.kill()
    between.holds = ""
    (there,) = server.silences()
    async with running(tmp_path) as watched:
        events = await found_out(watched, lambda events: any(each.body.get("found") for each in events))
    assert [each.kind for each in events] == ["silence.intended", "silence.created"]
    assert events[1].subject == there["id"]
    assert len(server.silences()) == 1


def test_the_next_command_finds_it_out_where_no_session_runs(
    tmp_path: Path, between: Between, server: AlertmanagerServer
) -> None:
    killed_while_it_asks(tmp_path, between, AFTER, CREATE)
    (there,) = server.silences()
    assert said(tmp_path, "alert", "unsilence", there["id"], "--json")["id"] == there["id"]
    log = said(tmp_path, "audit", "log", "--json")
    kinds = [each["kind"] for each in log["events"] if each["kind"].startswith("silence.")]
    assert sorted(kinds) == ["silence.created", "silence.expired", "silence.intended", "silence.intended"]


SILENCE = """
[[runbook]]
id = "example"
title = "Example"
[[runbook.step]]
id = "quiet"
title = "Quiet"
kind = "silence"
matchers = ['svc="api"']
for = "1h"
comment = "by the book"
"""


def test_a_step_that_silenced_and_was_killed_is_found_by_its_mark(
    tmp_path: Path, between: Between, server: AlertmanagerServer
) -> None:
    (tmp_path / "runbooks.toml").write_text(SILENCE)
    between.holds = AFTER
    words = ("runbook", "run", "example", "--yes", "--json")
    begun = subprocess.Popen(command(tmp_path, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert between.held.wait(30), "the request of the step"
    finally:
        begun.send_signal(signal.SIGKILL)
        begun.wait(10)
    kill_attempt(next((tmp_path / "state" / "runs").glob("*/quiet.1.do")))
    between.holds = ""
    name = said(tmp_path, "runbook", "history", "--json")["runs"][0]["run"]
    done = said(tmp_path, "runbook", "adopt", name, "--reason", "everything was killed", "--json")
    assert (done["state"], done["steps"][0]["state"], done["steps"][0]["attempt"]) == ("succeeded", "succeeded", 1)
    log = said(tmp_path, "audit", "log", "--json")
    (settled,) = [each for each in log["events"] if each["kind"] == "run.settled"]
    assert settled["body"]["by"] == "evidence"
    (there,) = server.silences()
    assert there["comment"].endswith(f"[{name}/quiet]")
