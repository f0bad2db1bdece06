"""Reports, exports, messages, postmortems and the search of incidents from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.notify_engine import slack
from support.program import Runner
from support.services import config_text, http_check

TOKEN = "T0123/B0456/aVerySecretToken99"


@pytest.fixture(autouse=True)
def configured(home: Path) -> None:
    (home / "hook").write_text(f"https://hooks.slack.com/services/{TOKEN}")
    (home / "hook").chmod(0o600)
    channel = slack().replace("env:SLACK", "file:hook")
    (home / "artisan.toml").write_text(
        config_text(http_check("web", "http://127.0.0.1:1/")) + channel, encoding="utf-8"
    )


def created(run: Runner, title: str = "Qwen LLM failure", severity: str = "Sev1") -> str:
    done = run("incident", "create", "--title", title, "--severity", severity, "--services", "llm")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0]


def worked(run: Runner) -> str:
    wanted = created(run)
    for words in (
        ("ack", wanted),
        ("note", wanted, f"posted to https://hooks.slack.com/services/{TOKEN}, CUDA OOM on node 3"),
        ("status", wanted, "mitigating", "--text", "restarting"),
        ("resolve", wanted, "--resolution", "restarted the pool"),
        ("root-cause", wanted, "GPU memory"),
    ):
        done = run("incident", *words)
        assert done.returncode == 0, done.stderr
    return wanted


def test_an_export_is_the_same_twice_holds_no_secret_and_carries_a_head_that_verifies(run: Runner) -> None:
    wanted = worked(run)
    for form in ("markdown", "json"):
        first = run("incident", "export", wanted, "--format", form)
        created(run, "another one", "Sev4")
        second = run("incident", "export", wanted, "--format", form)
        assert (first.returncode, first.stdout) == (0, second.stdout)
        assert "aVerySecretToken99" not in first.stdout
        assert "CUDA OOM" in first.stdout
    head = json.loads(first.stdout)["head"]
    assert head in run("incident", "export", wanted).stdout
    assert run("audit", "verify", "--head", head).returncode == 0
    korean = run("incident", "export", wanted, "--language", "ko").stdout
    assert "타임라인" in korean or "## " in korean
    assert korean != run("incident", "export", wanted).stdout


def test_a_report_counts_what_was_declared_in_a_time(run: Runner) -> None:
    wanted = worked(run)
    said = run("incident", "report")
    assert said.returncode == 0
    assert wanted in said.stdout
    document = json.loads(run("incident", "report", "--since", "1h", "--json").stdout)
    assert document["severities"]["Sev1"]["incidents"] == 1
    earlier = json.loads(run("incident", "report", "--since", "3d", "--until", "1d", "--json").stdout)
    assert earlier["severities"].get("Sev1", {"incidents": 0})["incidents"] == 0


def test_a_search_finds_words_in_both_languages_in_all_incidents_or_in_one(run: Runner) -> None:
    first, second = created(run, "결제 서버 장애"), created(run, "queue is long")
    assert run("incident", "note", second, "disk of node 7 is full").returncode == 0
    assert run("incident", "note", first, "node 7 restarted").returncode == 0
    found = json.loads(run("incident", "search", "node", "7", "--json").stdout)["events"]
    assert [each["subject"] for each in found] == [first, second]
    assert [each["subject"] for each in json.loads(run("incident", "search", "결제", "--json").stdout)["events"]][
        -1
    ] == first
    lines = run("incident", "search", "node 7", "--incident", second).stdout.splitlines()
    assert len(lines) == 1
    assert "disk of node 7 is full" in lines[0]
    nothing = run("incident", "search", "nowhere")
    assert (nothing.returncode, nothing.stdout) == (0, "")


def test_a_message_asks_for_what_nobody_said_and_is_recorded_or_queued_when_it_is_whole(run: Runner) -> None:
    wanted = created(run)
    said = run("incident", "comms", wanted, "start")
    assert said.returncode == 0
    assert "[impact: error rate, latency, failed jobs?]" in said.stdout
    assert "still open" in said.stderr
    refused = run("incident", "comms", wanted, "start", "--record")
    assert refused.returncode == 1
    assert "--field impact, action" in refused.stderr
    whole = ("--field", "impact=creative jobs fail", "--field", "scope=llm", "--field", "action=restart")
    sent = run("incident", "comms", wanted, "start", *whole, "--send", "ops", "--to", "support")
    assert sent.returncode == 0, sent.stderr
    assert "no session is running" in sent.stderr
    assert "Incident started" in sent.stdout
    document = json.loads(run("incident", "show", wanted, "--json").stdout)
    kinds = [each["kind"] for each in document["timeline"]]
    assert kinds.count("incident.informed") == 1
    (queued,) = [
        each for each in json.loads(run("notify", "outbox", "--json").stdout)["messages"] if each["purpose"] == "comms"
    ]
    assert queued["channel"] == "ops"
    assert run("incident", "comms", wanted, "start", *whole, "--send", "nobody").returncode == 1
    korean = run("incident", "comms", wanted, "update", "--language", "ko", "--json")
    assert json.loads(korean.stdout)["language"] == "ko"
    assert run("audit", "verify").returncode == 0


def test_a_postmortem_is_drafted_and_moved_on(run: Runner) -> None:
    wanted = worked(run)
    draft = run("incident", "postmortem", wanted, "--draft")
    assert draft.returncode == 0
    assert "Blameless" in draft.stdout
    assert "GPU memory" in draft.stdout
    assert "aVerySecretToken99" not in draft.stdout
    assert run("incident", "postmortem", wanted, "--state", "draft", "--owner", "bob").returncode == 0
    document = json.loads(run("incident", "postmortem", wanted, "--json").stdout)
    assert (document["state"], document["owner"]) == ("draft", "bob")
    assert "bob" in run("incident", "postmortem", wanted).stdout


def test_what_is_wrong_is_said_and_has_its_exit_code(run: Runner) -> None:
    wanted = created(run)
    for arguments, code, said in (
        (("export", "INC-20200101-000000"), 1, "there is no incident"),
        (("export", wanted, "--format", "pdf"), 2, "markdown or json"),
        (("export", wanted, "--language", "fr"), 2, "en or ko"),
        (("report", "--since", "soonish"), 2, "is no time"),
        (("report", "--since", "1d", "--until", "2d"), 2, "before --until"),
        (("comms", wanted, "middle"), 2, "write one of start, update, end, block"),
        (("comms", wanted, "start", "--field", "colour=red"), 2, "impact, scope"),
        (("postmortem", wanted, "--state", "lost"), 2, "write one of"),
        (("postmortem", wanted, "--draft", "--owner", "bob"), 2, "changes nothing"),
        (("search", " "), 2, "at least one word"),
        (("search", "x", "--incident", "INC-1"), 1, "there is no incident"),
    ):
        done = run("incident", *arguments)
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), (
            arguments,
            done.stderr,
        )


def test_doctor_says_whom_a_group_stands_for(run: Runner, home: Path) -> None:
    import grp
    import os
    import pwd

    login, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    person = f'[[person]]\nid = "me"\nlogins = ["{login}"]\ncontacts = {{ phone = "1" }}\n'
    levels = f'[escalation]\nlevels = {{ L1 = ["group:{group}"], L2 = ["group:nobody-here"] }}\n'
    path = home / "artisan.toml"
    path.write_text(path.read_text() + person + levels, encoding="utf-8")
    found = {each["what"]: each for each in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert (found["escalation L1"]["ok"], "stands for me" in found["escalation L1"]["said"]) == (True, True)
    assert (found["escalation L2"]["ok"], "no group nobody-here" in found["escalation L2"]["said"]) == (False, True)


def test_doctor_says_beforehand_that_nobody_is_on_call(run: Runner, home: Path) -> None:
    path = home / "artisan.toml"
    before = path.read_text()

    def said(more: str) -> tuple[bool | None, str]:
        path.write_text(before + more, encoding="utf-8")
        found = {each["what"]: each for each in json.loads(run("doctor", "--json").stdout)["findings"]}
        return found["on call"]["ok"], found["on call"]["said"]

    person = '[[person]]\nid = "me"\ncontacts = { phone = "1" }\n'
    assert said("")[1] == (
        "nobody is on call now at any level (L1, L2, L3, L4): a page goes to the fallback channels only"
    )
    assert said(person)[0] is False
    ok, text = said(person + '[escalation]\nlevels = { L1 = ["me"], L3 = ["me"] }\n')
    assert (ok, text) == (None, "nobody is on call now at L2, L4: a page goes on to the next level at once")
    assert said(person + '[escalation]\nladder = ["L1"]\nlevels = { L1 = ["me"] }\n')[0] is True
