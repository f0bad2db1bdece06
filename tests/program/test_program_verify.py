"""``runbook verify``: exit codes, what it prints, what is kept of it, and who says that nothing is verified."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from support.live_runs import CONFIG, book, effect_step
from support.program import Runner

GONE = '[[runbook.step]]\nid = "gone"\ntitle = "G"\nkind = "command"\nrun = ["no-such-program"]\nmutates = false\n'
OPEN = (
    '[[runbook.step]]\nid = "open"\ntitle = "O"\nkind = "command"\nrun = ["echo", "{{ params.n }}"]\nmutates = false\n'
)


@pytest.fixture
def effects(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EFFECTS", str(home / "effects"))
    return home / "effects"


def configured(home: Path, *books: str, more: str = "") -> None:
    (home / "artisan.toml").write_text(CONFIG.format(environment="staging", more=more))
    (home / "runbooks.toml").write_text("".join(books))


def states(run: Runner) -> dict[str, str]:
    listed = json.loads(run("runbook", "list", "--json").stdout)["runbooks"]
    return {each["id"]: each["verified"]["state"] for each in listed}


def doctor(run: Runner) -> list[tuple[bool | None, str]]:
    found = json.loads(run("doctor", "--json").stdout)["findings"]
    return [(each["ok"], each["said"]) for each in found if each["what"] == "runbooks"]


def test_verify_says_per_step_what_it_found_by_the_exit_codes_and_keeps_it(
    home: Path, run: Runner, effects: Path
) -> None:
    needs = 'n = { type = "int" }'
    configured(home, book(effect_step("a"), name="good"), book(GONE, name="bad"), book(OPEN, name="open", params=needs))
    assert doctor(run) == [(None, "no runbook is verified: there is no journal")]
    assert states(run) == dict.fromkeys(("good", "bad", "open"), "never")
    good = run("runbook", "verify", "good")
    assert (good.returncode, good.stdout.splitlines()) == (0, ["good: every step could be carried out", "  ok   a"])
    unknown = run("runbook", "verify", "open", "--json")
    document = json.loads(unknown.stdout)
    assert (unknown.returncode, document["ok"]) == (3, False)
    assert document["runbooks"][0]["steps"][0]["findings"][0]["mend"] == "give --param n=…"
    assert run("runbook", "verify", "open", "--param", "n=1").returncode == 0
    every = run("runbook", "verify", "--all", "--json")
    (bad,) = [each for each in json.loads(every.stdout)["runbooks"] if each["id"] == "bad"]
    assert (every.returncode, bad["state"], bad["steps"][0]["state"]) == (1, "failed", "failed")
    assert bad["steps"][0]["findings"] == [
        {
            "part": "do",
            "state": "failed",
            "what": "no-such-program is not installed, or may not be executed",
            "mend": "install it, or correct its path",
        }
    ]
    assert states(run) == {"good": "ok", "bad": "failed", "open": "unknown"}
    assert [ok for ok, _said in doctor(run)] == [False, None]
    assert "never" not in run("runbook", "list").stdout
    configured(home, book(effect_step("a"), effect_step("b"), name="good"))
    assert states(run) == {"good": "changed"}
    assert doctor(run) == [(None, "changed since it was verified: good")]
    assert (effects.exists(), run("audit", "verify").returncode) == (False, 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "no runbook 'nothing'; known: good"),
        (("good", "--target", "moon"), "no target 'moon'"),
        (("good", "--param", "x"), "write --param NAME=VALUE"),
        (("--all", "good"), "--all and ids exclude each other"),
        (("--param", "n=1"), "--param is for one runbook"),
    ],
)
def test_a_mistake_in_the_command_is_exit_2(home: Path, run: Runner, arguments: tuple[str, ...], said: str) -> None:
    configured(home, book(effect_step("a"), name="good"))
    done = run("runbook", "verify", *arguments)
    assert (done.returncode, said in done.stderr, done.stdout) == (2, True, ""), done.stderr


def test_a_viewer_and_a_read_only_session_look_and_keep_nothing(home: Path, run: Runner) -> None:
    configured(
        home, book(effect_step("a"), name="good"), more='[access]\nviewer = ["*"]\ncommander = ["nobody-here"]\n'
    )
    done = run("runbook", "verify")
    assert (done.returncode, "the result is not kept" in done.stderr) == (0, True)
    assert states(run) == {"good": "never"}
    configured(home, book(effect_step("a"), name="good"))
    assert run("--read-only", "runbook", "verify").returncode == 0
    assert states(run) == {"good": "never"}
    assert run("runbook", "verify").returncode == 0
    assert states(run) == {"good": "ok"}
    database = next((home / "state").glob("*.db"), None) or next((home / "state").glob("*.sqlite*"))
    with sqlite3.connect(database) as store:
        assert store.execute("SELECT count(*) FROM event WHERE kind = 'runbook.verified'").fetchone() == (1,)


def test_a_start_that_would_fail_is_refused_and_a_reason_insists(home: Path, run: Runner, effects: Path) -> None:
    configured(home, book(effect_step("a"), GONE))
    refused = run("runbook", "run", "example")
    assert (refused.returncode, "gone: no-such-program is not installed" in refused.stderr) == (1, True)
    assert (effects.exists(), states(run)) == (False, {"example": "failed"})
    started = run("runbook", "run", "example", "--despite", "it is there by then", "--json")
    document = json.loads(started.stdout)
    assert [each["state"] for each in document["steps"]] == ["succeeded", "failed"]
    assert effects.read_text().split() == ["a"]
