"""Runbooks on the command line: listed, shown, linted, exported and imported, with the exit codes of the contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support import golden_runs
from support.program import Runner
from support.run_line import sim_book, sim_step
from support.run_simulation import Drive
from support.run_world import RUN
from support.runbooks import HEAD, book, step
from support.services import config_text, http_check

SOUND = book(
    step(
        "restart",
        run='["systemctl", "restart", "api"]',
        confirm='"ask"',
        restores_itself="true",
        verify='{ kind = "http", request = { url = "{{ api }}/health" }, expect = ["status == 200"] }',
    ),
    name="restart_api",
    resources='["api"]',
)


@pytest.fixture
def configured(home: Path) -> Path:
    (home / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")), encoding="utf-8")
    (home / "runbooks.toml").write_text(HEAD + SOUND, encoding="utf-8")
    return home


def test_runbooks_are_listed_shown_and_linted(configured: Path, run: Runner) -> None:
    listed = json.loads(run("runbook", "list", "--json").stdout)["runbooks"]
    assert [(each["id"], each["steps"]) for each in listed] == [("restart_api", 1)]
    assert "restart_api" in run("runbook", "list").stdout
    shown = run("runbook", "show", "restart_api")
    assert (shown.returncode, "systemctl restart api" in shown.stdout) == (0, True)
    document = json.loads(run("runbook", "show", "restart_api", "--json").stdout)
    assert document["definition"] == listed[0]["definition"]
    done = run("runbook", "lint")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 runbooks, 0 errors" in done.stderr


def test_lint_says_where_what_and_the_mend_and_exits_with_1(configured: Path, run: Runner) -> None:
    bad = SOUND.replace('["systemctl", "restart", "api"]', '["pkill", "-f", "ppo_trainer"]').replace(
        "{{ api }}", "{{ ap }}"
    )
    (configured / "runbooks.toml").write_text(HEAD + bad, "utf-8")
    done = run("runbook", "lint", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert {each["rule"] for each in document["findings"]} == {"broad-kill", "template"}
    assert all(each["line"] and each["mend"] and each["key"] for each in document["findings"])
    text = run("runbook", "lint", "restart_api")
    assert (text.returncode, "runbooks.toml:9" in text.stdout, "[broad-kill]" in text.stdout) == (1, True, True)


def test_a_mistake_in_the_file_is_a_configuration_error(configured: Path, run: Runner) -> None:
    (configured / "runbooks.toml").write_text(HEAD + SOUND.replace("confirm =", "confrim ="), "utf-8")
    checked = run("config", "check")
    assert (checked.returncode, "did you mean `confirm`?" in checked.stderr) == (2, True)
    for verb in (("list",), ("lint",), ("show", "restart_api"), ("export", "restart_api")):
        done = run("runbook", *verb)
        assert done.returncode == 2
        assert "did you mean `confirm`?" in done.stderr
        assert "Traceback" not in done.stderr
    (configured / "runbooks.toml").write_text(HEAD + SOUND, "utf-8")
    assert "1 check, 1 runbook" in run("config", "check").stdout
    unknown = run("runbook", "show", "restart")
    assert (unknown.returncode, "no runbook 'restart'; known: restart_api" in unknown.stderr) == (2, True)
    assert run("runbook", "show", "restart_api", "--target", "moon").returncode == 2


def test_without_a_file_there_are_no_runbooks_but_a_named_file_must_exist(configured: Path, run: Runner) -> None:
    (configured / "runbooks.toml").unlink()
    assert run("runbook", "list", "--json").stdout.split() == ["{", '"runbooks":', "[]", "}"]
    config = configured / "artisan.toml"
    config.write_text('runbooks = ["mine.toml"]\n' + config.read_text("utf-8"), "utf-8")
    refused = run("runbook", "list")
    assert (refused.returncode, "mine.toml" in refused.stderr) == (2, True)


def test_a_runbook_goes_out_as_markdown_and_a_document_comes_in_as_unreviewed_steps(
    configured: Path, run: Runner
) -> None:
    exported = run("runbook", "export", "restart_api")
    assert exported.returncode == 0
    assert "```bash\nsystemctl restart api\n```" in exported.stdout
    assert "**Runbook ID:** `restart_api`" in exported.stdout
    (configured / "old.md").write_text("# Old\n```bash\nkubectl scale deploy/api --replicas=8\n```\n", "utf-8")
    made = run("runbook", "import", "old.md")
    assert (made.returncode, "old: 1 unreviewed step\n" in made.stderr) == (0, True)
    (configured / "runbooks.toml").write_text(made.stdout, "utf-8")
    linted = json.loads(run("runbook", "lint", "--json").stdout)
    assert {"unreviewed", "no-rollback", "unverified-scale"} <= {each["rule"] for each in linted["findings"]}
    assert run("runbook", "import", "none.md").returncode == 2
    (configured / "empty.md").write_text("# Nothing\n", "utf-8")
    assert run("runbook", "import", "empty.md").returncode == 2


def test_the_schema_of_runbooks_is_printed(run: Runner) -> None:
    assert json.loads(run("config", "schema", "--runbooks").stdout)["title"] == "runbooks.toml"


def remember(home: Path, *drives: Drive) -> None:
    """Put finished runs into the store of this home, each under an id of its own."""
    with Store.open(StorePlace(home / "state")) as store:
        for number, drive in enumerate(drives):
            entries = [
                Entry(e.occurred_at, e.actor, e.kind, f"RUN-{number}" if e.subject == RUN else e.subject, e.body)
                for e in drive.line.events
            ]
            for each in entries:
                store.append([each], at=drive.line.now)


def test_rb_case_07_the_record_of_a_run_has_every_step_with_its_reason(configured: Path, run: Runner) -> None:
    remember(configured, golden_runs.approved_and_aborted())
    document = json.loads(run("runbook", "status", "RUN-0", "--json").stdout)
    assert (document["state"], document["rollback_state"]) == ("aborted", "offered")
    assert [each["state"] for each in document["steps"]] == [
        "succeeded",
        "skipped",
        "succeeded",
        "skipped",
        "cancelled",
    ]
    assert {
        "id",
        "kind",
        "state",
        "attempt",
        "exit",
        "started_at",
        "finished_at",
        "captures",
        "output_tail",
    } <= document["steps"][0].keys()
    exported = run("runbook", "export", "RUN-0")
    assert exported.returncode == 0
    assert "not needed today" in exported.stdout
    assert "c approved by bob" in exported.stdout
    assert "its host is gone" in exported.stdout
    assert run("runbook", "export", "RUN-9").returncode == 1


def test_the_exit_code_of_status_says_how_it_is(configured: Path, run: Runner) -> None:
    waiting = Drive(sim_book(sim_step("a", confirm="ask"), id="waits"))
    waiting.go()
    unknown = Drive(sim_book(sim_step("a"), id="lost"))
    unknown.world.script = {"a.1.do": "lost", "evidence": "unsure"}
    unknown.go()
    remember(configured, golden_runs.succeeded(), golden_runs.rolled_back(), waiting, unknown)
    for number, (code, said) in enumerate(
        ((0, "succeeded"), (1, "b: by hand  manual"), (4, "would run: do a"), (3, "unknown"))
    ):
        done = run("runbook", "status", f"RUN-{number}")
        assert (done.returncode, said in done.stdout) == (code, True), done.stdout
    refused = run("runbook", "status", "RUN-9")
    assert (refused.returncode, "there is no run RUN-9" in refused.stderr) == (1, True)


def test_the_history_lists_runs_and_how_they_ended(configured: Path, run: Runner) -> None:
    remember(configured, golden_runs.succeeded(), golden_runs.dry())
    document = json.loads(run("runbook", "history", "example", "--json").stdout)
    assert {(each["run"], each["mode"], each["state"]) for each in document["runs"]} == {
        ("RUN-1", "dry", "succeeded"),
        ("RUN-0", "live", "succeeded"),
    }
    assert (document["statistics"]["runs"], document["statistics"]["succeeded"]) == (1, 1.0)
    assert "  dry  succeeded" in run("runbook", "history").stdout
    assert (
        run("runbook", "history", "other").stderr.strip(),
        json.loads(run("runbook", "history", "other", "--json").stdout)["runs"],
    ) == ("no runs yet", [])
