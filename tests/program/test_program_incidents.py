"""Incidents from the command line: from the declaration to the closed postmortem, as the runbooks of the seeds write it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from support.forked import ordinary, run_program
from support.program import Runner
from support.services import config_text, http_check

SEED = """{
  "title": "Qwen LLM Failure",
  "description": "Qwen model not responding to requests",
  "severity": "Sev2",
  "components": ["LLM", "Qwen"]
}"""


@pytest.fixture(autouse=True)
def configured(home: Path) -> None:
    (home / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")), encoding="utf-8")


def show(run: Runner, incident: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("incident", "show", incident, "--json").stdout)
    return document


def created(run: Runner, *arguments: str) -> str:
    done = run("incident", "create", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


def test_the_object_of_the_seeds_becomes_an_incident_in_the_form_of_the_contract(run: Runner) -> None:
    done = run("incident", "create", SEED, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert (document["title"], document["severity"], document["status"]) == ("Qwen LLM Failure", "Sev2", "declared")
    assert (document["services"], document["acknowledged_at"]) == (["LLM", "Qwen"], None)
    assert set(document["timeline"][0]) >= {"seq", "at", "recorded_at", "actor", "kind", "text", "supersedes"}
    assert set(document["deadlines"]) == {"acknowledge", "next_rung", "update", "lapses", "snooze", "postmortem"}
    assert document["postmortem"]["state"] == "not_required"
    assert run("incident", "ack", document["id"], "--responder", "alice").returncode == 0
    seen = show(run, document["id"])
    assert (seen["acknowledged_by"], seen["status"]) == ("alice", "acknowledged")
    assert seen["acknowledged_at"] is not None


def test_rb_case_24_a_sev1_goes_from_declared_to_closed_and_says_what_is_missing(run: Runner) -> None:
    wanted = created(run, "--title", "결제 장애", "--severity", "P0", "--services", "api,db", "--detected", "5m")
    assert run("incident", "status", wanted, "mitigated", "--text", "scaled up").returncode == 0
    assert run("incident", "assign", wanted, "bob", "--role", "scribe").returncode == 0
    assert run("incident", "resolve", wanted, "--resolution", "replicas doubled").returncode == 0
    refused = run("incident", "close", wanted)
    assert refused.returncode == 1
    assert "the root cause is missing; the postmortem has no owner" in refused.stderr
    assert run("incident", "root-cause", wanted, "connection pool").returncode == 0
    assert run("incident", "postmortem-state", wanted, "--owner", "bob", "--state", "draft").returncode == 0
    added = run("incident", "action", wanted, "--text", "watch the pool", "--kind", "detect", "--owner", "bob")
    assert added.returncode == 0
    assert run("incident", "close", wanted, "--text", "all good").returncode == 0
    document = show(run, wanted)
    assert document["status"] == "closed"
    assert document["postmortem"]["due"] is not None
    assert [item["text"] for item in document["postmortem"]["action_items"]] == ["watch the pool"]
    assert (document["investigating_at"], document["mitigating_at"]) == (None, None)
    text = run("incident", "show", wanted).stdout
    for words in ("Sev1", "결제 장애", "root cause: connection pool", "scaled up", "closed: all good"):
        assert words in text
    assert run("audit", "verify").returncode == 0


def test_rb_case_25_a_correction_at_the_command_line_keeps_both(run: Runner) -> None:
    wanted = created(run, "--title", "x", "--severity", "2", "--at", "2h")
    assert run("incident", "ack", wanted).returncode == 0
    document = show(run, wanted)
    (ack,) = [each for each in document["timeline"] if each["kind"] == "incident.acknowledged"]
    assert run("incident", "correct", wanted, str(ack["seq"]), "--at", "1h", "--reason", "by phone").returncode == 0
    after = show(run, wanted)
    assert after["acknowledged_at"] < document["acknowledged_at"]
    kinds = [(each["kind"], each["supersedes"]) for each in after["timeline"]][-2:]
    assert kinds == [("incident.acknowledged", None), ("incident.corrected", ack["seq"])]
    assert run("incident", "correct", wanted, "9999", "--at", "1h").returncode == 1


def test_inc_case_22_merged_incidents_read_as_one_and_come_apart(run: Runner) -> None:
    first, second = created(run, "--title", "a", "--severity", "2"), created(run, "--title", "b", "--severity", "3")
    assert first != second
    assert run("incident", "note", second, "disk full").returncode == 0
    assert run("incident", "merge", second, "--into", first).returncode == 0
    origins = {each["text"]: each["origin"] for each in show(run, first)["timeline"]}
    assert origins["disk full"] == second
    assert show(run, second)["merged_into"] == first
    listed = json.loads(run("incident", "list", "--json").stdout)["incidents"]
    assert [(each["id"], each["open"]) for each in listed] == [(first, True), (second, False)]
    refused = run("incident", "ack", second)
    assert (refused.returncode, f"merged into {first}" in refused.stderr) == (1, True)
    assert run("incident", "unmerge", second).returncode == 0
    assert show(run, second)["open"] is True


def test_what_is_wrong_is_said_and_has_its_exit_code(run: Runner) -> None:
    wanted = created(run, "--title", "x", "--severity", "low")
    for arguments, code, said in (
        (("create", "{not json"), 2, "no JSON object"),
        (("create", '["x"]'), 2, "no JSON object"),
        (("create", '{"title": "x", "sev": "2"}'), 2, "an incident has no sev; known: title"),
        (("create", "--title", "x"), 2, "needs a severity"),
        (("create", '{"title": 5, "severity": "Sev2"}'), 2, "title has to be text"),
        (("create", '{"title": "x", "severity": true}'), 2, "severity has to be text"),
        (("create", '{"title": "x", "severity": "Sev2", "drill": "false"}'), 2, "drill has to be true or false"),
        (("create", '{"title": "x", "severity": "Sev2", "drill": 1}'), 2, "drill has to be true or false"),
        (("create", '{"title": "x", "severity": "Sev2", "source": ["x"]}'), 2, "source has to be text"),
        (
            ("create", '{"title": "x", "severity": "Sev2", "components": [1]}'),
            2,
            "components has to be text, or a list",
        ),
        (("create", "--title", "x", "--severity", "urgent"), 2, "Sev1 to Sev4"),
        (("create", "--title", "x", "--severity", "Sev2", "--at", "someday"), 2, "is no time"),
        (("show", "INC-20200101-000000"), 1, "there is no incident"),
        (("ack", "INC-20200101-000000"), 1, "there is no incident"),
        (("status", wanted, "closed"), 2, "write one of acknowledged"),
        (("severity", wanted, "Sev1"), 2, "--reason"),
        (("snooze", wanted), 2, "for how long"),
        (("snooze", wanted, "--for", "soon"), 2, "not a duration"),
        (("note", wanted, "x", "--at", "tomorrowish"), 2, "is no time"),
        (("cancel", wanted, "--as", "false_positive"), 1, "needs to be confirmed"),
        (("correct", wanted, "1.5", "--at", "1h"), 2, "not a number"),
        (("ack", wanted, "--seen", "77"), 1, "look at it again"),
    ):
        done = run("incident", *arguments)
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), (
            arguments,
            done.stderr,
        )
    assert run("incident", "cancel", wanted, "--as", "false_positive", "--yes").returncode == 0
    assert run("--read-only", "incident", "list").returncode == 0
    assert run("--read-only", "incident", "ack", wanted).returncode == 1


def test_hostile_text_reaches_no_terminal(run: Runner) -> None:
    wanted = created(run, "--title", "\x1b]52;c;aGk=\x07title\x1b[31m", "--severity", "2")
    assert run("incident", "note", wanted, "[bold]\x1b[2Jnote\u202e").returncode == 0
    for output in (run("incident", "show", wanted).stdout, run("incident", "list").stdout, run("audit", "log").stdout):
        assert "\x1b" not in output
        assert "\u202e" not in output
    assert "[bold]note" in run("incident", "show", wanted).stdout


def test_without_a_session_it_is_said_that_nobody_is_paged_later(run: Runner) -> None:
    created(run, "--title", "x", "--severity", "2")
    listed = run("incident", "list")
    assert "start artisan-tui watch" in listed.stderr
    assert "artisan-tui watch" not in listed.stdout


def test_the_shell_completes_ids_and_says_nothing_when_it_cannot(run: Runner, home: Path) -> None:
    wanted = created(run, "--title", "x", "--severity", "2")

    def completed(*words: str) -> tuple[int, list[str], str]:
        line = {"COMP_WORDS": " ".join(("artisan-tui", *words)), "COMP_CWORD": str(len(words))}
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("ARTISAN", "XDG"))}
        asked = {**ours, **line, "_ARTISAN_TUI_COMPLETE": "complete_bash"}
        done = run_program(timeout=60, cwd=home, env=ordinary(asked))
        return done.returncode, done.stdout.split(), done.stderr

    places = ("--config", str(home / "artisan.toml"), "--state", str(home / "state"))
    assert completed(*places, "incident", "ack", "INC-") == (0, [wanted], "")
    assert completed(*places, "incident", "merge", wanted, "--into", "I") == (0, [wanted], "")
    assert completed("--config", "/nowhere", "incident", "show", "INC-") == (0, [], "")
    assert completed("inci") == (0, ["incident"], "")
