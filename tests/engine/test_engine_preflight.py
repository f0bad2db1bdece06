"""The preflight of runbooks: each step is looked at as a run would carry it out, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks.parameters import ParameterRefused
from artisan_tui.domain.runbooks.preflight import Preflight
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.runbooks.nightly import last_night
from artisan_tui.engine.runbooks.preflight import preflight
from artisan_tui.engine.runbooks.preflight_values import PreflightPorts
from support.kube_api import KubeApi, kube_api
from support.live_runs import House, Seat, book, effect_step
from support.servers import free_port

GONE = "http://127.0.0.1:1"


def step(name: str, kind: str, body: str) -> str:
    return f'[[runbook.step]]\nid = "{name}"\ntitle = "{name}"\nkind = "{kind}"\n{body}\n'


def found_in(house: House, target: str = "", **given: str) -> Preflight:
    with house.seat() as seat:
        ports = PreflightPorts(seat.rules, house.state, house.environ, "alice", lambda: datetime.now(UTC))
        runbook = seat.rules.runbook("example")
        assert runbook is not None
        return preflight(ports, runbook, target, given)


def states(found: Preflight) -> dict[str, str]:
    return {step.id: step.state for step in found.steps}


def said(found: Preflight, name: str) -> str:
    return "; ".join(each.what for step in found.steps if step.id == name for each in step.findings)


def test_what_is_missing_is_named_with_its_mend_and_nothing_runs(tmp_path: Path) -> None:
    house = House(
        tmp_path,
        book(
            effect_step("good"),
            step("program", "command", 'run = ["no-such-program"]\nirreversible = true'),
            step("folder", "command", 'run = ["true"]\nmutates = false\ncwd = "nowhere"'),
            step("secret", "command", 'run = ["true"]\nmutates = false\nenv = { TOKEN = "env:NO_SUCH_VARIABLE" }'),
            step("gone", "http", f'request = {{ url = "{GONE}/x" }}'),
            step("told", "notify", 'to = ["nobody"]\nmessage = "x"'),
            step("hand", "manual", 'instructions = "pull the plug"'),
            step("measured", "measure", 'measure = { value = "up" }\nexpect = ["value == 1"]'),
        ),
    )
    found = found_in(house)
    wanted = dict.fromkeys(("program", "folder", "secret", "gone", "told", "measured"), "failed")
    assert states(found) == {"good": "ok", "hand": "ok", **wanted}
    assert found.state == "failed"
    for name, words in (
        ("program", "no-such-program is not installed"),
        ("folder", "there is no folder"),
        ("secret", "NO_SUCH_VARIABLE is not set"),
        ("gone", "127.0.0.1:1 cannot be reached"),
        ("told", "nobody is no channel, no level and no person"),
    ):
        assert words in said(found, name), name
    assert all(each.mend for one in found.steps for each in one.findings if each.state == "failed")
    assert house.done() == []
    assert [path for path in (house.state / "preflight").iterdir()] == []


def test_the_undo_is_looked_at_too_and_what_only_a_run_knows_is_said(tmp_path: Path) -> None:
    captures = 'capture = { seen = "stdout" }\nmutates = false\nrun = ["true"]'
    house = House(
        tmp_path,
        book(
            step("first", "command", captures),
            step("undone", "command", 'run = ["true"]\nrollback = { kind = "command", run = ["no-such-undo"] }'),
            step("uses", "command", 'run = ["echo", "{{ steps.first.seen }}"]\nmutates = false'),
            step("sum", "command", 'run = ["echo", "{{ steps.first.seen + 1 }}"]\nmutates = false'),
            step("half", "command", 'run = ["echo", "{{ steps.first.seen * 0.5 }}"]\nmutates = false'),
            step("typo", "command", 'run = ["echo", "{{ steps.first.sen }}"]\nmutates = false'),
            step("param", "command", 'run = ["echo", "{{ params.n * 2 }}"]\nmutates = false'),
            step("left", "command", 'run = ["no-such-program"]\nmutates = false\nwhen = "params.m > 1"'),
            params='n = { type = "int" }\nm = { type = "int", default = 1 }',
        ),
    )
    found = found_in(house)
    wanted = {"undone": "failed", "typo": "failed", "param": "unknown"}
    assert states(found) == {**dict.fromkeys(("first", "uses", "sum", "half", "left"), "ok"), **wanted}
    assert "no-such-undo is not installed" in said(found, "undone")
    assert "what an earlier step captures" in said(found, "uses")
    assert "a value for n" in said(found, "param")
    assert "its condition is not met" in said(found, "left")
    given = found_in(house, n="3", m="2")
    assert (states(given)["param"], states(given)["left"]) == ("ok", "failed")
    with pytest.raises(ParameterRefused, match="no parameter 'x'"):
        found_in(house, x="1")


def test_a_child_runbook_is_looked_at_with_its_parameters_and_a_circle_ends(tmp_path: Path) -> None:
    inner = step("inside", "command", 'run = ["{{ params.program }}"]\nmutates = false')
    child = book(inner, step("back", "runbook", 'runbook = { id = "example" }'), name="child",
                 params='program = { type = "string" }')  # fmt: skip
    call = step("call", "runbook", 'runbook = { id = "child", params = { program = "no-such-program" } }')
    house = House(tmp_path, book(call, step("none", "runbook", 'runbook = { id = "nowhere" }')) + child)
    found = found_in(house)
    assert states(found) == {"call": "failed", "none": "failed"}
    assert "child, inside: no-such-program is not installed" in said(found, "call")
    assert "leads back to itself" in said(found, "call")
    assert "there is no runbook nowhere" in said(found, "none")


def test_a_secret_goes_down_to_a_child_and_a_place_where_it_does_not_run_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHILD_TOKEN", "tok-0123456789")
    secret = 'token = { type = "secret", default = "env:CHILD_TOKEN" }'
    uses = step("uses", "command", 'run = ["true"]\nmutates = false\nenv = { T = "{{ params.token }}" }')
    child = book(uses, name="child", params=secret, keys='targets = ["compose"]')
    call = 'runbook = { id = "child", params = { token = "{{ params.token }}" } }'
    house = House(tmp_path, book(step("call", "runbook", call), params=secret) + child)
    found = found_in(house, "kube")
    assert "child runs at compose, not at kube" in said(found, "call")
    assert found.state == "failed"
    assert found_in(house, "compose").state == "ok"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubeApi]:
    with kube_api() as made:
        made.cluster.add("deployments", "api")
        monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig(tmp_path / "kubeconfig")))
        yield made


def test_exec_case_37_verify_sends_only_reads_and_names_the_missing_right(tmp_path: Path, api: KubeApi) -> None:
    place = 'namespace = "artisan"'
    verify = f'verify = {{ kind = "kubernetes", status = "deployment/api", within = "5s", {place} }}'
    scale = step("scale", "kubernetes", f'scale = {{ "deployment/api" = 8 }}\n{place}\n{verify}')
    restart = step("restart", "kubernetes", f'restart = "deployment/api"\n{place}')
    house = House(tmp_path, book(scale, restart))
    assert found_in(house).state == "ok"
    writes = [line for line in api.requests if not line.startswith("GET") and "selfsubject" not in line]
    assert (writes, len(api.requests) > 4) == ([], True)
    api.forbid("patch", "deployments")
    found = found_in(house)
    assert "the right to patch deployments" in said(found, "restart")
    assert states(found)["restart"] == "failed"


def test_a_run_does_not_start_where_a_step_would_fail_until_somebody_says_why(tmp_path: Path) -> None:
    verify = f'verify = {{ kind = "http", request = {{ url = "http://127.0.0.1:{free_port()}" }}, within = "1s" }}'
    broken = step("program", "command", 'run = ["no-such-program"]\nirreversible = true')
    passed = 'to = ["nobody"]\nmessage = "x"\non_failure = "continue"'
    waits = House(tmp_path, book(effect_step("w", keys=verify), step("told", "notify", passed)))
    with waits.seat() as seat:
        seat.rules.state = waits.state
        assert seat.start()  # what shows afterwards whether it helped may be what is broken now
        assert seat.store.journal.page(5, kind="runbook.verified") == ()
    found = found_in(waits)
    assert (states(found), list(found.failures(blocking=True))) == ({"w": "failed", "told": "failed"}, [])
    for environment in ("staging", "production"):
        folder = tmp_path / environment
        folder.mkdir()
        house = House(folder, book(effect_step("a", keys=verify), broken), environment=environment)
        with house.seat() as seat:
            seat.rules.state = house.state

            def start(seat: Seat = seat, **given: str) -> None:
                seat.start(**given)

            with pytest.raises(CommandRefused, match="the preflight failed: program: no-such-program is not installed"):
                start()
            insists = {"despite": "it is on the other host"}
            if environment == "production":
                for given in ({"yes": "yes"}, insists, {"typed": "production"}):
                    with pytest.raises(CommandRefused, match="--confirm production"):
                        start(**given)
                insists["typed"] = "production"
            assert seat.start(mode="dry")
            run = seat.start(**insists)
            assert seat.bodies(run, "run.started")[0]["despite"] == "it is on the other host"
            kept = seat.store.journal.page(20, kind="runbook.verified")
            assert {(each.body["outcome"], each.body["by"]) for each in kept} == {("failed", "run")}
            assert len(kept) == (2 if environment == "staging" else 5)
    assert house.done() == []


def test_the_night_begins_at_three_in_the_zone_of_the_team() -> None:
    at = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
    assert last_night(at) == at
    assert last_night(at.replace(hour=2)) == at.replace(day=29)


def test_metrics_and_alerts_of_a_run_are_those_of_its_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AM", "horse-battery")
    more = (
        'target = "compose"\n[metrics]\nprometheus = "http://127.0.0.1:9090"\n[alerts]\n'
        'alertmanager = "http://127.0.0.1:9093"\nusername = "ford"\npassword = "env:AM"\n'
        '[[target]]\nid = "compose"\n[[target]]\nid = "kube"\nprometheus = "http://127.0.0.1:19090"\n'
        'addresses = { "http://127.0.0.1:9093" = "http://127.0.0.1:19093" }\n'
    )
    silence = step("s", "silence", 'matchers = [\'alertname="A"\']\nfor = "5m"')
    house = House(tmp_path, book(silence), more=more)
    with house.seat() as seat:
        rules = seat.rules
        login = {"headers": {}, "username": "ford", "password": "env:AM"}
        for target, metrics, alerts in (("", 9090, 9093), ("compose", 9090, 9093), ("kube", 19090, 19093)):
            assert rules.alertmanagers(target) == (f"http://127.0.0.1:{alerts}",)
            found = rules.metrics(target)
            assert found is not None
            assert found["prometheus"] == f"http://127.0.0.1:{metrics}"
            assert rules.alert_login(target) == login
        run = seat.start(target="kube", despite="nothing listens there")
        plan = seat.ports.planner.plan(seat.run(run), seat.ports.store.definition(seat.run(run).definition), "s", "do")
        assert "http://127.0.0.1:19093" in plan.act
        assert "\u27e6env:AM\u27e7" in plan.act
        assert "\u27e6env:AM\u27e7" in plan.undo
        assert "horse-battery" not in plan.act + plan.undo
