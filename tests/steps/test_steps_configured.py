"""What the file says reaches the kinds: every kind is read from TOML and resolved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.runbooks.load import read_text
from artisan_tui.domain.runbooks.definition import KINDS, Step
from artisan_tui.steps.runbooks import step_kind
from artisan_tui.steps.runbooks.job import StepJob, read_job
from artisan_tui.steps.runbooks.protocol import Resolved, StepContext

STEPS = {
    "http": (
        'request = { method = "POST", url = "http://a/x", json = { a = [1, { b = true }] }, headers = { "Authorization" = "env:T" } }',
        "POST http://a/x",
    ),
    "command": ('run = ["echo", "a b"]\nenv = { TOKEN = "env:T" }', "echo 'a b'"),
    "compose": (
        'file = "compose.yaml"\nproject = "artisan"\nscale = { app = 5 }',
        "docker compose --file {folder}/compose.yaml --project-name artisan "
        + "up --detach --no-deps --no-recreate --scale app=5 app",
    ),
    "docker": ('restart = "api"\nstop_timeout = "30s"', "docker restart api"),
    "kubernetes": (
        'scale = { "deployment/api" = 8 }\nnamespace = "artisan"\ncontext = "prod"',
        "kubernetes scale deployment/api to 8 in artisan of prod",
    ),
    "helm": (
        'rollback = "api"\nnamespace = "artisan"\ntimeout = "2m"',
        "helm rollback api --namespace artisan --wait --timeout 120s (with --description RUN-1/one where this helm takes one)",
    ),
    "sql": (
        'database = "env:T"\nquery = "SELECT n FROM t WHERE a = :a"\nparams = { a = "x" }\nexpect = ["rows >= 1"]',
        "SELECT n FROM t WHERE a = :a with a=x",
    ),
    "measure": ('measure = { value = "queue", agg = "max" }\nexpect = ["value <= 5"]', "max(queue)"),
    "wait": (
        'until = { kind = "measure", measure = { value = "queue" }, expect = ["value <= 5"], within = "5m", every = "5s" }',
        "wait until value <= 5, for at most 5m: queue",
    ),
    "notify": ('to = ["ops", "L2"]\nmessage = "rolled back"', "notify ops, L2: rolled back"),
    "incident": (
        'create = { title = "Qwen fails", severity = "Sev2" }',
        "incident create a new one: Qwen fails",
    ),
    "silence": ('matchers = [\'alertname="A"\']\nfor = "10m"\ncomment = "why"', 'silence alertname="A" for 10m'),
    "manual": ('instructions = "Turn it"\nchecklist = ["a"]', "manual: Turn it"),
    "choice": (
        'question = "Which?"\noptions = [{ label = "a", goto = "next" }, { label = "b", goto = "end" }]',
        "choice: Which?",
    ),
    "runbook": ('runbook = { id = "other", params = { n = 3 } }', "runbook: other (n=3)"),
}


def read_step(kind: str) -> Step:
    text = f'[[runbook]]\nid = "r"\ntitle = "R"\n[[runbook.step]]\nid = "one"\nkind = "{kind}"\n{STEPS[kind][0]}\n'
    (found,) = read_text(text).runbooks
    return found.steps[0]


def resolved(kind: str, folder: Path) -> Resolved:
    step = read_step(kind)
    context = StepContext(
        run="RUN-1",
        step="one",
        folder=folder,
        mutates=step.mutates,
        capture=step.capture,
        metrics={"scrape": ["http://127.0.0.1:1/metrics"]},
        alertmanagers=("http://127.0.0.1:1",),
    )
    return step_kind(kind).plan(step.action, context)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_resolved_from_what_the_file_says(kind: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    act = resolved(kind, tmp_path)
    assert act.shown == STEPS[kind][1].replace("{folder}", str(tmp_path))
    assert act.mark == "RUN-1/one"
    again = read_job(json.loads(StepJob("act", act).to_json()))
    assert again.resolved.digest == act.digest
    assert "env:T" not in act.to_json().replace("⟦env:T⟧", "")


def test_every_kind_of_the_documentation_has_an_example() -> None:
    assert set(STEPS) == set(KINDS)
    values: Any = [read_step(kind).action.kind for kind in KINDS]
    assert values == list(KINDS)
