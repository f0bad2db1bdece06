"""Steps of a drill are carried out by the simulated stack: no program is started, and nothing leaves this machine."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.load import read_text
from artisan_tui.domain.runbooks.definition import Action, Runbook
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.drills.stack import start_stack
from artisan_tui.engine.settings import Overlay, read
from artisan_tui.steps.runbooks.protocol import StepContext, StepRefused
from artisan_tui.steps.runbooks.simulated import at_stack, kind_of, resolve
from support.drill_runs import DrillRun, LiveStack, drill_rules, live_stack
from support.leaving import what_leaves
from support.live_runs import House
from support.step_runs import channel

#: Every kind that touches something outside, at hosts that are not ours.
EVERY_KIND = """
[[runbook]]
id = "every_kind"
title = "Every kind"
resources = ["everything"]
[[runbook.step]]
id = "scale"
kind = "compose"
file = "nowhere.yml"
project = "artisan"
scale = { app = 5 }
confirm = "ask"
verify = { kind = "compose", file = "nowhere.yml", project = "artisan", ps = ["app"], expect = ["body[4].State == running"], within = "30s", every = "1s" }
[[runbook.step]]
id = "more"
kind = "kubernetes"
scale = { "deployment/worker-llm" = 4 }
namespace = "production"
context = "production"
verify = { kind = "kubernetes", status = "deployment/worker-llm", namespace = "production", context = "production", within = "30s", every = "1s" }
[[runbook.step]]
id = "deploy"
kind = "helm"
upgrade = "judgment"
chart = "./charts/judgment"
values = ["values-prod.yaml"]
set = { "image.tag" = "v0.3.0" }
[[runbook.step]]
id = "halt"
kind = "docker"
stop = "artisan-worker-rl-1"
confirm = "ask"
[[runbook.step]]
id = "count"
kind = "sql"
database = "env:NO_SUCH_DATABASE"
query = "SELECT status, count(*) FROM jobs GROUP BY status"
expect = ["rows > 1"]
capture = { first = "body[0].status" }
[[runbook.step]]
id = "migrate"
kind = "command"
run = ["alembic", "upgrade", "7d8e9fa0b1c2"]
env = { TOKEN = "env:NO_SUCH_TOKEN" }
rollback = { kind = "command", run = ["alembic", "downgrade", "4c5b6a798081"] }
[[runbook.step]]
id = "breaker"
kind = "http"
request = { method = "POST", url = "http://artisan.example.com/admin/breakers/qwen/open", headers = { Authorization = "env:NO_SUCH_KEY" } }
expect = ["status == 200", "body.state == open"]
rollback = { kind = "http", request = { method = "POST", url = "http://artisan.example.com/admin/breakers/qwen/close" } }
[[runbook.step]]
id = "waits"
kind = "wait"
until = { kind = "kubernetes", status = "deployment/artisan-api", namespace = "production", context = "production", within = "1m", every = "5s" }
[[runbook.step]]
id = "tell"
kind = "notify"
to = ["L1"]
message = "It is done."
"""


def book(text: str) -> Runbook:
    return read_text(text).runbooks[0]


@pytest.fixture(scope="module")
def live() -> Iterator[LiveStack]:
    with live_stack() as running:
        yield running


def estate(live: LiveStack) -> dict[str, object]:
    live.passes(60)  # what was stopped starts again
    found = live.request("GET", "/admin/estate")
    assert isinstance(found, dict)
    return {name: each for name, each in found.items() if name != "kept"}


def test_every_kind_is_carried_out_by_the_stack_and_rolled_back(live: LiveStack, tmp_path: Path) -> None:
    live.fresh()
    before = estate(live)
    one = DrillRun(live, drill_rules(live), book(EVERY_KIND), "kubernetes", tmp_path, params={})
    with what_leaves() as left:
        run = one.go()
        assert (run.state, run.why) == ("succeeded", "")
        after = estate(live)
        one.roll_back()
    assert left == []
    assert one.run.step("count").captures == {"first": "succeeded"}
    assert (after["replicas"]["app"], after["replicas"]["worker-llm"], after["stopped"]) == (
        [5, 5],
        [4, 4],
        ["worker-rl"],
    )  # type: ignore[index]
    assert (after["schema"], after["release"]["version"]) == ("7d8e9fa0b1c2", "0.3.0")  # type: ignore[index]
    assert after["breakers"]["qwen"] == ["open", True]  # type: ignore[index]
    assert live.ledger.sent == ["L1: DRILL, no action is needed: It is done."]
    assert one.run.rollback_state == "done"
    assert estate(live) == before


def test_what_is_sent_is_the_act_that_is_journaled_and_has_no_secret(live: LiveStack, tmp_path: Path) -> None:
    live.fresh()
    one = DrillRun(live, drill_rules(live), book(EVERY_KIND), "kubernetes", tmp_path, params={})
    one.go()
    intents = {each.body["step"]: each.body["act"] for each in one.line.events if each.kind == "run.intended"}
    migrate = json.loads(intents["migrate"])["resolved"]
    assert migrate["request"]["argv"] == ["alembic", "upgrade", "7d8e9fa0b1c2"]
    assert migrate["request"]["env"]["TOKEN"] == "env:NO_SUCH_TOKEN"
    assert migrate["simulated"] == live.url
    assert "argv" not in migrate, "there is nothing that a shim would start"


@pytest.mark.parametrize("step", ["scale", "more", "deploy", "halt", "migrate"])
def test_a_step_that_the_stack_breaks_fails_and_the_way_back_restores_everything(
    live: LiveStack, tmp_path: Path, step: str
) -> None:
    live.fresh()
    before = estate(live)
    live.request("POST", "/admin/act/breaks", {"breaks": [step]})
    one = DrillRun(live, drill_rules(live), book(EVERY_KIND), "kubernetes", tmp_path, params={})
    run = one.go()
    assert (run.state, run.step(step).state) == ("failed", "failed")
    assert "told to break it" in run.step(step).why
    live.request("POST", "/admin/act/breaks", {"breaks": []})
    one.roll_back()
    assert one.run.rollback_state == "done"
    assert estate(live) == before


def test_another_hand_and_an_unknown_name_are_refused_as_by_the_real_platform(live: LiveStack) -> None:
    live.fresh()
    context = StepContext("RUN-1", "s", mutates=True, stack=live.url)
    act = resolve(Action("compose", {"file": "x", "project": "artisan", "scale": {"app": 4}}), context)
    before = kind_of(act).capture(act, channel())
    live.stack.fleet.scale("app", 7)
    refused = kind_of(act).act(act, before, channel())
    assert (refused.state, refused.why) == (
        "failed",
        "3 containers of app were expected and 7 run: nothing was started",
    )
    strange = resolve(Action("kubernetes", {"restart": "deployment/nobody"}), context)
    with pytest.raises(StepRefused, match="the stack has no nobody"):
        kind_of(strange).capture(strange, channel())


def test_evidence_of_an_act_is_what_the_stack_has_of_its_mark(live: LiveStack) -> None:
    from artisan_tui.steps.runbooks.protocol import Attempted

    live.fresh()
    act = resolve(
        Action("docker", {"restart": "artisan-redis-1"}), StepContext("RUN-1", "s", mutates=True, stack=live.url)
    )
    assert kind_of(act).evidence(Attempted(act), channel()).verdict == "absent"
    kind_of(act).act(act, {}, channel())
    assert kind_of(act).evidence(Attempted(act), channel()).verdict == "happened"


def test_a_silence_of_a_drill_is_the_stacks_and_carries_no_login() -> None:
    context = StepContext(
        "RUN-1",
        "s",
        mutates=True,
        stack="http://127.0.0.1:9",
        alertmanagers=("https://alerts.example.com",),
        alert_login={"bearer_token": "env:ALERT_TOKEN"},
    )
    act = resolve(Action("silence", {"matchers": ('alertname="X"',), "for": 60.0}), context)
    assert "example.com" not in act.to_json()
    assert "ALERT_TOKEN" not in act.to_json()
    assert "http://127.0.0.1:9/alertmanager" in act.to_json()


def test_addresses_keep_their_page_and_lose_their_host() -> None:
    assert at_stack("https://api.example.com/health/llm?model=qwen", "http://127.0.0.1:9") == (
        "http://127.0.0.1:9/health/llm?model=qwen"
    )
    assert at_stack("http://prometheus:9090/api/v1/query?query=up", "http://127.0.0.1:9") == (
        "http://127.0.0.1:9/prometheus/api/v1/query?query=up"
    )


@pytest.mark.parametrize("stack", ["http://example.com:8000", "https://127.0.0.1:8000", "http://10.0.0.1:8000"])
def test_a_stack_that_is_not_on_this_machine_is_refused(tmp_path: Path, stack: str) -> None:
    with pytest.raises(StepRefused, match="nothing leaves it in a drill"):
        resolve(Action("docker", {"restart": "x"}), StepContext("RUN-1", "s", stack=stack))
    house = House(tmp_path, EVERY_KIND)
    house.config_path.write_text(house.config_path.read_text() + f'[[target]]\nid = "drill"\nstack = "{stack}"\n')
    with pytest.raises(ConfigError, match="is not on this machine"):
        read(house.config_path)


def test_what_leaves_is_heard() -> None:
    """The ear of the two tests that nothing leaves: a program, a name to look up, a connection that is not loopback."""
    with what_leaves() as left:
        subprocess.run(["true"], check=True)
        with contextlib.suppress(OSError):
            socket.getaddrinfo("artisan.invalid", 80)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.settimeout(0.01)
            one.connect(("192.0.2.1", 80))
    assert [each.partition(" ")[0] for each in left if "fork" not in each] == [
        "subprocess.Popen",
        "socket.getaddrinfo",
        "socket.connect",
    ]


def test_a_drill_without_a_stack_does_not_begin(tmp_path: Path) -> None:
    house = House(tmp_path, EVERY_KIND)
    with house.seat() as alice, pytest.raises(CommandRefused, match="a drill needs a simulated stack"):
        alice.give("start", runbook="every_kind", mode="drill")


#: Started by Python before the program of an attempt: it writes down whatever leaves.
HEARING = """
import os, sys
sys.path.insert(0, {support!r})
from support.leaving import leaves
def hear(event, given):
    said = leaves(event, given)
    if said and "runbooks.shim" not in " ".join(sys.orig_argv):
        with open({heard!r}, "a") as file:
            file.write(said + "\\n")
