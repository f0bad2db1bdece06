"""`checklist` and `review` as a person and as a script use them: exit codes, JSON, questions at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

from support.program import Opener, Runner
from support.services import config_text, http_check, service

CHECKLISTS = """
[[checklist]]
id = "daily"
title = "Daily checks"
title_ko = "매일 정기 점검"
every = "day"
[[checklist.item]]
id = "web"
title = "The web answers"
verify = { kind = "check", checks = ["s.web"] }
[[checklist.item]]
id = "cost"
title = "Cost of the day"
evidence = true
"""


def written(home: Path, url: str) -> None:
    check = http_check("web", url, more='expect = ["status == 200"]\n')
    (home / "artisan.toml").write_text(config_text(check), encoding="utf-8")
    (home / "checklists").mkdir()
    (home / "checklists" / "own.toml").write_text(CHECKLISTS, encoding="utf-8")


def test_a_script_works_through_a_checklist_by_flags(home: Path, run: Runner) -> None:
    with service() as served:
        written(home, served.url)
        waiting = run("checklist", "run", "daily", "--json")
        assert waiting.returncode == 4, waiting.stderr
        document = json.loads(waiting.stdout)
        assert [(each["id"], each["state"], each["seen"]) for each in document["items"]] == [
            ("web", "done", "everything is up: s.web"),
            ("cost", "open", None),
        ]
        refused = run("checklist", "run", "daily", "--tick", "cost")
        assert (refused.returncode, "cost needs evidence" in refused.stderr) == (1, True)
        assert run("checklist", "run", "daily", "--skip", "cost").returncode == 2
        served.status = 500
        failed = run("checklist", "run", "daily", "--tick", "cost=41 USD", "--json")
        assert failed.returncode == 1
        assert json.loads(failed.stdout)["items"][0]["verified"] == "failed"
        served.status = 200
        done = run("checklist", "run", "daily", "--json")
        assert done.returncode == 0
        found = json.loads(done.stdout)
        assert (found["state"], found["done"], found["items"][1]["evidence"]) == ("complete", 2, "41 USD")
        listed = run("checklist", "list")
        assert (listed.returncode, "2/2  done" in listed.stdout) == (0, True)
        known = json.loads(run("checklist", "list", "--json").stdout)
        assert [each["id"] for each in known["defined"]] == ["daily"]


def test_refusals_name_what_there_is_and_the_mend(home: Path, run: Runner) -> None:
    written(home, "http://127.0.0.1:1/")
    assert "known: daily" in run("checklist", "run", "weekly").stderr
    assert run("checklist", "list", "weekly").returncode == 2
    assert run("--read-only", "checklist", "run", "daily").returncode == 1
    (home / "checklists" / "own.toml").write_text('[[checklist]]\nid = "x"\nevry = 1\n', encoding="utf-8")
    for command in (("checklist", "list"), ("config", "check")):
        broken = run(*command)
        assert broken.returncode == 2
        assert "own.toml:3: checklist.evry" in broken.stderr
        assert "Traceback" not in broken.stderr


def test_the_shipped_checklists_are_written_once(home: Path, run: Runner) -> None:
    (home / "artisan.toml").write_text(config_text('id = "d"\nkind = "disk"\npath = "/"\n'), encoding="utf-8")
    none = run("checklist", "list")
    assert (none.returncode, "checklist init" in none.stderr) == (0, True)
    assert run("checklist", "init", str(home / "lists")).returncode == 0
    assert {each.name for each in (home / "lists").iterdir()} == {
        *("oncall.toml", "operations.toml", "playbook.toml", "service.toml"),
    }
    assert run("checklist", "init", str(home / "lists")).returncode == 2


def test_a_tick_of_another_session_reaches_an_open_board(home: Path, run: Runner, board: Opener) -> None:
    with service() as served:
        written(home, served.url)
        with board(cols=80, rows=24) as open_board:
            open_board.wait_for("1 up", 20)
            open_board.send("8")
            open_board.wait_for("0/2   Daily checks", 10)
            assert run("checklist", "tick", "daily", "cost", "--evidence", "41 USD").returncode == 0
            open_board.wait_for("41 USD", 5)
            open_board.wait_for("1/2   Daily checks", 5)
            open_board.send("v")
            open_board.wait_for("2/2   Daily checks", 20)
            open_board.wait_for("everything is up: s.web", 5)


def test_at_a_terminal_it_asks_item_by_item(home: Path, run: Runner, board: Opener) -> None:
    with service() as served:
        written(home, served.url)
        with board("checklist", "run", "daily", cols=100, rows=30) as asking:
            asking.wait_for("2/2 Cost of the day", 20)
            asking.send("y\r")
            asking.wait_for("cost needs evidence", 10)
            asking.send("y 41 USD\r")
            asking.wait_for("[x] cost", 10)
            assert asking.wait_exit() == 0
    assert json.loads(run("checklist", "list", "--json").stdout)["checklists"][0]["state"] == "complete"


def test_reviews_are_markdown_and_json(home: Path, run: Runner) -> None:
    written(home, "http://127.0.0.1:1/")
    retro = run("review", "retro")
    assert (retro.returncode, retro.stdout.startswith("# Post-on-call retro")) == (0, True)
    assert json.loads(run("review", "retro", "--json").stdout)["incidents"] == []
    runbooks = run("review", "runbooks", "--month", "2026-11")
    assert (runbooks.returncode, runbooks.stdout.startswith("# Runbook review: 2026-11-01 00:00 KST")) == (0, True)
    assert json.loads(run("review", "runbooks", "--json").stdout)["runbooks"] == []
    for wrong in (("--month", "November"), ("--until", "2026-11-30T00:00:00Z"), ("--since", "yesterday")):
        assert run("review", "runbooks", *wrong).returncode == 2


def test_what_happens_opens_its_checklist(home: Path, run: Runner) -> None:
    (home / "artisan.toml").write_text(config_text('id = "d"\nkind = "disk"\npath = "/"\n'), encoding="utf-8")
    assert run("checklist", "init", str(home / "checklists")).returncode == 0
    for each in (home / "checklists").iterdir():  # what they name is the reference's
        lines = each.read_text("utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(("verify", "runbook"))]
        each.write_text("\n".join(kept), encoding="utf-8")
    assert run("maintenance", "declare", "s", "--for", "1h", "--reason", "new disks").returncode == 0
    declared = json.loads(run("maintenance", "list", "--json").stdout)["windows"][0]["id"]
    known = json.loads(run("checklist", "list", "post_maintenance", "--json").stdout)
    assert known["checklists"] == []
    assert run("maintenance", "end", declared, "--yes").returncode == 0
    incident = run("incident", "create", "--title", "결제 오류", "--severity", "Sev1", "--json")
    wanted = json.loads(incident.stdout)["id"]
    assert run("incident", "ack", wanted).returncode == 0
    assert run("incident", "resolve", wanted, "--resolution", "restarted").returncode == 0
    listed = json.loads(run("checklist", "list", "--json").stdout)["checklists"]
    found = {each["id"]: each for each in listed if each["about"]}
    assert found["post_maintenance"]["key"] == declared
    assert found["post_maintenance"]["about"] == "new disks"
    assert found["recovery"]["about"] == f"{wanted} 결제 오류"
    assert found["recovery"]["state"] == "open"
