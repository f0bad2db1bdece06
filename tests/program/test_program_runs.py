"""Runs on the command line: begun in one place, answered and carried on in another, with the exit codes of the contract."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from artisan_tui.engine.runbooks.shim import folder as files
from support.live_runs import CONFIG, book, effect_step
from support.program import Opener, Runner
from support.servers import until

PROGRAM = [sys.executable, "-m", "artisan_tui"]


@pytest.fixture
def effects(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EFFECTS", str(home / "effects"))
    return home / "effects"


def configured(home: Path, *steps: str, keys: str = "", environment: str = "production") -> None:
    (home / "artisan.toml").write_text(CONFIG.format(environment=environment, more=""))
    (home / "runbooks.toml").write_text(book(*steps, keys=keys))


def only_run(run: Runner) -> str:
    return str(json.loads(run("runbook", "history", "--json").stdout)["runs"][0]["run"])


def test_the_clocks_of_a_run_count_from_its_incident(home: Path, run: Runner, effects: Path) -> None:
    rto = '[[runbook.clock]]\nid = "rto"\ntitle = "RTO: back"\nwithin = "4h"\n'
    rpo = '[[runbook.clock]]\nid = "rpo"\ntitle = "RPO"\nwithin = "1ms"\nsince = "run"\nuntil = "b"\n'
    configured(home, rto + rpo + effect_step("a"), effect_step("b", keys='confirm = "ask"'), environment="staging")
    assert run("incident", "create", "--title", "Region lost", "--severity", "Sev1").returncode == 0
    incident = json.loads(run("incident", "list", "--json").stdout)["incidents"][0]
    begun = run("runbook", "run", "example", "--incident", incident["id"])
    assert begun.returncode == 4, begun.stderr
    name = only_run(run)
    document = json.loads(run("runbook", "status", name, "--json").stdout)
    first, second = document["clocks"]
    assert (first["id"], first["within_seconds"], first["overdue"]) == ("rto", 14400.0, False)
    assert first["since"] == incident["declared_at"]
    assert 14000 < first["left_seconds"] < 14400
    assert (second["id"], second["overdue"], second["reached_at"]) == ("rpo", True, None)
    said = run("runbook", "status", name).stdout
    assert "RTO: back: 3h59m left of 4h" in said
    assert "RPO: OVERDUE by " in said


def test_a_run_begun_here_is_confirmed_there_and_rolled_back(home: Path, run: Runner, effects: Path) -> None:
    configured(home, effect_step("a"), effect_step("b", "exit 3", keys='confirm = "type"'))
    begun = run("runbook", "run", "example", "--yes", "--json")
    document = json.loads(begun.stdout)
    assert (begun.returncode, document["state"], document["waiting"]["for"]) == (4, "waiting", "type")
    assert [(each["id"], each["state"], each["exit"]) for each in document["steps"]] == [
        ("a", "succeeded", 0),
        ("b", "awaiting", None),
    ]
    name = document["run"]
    wrong = run("runbook", "confirm", name, "--confirm", "prod")
    assert (wrong.returncode, "type production to confirm" in wrong.stderr) == (1, True)
    there = run("runbook", "confirm", name, "--confirm", "production", "--json")
    after = json.loads(there.stdout)
    assert (there.returncode, after["state"], after["rollback_state"]) == (1, "failed", "offered")
    assert [each["step"] for each in after["rollback"]] == ["b", "a"]
    assert run("runbook", "status", name).returncode == 1
    assert run("runbook", "rollback", name, "--preview").stdout.splitlines()[0].startswith("b:")
    for typed in ((), ("--confirm", "prod")):
        refused = run("runbook", "rollback", name, *typed)
        said = "type production to confirm — add --confirm production"
        assert (refused.returncode, said in refused.stderr) == (1, True)
    assert effects.read_text().split() == ["a", "b"]
    back = run("runbook", "rollback", name, "--confirm", "production")
    assert (back.returncode, effects.read_text().split()) == (0, ["a", "b", "-b", "-a"])
    assert "rolled back: every undo was done" in run("runbook", "history", name).stdout
    assert run("audit", "verify").returncode == 0


def test_a_child_run_that_waits_makes_its_parent_wait_and_is_answered_through_it(
    home: Path, run: Runner, effects: Path
) -> None:
    call = '[[runbook.step]]\nid = "call"\ntitle = "C"\nkind = "runbook"\nrunbook = { id = "child" }\n'
    configured(home, effect_step("a"), call)
    child = book(effect_step("b", keys='confirm = "ask"'), effect_step("c", "exit 3"), name="child")
    (home / "runbooks.toml").write_text((home / "runbooks.toml").read_text() + child)
    begun = run("runbook", "run", "example", "--json")
    document = json.loads(begun.stdout)
    name = document["run"]
    below = document["child"]
    assert (begun.returncode, document["state"], below["run"]) == (4, "running", f"{name}.2.1")
    assert below["waiting"]["for"] == "confirm"
    assert run("runbook", "status", name).returncode == 4
    done = run("runbook", "confirm", name, "--yes")
    assert (done.returncode, effects.read_text().split()) == (1, ["a", "b", "c"])
    back = run("runbook", "rollback", name, "--confirm", "production")
    assert (back.returncode, effects.read_text().split()[3:]) == (0, ["-c", "-b", "-a"]), back.stderr
    assert f"step call of {name}" in run("runbook", "history", f"{name}.2.1", "--json").stdout
    assert run("audit", "verify").returncode == 0


def test_confirm_at_the_start_has_to_be_the_target(home: Path, run: Runner, effects: Path) -> None:
    configured(home, effect_step("a", keys='confirm = "type"'))
    refused = run("runbook", "run", "example", "--confirm", "prod")
    assert (refused.returncode, "type production to confirm" in refused.stderr) == (1, True)
    assert not effects.exists()
    assert run("runbook", "run", "example", "--confirm", "production").returncode == 0
    assert effects.read_text().split() == ["a"]


def test_rb_case_02_a_dry_run_starts_nothing_that_changes_anything(home: Path, run: Runner, effects: Path) -> None:
    configured(
        home, effect_step("a"), '[[runbook.step]]\nid = "r"\nkind = "command"\nmutates = false\nrun = ["true"]\n'
    )
    done = run("runbook", "run", "example", "--dry-run", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["mode"], effects.exists()) == (0, "dry", False)
    assert [each["state"] for each in document["steps"]] == ["skipped", "succeeded"]
    assert "would run: sh -c" in document["steps"][0]["why"]
    assert "undo: sh -c" in document["steps"][0]["why"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "nothing"), 2, "there is no runbook nothing; known: example"),
        (("run", "example", "--param", "x"), 2, "write --param NAME=VALUE"),
        (("run", "example", "--param", "x=1"), 2, "has no parameter 'x'"),
        (("status", "RUN-1"), 1, "there is no run RUN-1"),
        (("confirm", "RUN-1", "--yes"), 1, "there is no run RUN-1"),
        (("skip", "RUN-1"), 2, "needs reason"),
        (("adopt", "RUN-1"), 2, "needs reason"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    home: Path, run: Runner, effects: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    configured(home, effect_step("a", keys='confirm = "ask"'))
    run("runbook", "run", "example")
    done = run("runbook", *arguments)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr


def test_rb_case_08_a_killed_program_loses_neither_the_step_nor_its_end(home: Path, run: Runner, effects: Path) -> None:
    configured(home, effect_step("a", "echo before; sleep 0.7; echo after; exit 7"))
    begun = subprocess.Popen(
        [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), "runbook", "run", "example"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
    )
    until(lambda: effects.exists(), 20, "the effect")
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    name = only_run(run)
    assert json.loads(run("runbook", "status", name, "--json").stdout)["orphaned"]
    done = run("runbook", "adopt", name, "--reason", "the program was killed", "--json")
    step = json.loads(done.stdout)["steps"][0]
    assert (done.returncode, step["state"], step["exit"], step["attempt"]) == (1, "failed", 7, 1)
    assert step["output_tail"].split() == ["before", "after"]
    assert effects.read_text().split() == ["a"]


def test_rb_case_10_a_closed_terminal_ends_no_step_and_starts_none(
    home: Path, run: Runner, board_afresh: Opener, effects: Path
) -> None:
    configured(home, effect_step("a", "sleep 0.7", "echo a-over >> $EFFECTS"), effect_step("b"))
    with board_afresh("runbook", "run", "example") as terminal:
        until(lambda: effects.exists(), 20, "the effect")
        terminal.hang_up()
        terminal.process.wait(10)  # before the fixture ends what is below it
    folder = next((home / "state" / "runs").glob("*/a.1.do"))
    until(lambda: files.read_json(folder, files.EXIT) is not None, 10, "the end of the step")
    assert effects.read_text().split() == ["a", "a-over"]
    name = only_run(run)
    document = json.loads(run("runbook", "status", name, "--json").stdout)
    assert (document["state"], document["orphaned"]) == ("running", True)
    done = run("runbook", "adopt", name, "--reason", "alice lost her connection")
    assert (done.returncode, effects.read_text().split()) == (0, ["a", "a-over", "b"])
    assert "alice lost her connection" in run("runbook", "history", name).stdout