sys.addaudithook(hear)
"""


def test_real_attempts_of_a_drill_start_no_program_and_send_no_packet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts as they really run, with an audit hook in each, and with programs that would leave a trace."""
    heard, traces = tmp_path / "heard", tmp_path / "traces"
    hooks, programs = tmp_path / "hooks", tmp_path / "programs"
    hooks.mkdir()
    programs.mkdir()
    (hooks / "sitecustomize.py").write_text(
        HEARING.format(support=str(Path(__file__).parents[1]), heard=str(heard)), "utf-8"
    )
    for name in ("docker", "docker-compose", "helm", "kubectl", "alembic", "psql"):
        program = programs / name
        program.write_text(f'#!/bin/sh\necho {name} >> "{traces}"\n')
        program.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(hooks))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    stack = start_stack()
    try:
        # One of each way in which a kind would leave: its program, another's, a library, a request, our own journal.
        first, *steps = EVERY_KIND.replace('confirm = "ask"\n', "").split("[[runbook.step]]\n")
        wanted = ("scale", "halt", "count", "migrate", "breaker", "tell")
        kept = [each for each in steps if each.startswith(tuple(f'id = "{name}"' for name in wanted))]
        assert len(kept) == len(wanted)
        text = "[[runbook.step]]\n".join([first, *kept])
        house = House(tmp_path, text, environment="drill")
        overlay = Overlay({"127.0.0.1:8000": stack.url.removeprefix("http://")}, environment="drill", stack=stack.url)
        with house.seat() as alice:
            alice.rules.configure(read(house.config_path, overlay), overlay)
            run = alice.start("every_kind", mode="drill", yes="yes")
            alice.go(run)
            assert (alice.run(run).state, alice.run(run).why) == ("succeeded", "")
    finally:
        stack.close()
    assert not traces.exists(), traces.read_text()
    assert not heard.exists(), heard.read_text()


def test_a_session_with_relative_paths_declares_incidents_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts run in another folder than the session."""
    monkeypatch.chdir(tmp_path)
    Path("house").mkdir()
    text = (
        '[[runbook]]\nid = "tells"\ntitle = "T"\n[[runbook.step]]\nid = "declare"\nkind = "incident"\n'
        'create = { title = "Down", severity = "Sev3" }\n'
    )
    house = House(tmp_path / "house", text)
    with house.seat() as alice:
        alice.rules.configure(read(Path("house/artisan.toml")))
        run = alice.start("tells")
        alice.go(run)
        assert (alice.run(run).state, alice.run(run).why) == ("succeeded", "")
