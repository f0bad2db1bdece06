"""Every rule of lint bites, with its mend, and what is written well is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.runbooks.lint import LintProblem, lint
from artisan_tui.config.runbooks.lint_finding import LintFacts
from artisan_tui.config.runbooks.load import Library, load_library, read_text
from artisan_tui.engine.runbooks.library import lint_library
from artisan_tui.sources.checks import KINDS
from support.runbooks import HEAD, book, step

FACTS = LintFacts("production", ("compose", "kubernetes"), {"llm.qwen"}, {"api-availability"})
ASK = {"confirm": '"ask"'}
UNDONE = {"rollback": '{ kind = "command", run = ["true"], verify = { kind = "command", run = ["true"] } }'}
SEEN = {"verify": '{ kind = "command", run = ["true"] }'}
SOUND = {**ASK, **UNDONE, **SEEN}
LOCKED = {"resources": '["deploy/api"]'}


def linted(text: str, facts: LintFacts = FACTS) -> list[LintProblem]:
    file = read_text(text)
    return list(lint(Library((file,), {each.id: each for each in file.runbooks}), facts))


def rules(text: str, facts: LintFacts = FACTS) -> set[str]:
    return {each.rule for each in linted(text, facts)}


def test_a_sound_runbook_has_no_finding() -> None:
    assert linted(HEAD + book(step(**SOUND), **LOCKED)) == []


def commands(line: str) -> str:
    """A step that runs a line, as a shell would be given it."""
    return book(step(shell=f"'''{line}'''", **SOUND), **LOCKED)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("pkill -f ppo_trainer", "broad-kill"),
        ("sudo killall python", "broad-kill"),
        ("ps aux | grep ppo | xargs kill -9", "broad-kill"),
        ("kill -9 -1", "broad-kill"),
        ("kill $(pgrep -f ppo_trainer)", "broad-kill"),
        ("alembic downgrade -1", "downgrade-relative"),
        ("docker compose exec app alembic downgrade -2", "downgrade-relative"),
        ("alembic downgrade base", "downgrade-base"),
        ("docker compose -f c.yml up -d --scale app=5", "compose-scale"),
        ("docker-compose up -d --scale app=5 worker", "compose-scale"),
        ("cat dump.sql | psql -U artisan artisan", "psql-errors"),
        ("psql artisan < dump.sql", "psql-errors"),
        ("kubectl --context prod rollout undo deployment/api", "rollout-undo"),
        ("helm rollback api", "helm-rollback"),
        ("helm rollback api --wait", "helm-rollback"),
        ("helm upgrade api ./chart", "helm-wait"),
        ("kubectl scale deployment api --replicas=8", "kubectl-context"),
        ("curl http://h/health", "curl-fail"),
        ('python -c "from x import get_trainer"', "other-interpreter"),
        ("rm -rf /", "remove-everything"),
        ("docker system prune -af", "docker-prune"),
        ("docker compose down -v", "docker-prune"),
        ("git push --force origin main", "force-push"),
        ("sleep 300", "sleep"),
        ("mysql --password=hunter22", "literal-secret"),
        ("PGPASSWORD=hunter22 pg_dump x", "literal-secret"),
        ("curl --fail -H 'Authorization: Bearer abcdefghij' http://h", "literal-secret"),
        ("pg_dump postgresql://u:hunter22@h/d", "literal-secret"),
        ("curl --fail -u admin:hunter22 http://h", "literal-secret"),
        ("mysql -uroot -phunter22 db", "literal-secret"),
        ("redis-cli -a hunter22 ping", "literal-secret"),
        ("sshpass -p hunter22 ssh h", "literal-secret"),
        ("ls", "shell"),
    ],
)
def test_a_trap_in_a_command_line_is_named_with_its_mend(line: str, rule: str) -> None:
    found = [each for each in linted(commands(line)) if each.rule == rule]
    assert found, linted(commands(line))
    assert all(each.problem.mend and each.problem.line for each in found)
    assert "hunter22" not in "".join(str(each.problem) for each in found)


@pytest.mark.parametrize(
    "line",
    [
        "systemctl stop ppo-trainer",
        "kill -TERM 4242",
        "alembic downgrade 3f2a9c",
        "docker compose -f c.yml up -d --no-deps --scale app=5 app",
        "psql -v ON_ERROR_STOP=1 --single-transaction -f dump.sql",
        "kubectl --context prod rollout undo deployment/api --to-revision=7",
        "helm rollback api 7 --wait --timeout 5m",
        "curl --fail http://h/health",
        "curl -fsS http://h/health",
        "rm -f /tmp/artisan.lock",
        "git push --force-with-lease origin fix",
        "mysql --password-file=/run/secrets/db",
        "PGPASSWORD=$DB_PASSWORD pg_dump x",
        "redis-cli -a $REDIS_PASSWORD ping",
        "mysql -p db",
    ],
)
def test_the_right_way_is_left_alone(line: str) -> None:
    assert rules(commands(line)) <= {"shell"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (book(step(**UNDONE, **SEEN), **LOCKED), "danger-confirm"),
        (book(step(irreversible="true", **ASK, **SEEN), **LOCKED), "irreversible-confirm"),
        (book(step(kind='"docker"', stop='"app"', **SEEN), **LOCKED), "danger-confirm"),
        (book(step(kind='"compose"', file='"c"', scale="{ app = 0 }", **SEEN), **LOCKED), "danger-confirm"),
        (book(step(**ASK, **SEEN), **LOCKED), "no-rollback"),
        (book(step(kind='"compose"', file='"c"', scale="{ app = 5 }", **ASK), **LOCKED), "unverified-scale"),
        (
            book(step(kind='"kubernetes"', scale='{ "deployment/a" = 5 }', context='"p"', **ASK), **LOCKED),
            "unverified-scale",
        ),
        (
            book(step(run='["kubectl", "--context", "p", "scale", "deploy/a"]', **ASK, **UNDONE), **LOCKED),
            "unverified-scale",
        ),
        (book(step(**ASK, **UNDONE), **LOCKED), "unverified"),
        (book(step(**SOUND), confirmations="2", **LOCKED), "confirm-count"),
        (book(step(**SOUND)), "no-resources"),
        (book(step(**SOUND), auto_rollback="true", **LOCKED), "auto-rollback"),
        (book(step(**SOUND), params='db_password = { type = "string" }', **LOCKED), "open-secret"),
        (book(step(unreviewed="true", **SOUND), **LOCKED), "unreviewed"),
        (book(step(kind='"manual"', instructions='"kubectl --context p delete pod x"')), "manual-mutates"),
        (book(step(kind='"manual"', instructions='"pkill -f ppo"', **ASK)), "broad-kill"),
        (book(step(kind='"sql"', database='"env:DB"', query='"update t set a = 1"')), "sql-writes"),
        (book(step(kind='"kubernetes"', restart='"deployment/a"', **ASK, **SEEN), **LOCKED), "no-context"),
        (
            book(
                step(run='["bash", "-c", "echo {{ params.n }}"]', **SOUND), params='n = { type = "string" }', **LOCKED
            ),
            "shell-values",
        ),
        (
            book(step(shell='"echo {{ params.n }}"', **SOUND), params='n = { type = "string" }', **LOCKED),
            "shell-values",
        ),
        (
            book(
                step(run='["ssh", "-p", "22", "h", "{{ params.n }}"]', **SOUND),
                params='n = { type = "string" }',
                **LOCKED,
            ),
            "shell-values",
        ),
        (
            book(step(run='["ssh", "{{ params.n }}", "ls", "x"]', **SOUND), params='n = { type = "string" }', **LOCKED),
            "ssh-host",
        ),
        (book(step(run='["x", "--token", "abcdefghij"]', **SOUND), **LOCKED), "literal-secret"),
        (book(step(run='["x", "{{ params.t }}"]', **SOUND), params='t = { type = "secret" }', **LOCKED), "template"),
        (book(step(when='"params.replica > 1"', **SOUND), params='replicas = { type = "int" }', **LOCKED), "template"),
        (book(step(run='["x", "{{ api }}"]', **SOUND), **LOCKED), "template"),
        (
            book(
                step(run='["x", "{{ steps.two.a }}"]', **SOUND),
                step("two", capture='{ a = "stdout" }', **SOUND),
                **LOCKED,
            ),
            "template",
        ),
        (
            book(
                step(verify='{ kind = "http", request = { method = "POST", url = "http://h" } }', **ASK, **UNDONE),
                **LOCKED,
            ),
            "verify-changes",
        ),
        (book(step(verify='{ kind = "docker", inspect = "app" }', **ASK, **UNDONE), **LOCKED), "expects-nothing"),
        (book(step(verify='{ kind = "compose", file = "c", ps = ["app"] }', **ASK, **UNDONE), **LOCKED), "empty-ps"),
        (book(step(mutates="false", **SOUND), **LOCKED), "idle-rollback"),
        (book(step(kind='"choice"', options='[{ label = "x", goto = "nowhere" }]')), "goto"),
        (book(step("a"), step("b", kind='"choice"', options='[{ label = "x", goto = "a" }]')), "goto"),
        (book(step(kind='"runbook"', runbook='{ id = "none" }', **SOUND), **LOCKED), "unknown-runbook"),
        (book(step(kind='"runbook"', runbook='{ id = "example" }', **SOUND), **LOCKED), "runbook-cycle"),
        (book(step(**SOUND), suggest_on='["check:llm.qwenn"]', **LOCKED), "unknown-reference"),
        (book(step(**SOUND), suggest_on='["slo:api"]', **LOCKED), "unknown-reference"),
        (book(step(**SOUND), targets='["moon"]', **LOCKED), "unknown-target"),
        (book(step(targets='["compose"]', **SOUND), **LOCKED), "no-steps"),
        (
            book(
                step("image", run='["helm", "rollback", "api", "7", "--wait"]', **SOUND),
                step("schema", run='["alembic", "downgrade", "3f2a"]', **SOUND),
                **LOCKED,
            ),
            "downgrade-order",
        ),
    ],
)
def test_a_rule_about_a_step_or_a_runbook_bites(text: str, rule: str) -> None:
    found = [each for each in linted(text) if each.rule == rule]
    assert found, [str(each.problem) for each in linted(text)]
    assert all(each.problem.mend and each.problem.line and each.problem.key.startswith("runbook") for each in found)


def test_rb_exec_case_22_a_relative_downgrade_is_an_error_and_the_order_of_image_and_schema_counts() -> None:
    relative = book(step(run='["alembic", "downgrade", "-1"]', **SOUND), **LOCKED)
    assert [each.error for each in linted(relative) if each.rule == "downgrade-relative"] == [True]
    right = book(
        step("schema", run='["alembic", "downgrade", "3f2a"]', **SOUND),
        step("image", run='["helm", "rollback", "api", "7", "--wait"]', **SOUND),
        **LOCKED,
    )
    assert "downgrade-order" not in rules(right)


def test_a_finding_names_the_line_of_its_key() -> None:
    text = book(step("a", **SOUND), step("b", **SOUND, when='"params.n > 1"'), **LOCKED)
    (found,) = [each for each in linted(text) if each.rule == "template"]
    assert found.problem.line == text.splitlines().index('when = "params.n > 1"') + 1
    assert (found.problem.file, found.problem.key) == ("runbooks.toml", "runbook.step.when")
    assert "b: there is no parameter params.n" in found.problem.what


def test_a_value_has_to_be_bound_at_every_place_where_the_step_runs() -> None:
    text = '[vars.compose]\nfile = "c.yml"\n' + book(step(run='["x", "{{ file }}"]', **SOUND), **LOCKED)
    (found,) = [each for each in linted(text) if each.rule == "template" and "kubernetes" in each.problem.what]
    assert "file is not bound at kubernetes" in found.problem.what
    only = '[vars.compose]\nfile = "c.yml"\n' + book(
        step(run='["x", "{{ file }}"]', targets='["compose"]', **SOUND), **LOCKED
    )
    assert "template" not in rules(only)


def test_an_undo_cannot_use_what_its_own_step_captures() -> None:
    """The undo is committed before the step runs."""
    undo = '{ kind = "command", run = ["x", "{{ steps.a.before }}"] }'
    text = book(step("a", confirm='"ask"', capture='{ before = "stdout" }', rollback=undo, **SEEN), **LOCKED)
    (found,) = [each for each in linted(text) if each.rule == "template"]
    assert "steps.a comes later" in found.problem.what


def test_what_is_not_reviewed_is_refused_in_production_only() -> None:
    text = book(step(unreviewed="true", **SOUND), **LOCKED)
    assert [each.error for each in linted(text)] == [True]
    assert [each.error for each in linted(text, LintFacts("staging"))] == [False]


def test_the_shipped_runbooks_ask_and_verify_at_every_place() -> None:
    for runbook in load_library([Path(__file__).parents[2] / "runbooks.toml"]):
        for target in runbook.targets or ("compose", "drill"):
            acts = [each for each in runbook.steps_at(target) if each.mutates and not each.by_hand]
            assert all(step.verify is not None for step in acts), (runbook.id, target)
            assert not acts or any(step.confirm != "none" for step in acts), (runbook.id, target)
            assert not acts or runbook.confirmations is not None, runbook.id
        assert not runbook.targets or "drill" in runbook.targets, runbook.id


def test_a_cause_suggests_one_runbook() -> None:
    """At 03:00 two suggestions for one cause are a riddle."""
    library = load_library([Path(__file__).parents[2] / "runbooks.toml"])
    causes = [cause for each in library for cause in each.suggest_on]
    assert sorted(causes) == sorted(set(causes))


def test_the_confirmations_are_counted_at_each_place() -> None:
    one = step("a", targets='["compose"]', **SOUND) + step("b", targets='["kubernetes"]', **SOUND)
    assert "confirm-count" not in rules(book(one, confirmations="1", **LOCKED))
    (found,) = [
        each
        for each in linted(book(one, step("c", **SOUND), confirmations="1", **LOCKED))
        if each.rule == "confirm-count"
    ]
    assert "has 2" in found.problem.what


@pytest.mark.parametrize("target", ["compose", "kubernetes", "helm", "drill"])
def test_lint_has_nothing_to_say_about_the_shipped_runbooks(target: str) -> None:
    """Not even a warning, whichever target is chosen: what a runbook names may be a check of another one."""
    top = Path(__file__).parents[2]
    config = load(top / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()}, target=target)
    found = lint_library(config, load_library(config.runbook_files))
    assert [f"{each.runbook}: {each.problem}" for each in found] == []
