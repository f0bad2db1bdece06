"""A document becomes runbooks whose steps nobody has reviewed; lint says what the document forgot."""

from __future__ import annotations

from collections import defaultdict

import pytest

from artisan_tui.config.runbooks.importing import NothingToImport, import_markdown
from artisan_tui.config.runbooks.lint import lint
from artisan_tui.config.runbooks.lint_finding import LintFacts
from artisan_tui.config.runbooks.load import Library, RunbookFile, read_text
from artisan_tui.config.runbooks.templates import Values, render
from support.seed_runbooks import SEED


def imported(text: str, name: str = "RUNBOOKS.md") -> RunbookFile:
    return read_text(import_markdown(text, name).toml)


def rules(file: RunbookFile, environment: str = "production") -> dict[str, dict[str, bool]]:
    """By runbook: the rules that found something, and whether it is an error."""
    library = Library((file,), {each.id: each for each in file.runbooks})
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for each in lint(library, LintFacts(environment)):
        found[each.runbook][each.rule] = each.error
    return found


def test_rb_case_30_the_import_of_the_runbook_document_reports_what_it_forgot() -> None:
    file = imported(SEED)
    found = rules(file)
    by_id = {each.id: each for each in file.runbooks}
    shipped = ["qwen_failure_downshift", "rl_reward_runaway_rollback", "api_high_latency_scaleup"]
    assert list(by_id)[:5] == [*shipped, "database_connection_failure", "cache_service_failure"]
    assert found["qwen_failure_downshift"]["confirm-count"]
    assert found["rl_reward_runaway_rollback"]["confirm-count"]
    assert found["rl_reward_runaway_rollback"]["broad-kill"]
    assert found["api_high_latency_scaleup"]["unverified-scale"]
    for name in ("qwen_failure_downshift", "rl_reward_runaway_rollback", "api_high_latency_scaleup"):
        assert found[name]["no-rollback"]
        assert found[name]["unreviewed"]
    qwen, rl = by_id["qwen_failure_downshift"], by_id["rl_reward_runaway_rollback"]
    assert (qwen.severity, qwen.expected, qwen.confirmations) == ("Sev2", 300.0, 1)
    assert (rl.severity, rl.confirmations, sum(step.confirm == "ask" for step in rl.steps)) == ("Sev3", 2, 1)
    assert all(step.kind == "manual" and step.unreviewed for each in file.runbooks for step in each.steps)


def test_every_fence_is_a_step_in_its_order_and_nothing_else_is() -> None:
    text = "# Restart\n\nText with `code`.\n\n```bash\nsystemctl restart api\n```\n\n1. Then look\n~~~\nls\n```\nstill\n~~~\n"
    (runbook,) = imported(text).runbooks
    assert [step.action.body["instructions"].strip() for step in runbook.steps] == [
        "systemctl restart api",
        "ls\n```\nstill",
    ]
    assert [step.title for step in runbook.steps] == ["Restart", "Restart: Then look"]
    assert [step.mutates for step in runbook.steps] == [True, False]
    assert (runbook.id, runbook.title) == ("restart", "Restart")


def test_what_stands_under_rollback_is_never_run_as_a_step_of_the_way_forward() -> None:
    text = "# A\n## Do\n```\nkubectl scale deploy/a --replicas=8\n```\n## Rollback\n```\nkubectl scale deploy/a --replicas=3\n```\n## After\n```\nls\n```\n"
    (runbook,) = imported(text).runbooks
    assert [step.when for step in runbook.steps] == ["", "false", ""]


def test_numbered_steps_count_where_there_is_no_fence() -> None:
    file = imported(SEED)
    database = next(each for each in file.runbooks if each.id == "database_connection_failure")
    assert [step.title for step in database.steps][:2] == ["Connection Pool 상태 확인", "Database 재시작 (필요 시)"]


def test_a_severity_of_another_scale_is_asked_and_not_guessed() -> None:
    made = import_markdown("# A\n**Severity:** P1\n```\nls\n```\n", "a.md")
    assert made.notes == ("a: P1 is of another scale: write severity = Sev1 to Sev4 yourself",)
    assert read_text(made.toml).runbooks[0].severity == ""


@pytest.mark.parametrize(
    "body",
    [
        "echo {{ secrets }} {% raw %}",
        "a = '''x'''",
        'tab\there\nand \\ "quotes"',
        "\u27e6env:HOME\u27e7",
        "it's '",
        "{{ '}}' }}",
    ],
)
def test_what_a_fence_says_stays_as_it_is_and_is_no_template(body: str) -> None:
    (runbook,) = imported(f"# A\n```\n{body}\n```\n").runbooks
    instructions = runbook.steps[0].action.body["instructions"]
    wanted = body.replace("\u27e6", "[").replace("\u27e7", "]")
    assert render(instructions, Values()).strip() == wanted.strip()
    assert "template" not in rules(imported(f"# A\n```\n{body}\n```\n"))["a"]


def test_a_document_without_steps_is_refused() -> None:
    with pytest.raises(NothingToImport, match="no fenced block"):
        import_markdown("# Nothing\n\nhere\n", "a.md")
