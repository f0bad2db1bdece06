"""Steps from their plan to what is observed, with real processes: what the runner's planner and spawner are made of."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.runbooks.ports import Observed
from artisan_tui.engine.runbooks.attempt import Attempt, AttemptFailed
from artisan_tui.engine.runbooks.step_attempts import observed_step, start_step
from artisan_tui.engine.runbooks.step_plans import StepPlan, dry_of, evidence_of, planned_step, preflight_of
from artisan_tui.steps.runbooks.protocol import StepContext, Until
from support.kube_api import KubeApi, kube_api
from support.servers import until


def context(folder: Path, **more: Any) -> StepContext:
    return StepContext(**{"run": "RUN-1", "step": "one", "folder": folder, "mutates": True, **more})


def came_of(folder: Path, job: str, environ: dict[str, str] | None = None) -> Observed:
    start_step(folder, job, environ or dict(os.environ))
    until(lambda: observed_step(folder, job).state in ("exited", "lost"), 20, "the end of the attempt")
    return observed_step(folder, job)


def command(line: str) -> Action:
    return Action("command", {"run": ("/bin/sh", "-c", line)}, ("exit == 0",), 20.0)


def test_a_command_is_planned_started_and_observed(tmp_path: Path) -> None:
    plan = planned_step(command("echo hello; exit 3"), context(tmp_path), declared_undo=command("echo back"))
    assert plan.refused == ""
    assert "echo hello" in plan.shown
    assert "echo back" in plan.shown_undo
    assert observed_step(tmp_path / "a", plan.act).state == "not_started"
    seen = came_of(tmp_path / "a", plan.act)
    assert (seen.state, seen.outcome, seen.exit, seen.tail) == ("exited", "failed", 3, "hello\n")
    undone = came_of(tmp_path / "b", plan.undo)
    assert (undone.outcome, undone.tail) == ("ok", "back\n")


def test_the_digest_follows_the_act_and_its_files(tmp_path: Path) -> None:
    script = tmp_path / "s.sh"
    script.write_text("true")
    act = Action("command", {"run": ("sh", "s.sh")}, ("exit == 0",))
    one = planned_step(act, context(tmp_path))
    assert one.digest == planned_step(act, context(tmp_path)).digest
    script.write_text("false")
    assert one.digest != planned_step(act, context(tmp_path)).digest
    with pytest.raises(AttemptFailed, match="changed since"):
        start_step(tmp_path / "a", one.act, {})
    assert observed_step(tmp_path / "a", one.act).state == "not_started"


def test_a_missing_or_short_secret_starts_nothing(tmp_path: Path) -> None:
    body = {"run": ("true",), "env": {"TOKEN": "env:NO_SUCH_SECRET_HERE"}}
    plan = planned_step(Action("command", body, ()), context(tmp_path))
    with pytest.raises(AttemptFailed, match="NO_SUCH_SECRET_HERE is not set"):
        start_step(tmp_path / "a", plan.act, {})
    with pytest.raises(AttemptFailed):
        start_step(tmp_path / "b", plan.act, {"NO_SUCH_SECRET_HERE": "short"})
    assert observed_step(tmp_path / "b", plan.act).state == "not_started"


def test_a_verify_is_a_job_of_its_own(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    look = planned_step(
        command(f"test -e {mark}"), context(tmp_path, part="verify", mutates=False), until=Until(20, 0.05)
    )
    start_step(tmp_path / "v", look.act, dict(os.environ))
    mark.write_text("")
    until(lambda: observed_step(tmp_path / "v", look.act).state == "exited", 20)
    assert observed_step(tmp_path / "v", look.act).outcome == "ok"


def test_a_killed_step_of_our_own_is_unknown(tmp_path: Path) -> None:
    body = {"run": (sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)")}
    act = Action("command", body, ('stdout ~ "x"',), 60.0, 1.0)
    plan = planned_step(act, context(tmp_path))
    start_step(tmp_path / "a", plan.act, dict(os.environ))
    until(lambda: "begun" in Attempt(tmp_path / "a").output(), 20)
    assert Attempt(tmp_path / "a").kill()
    until(lambda: observed_step(tmp_path / "a", plan.act).state == "exited", 20)
    seen = observed_step(tmp_path / "a", plan.act)
    assert seen.outcome == "unknown"
    found = came_of(tmp_path / "e", evidence_of(plan.act, {}, time.time()))
    assert (found.outcome, found.verdict) == ("ok", "unsure")


def test_refusals_are_plans_that_say_why(tmp_path: Path) -> None:
    plan = planned_step(Action("http", {"request": {"url": "nowhere"}}), context(tmp_path))
    assert "no absolute http URL" in plan.refused
    assert plan.act == ""
    (finding,) = preflight_of(Action("http", {"request": {"url": "nowhere"}}), context(tmp_path))
    assert finding.ok is False


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with kube_api() as server:
        server.cluster.add("deployments", "api", replicas=3)
        monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path / "config")))
        yield server


def test_the_undo_is_resolved_from_what_was_there_before_the_act(api: KubeApi, tmp_path: Path) -> None:
    def replicas() -> int:
        return int(api.cluster.get("deployments", "artisan", "api")["spec"]["replicas"])

    def planned() -> StepPlan:
        body = {"scale": {"deployment/api": 8}, "namespace": "artisan"}
        return planned_step(Action("kubernetes", body, (), 20.0), context(tmp_path))

    plan = planned()
    assert json.loads(plan.before)["replicas"] == 3
    assert plan.shown_undo == "kubernetes scale deployment/api to 3 in artisan"
    assert came_of(tmp_path / "dry", dry_of(plan.act)).outcome == "ok"
    assert replicas() == 3
    assert came_of(tmp_path / "a", plan.act).outcome == "ok"
    assert replicas() == 8
    assert came_of(tmp_path / "e", evidence_of(plan.act, {}, time.time())).verdict == "happened"
    assert came_of(tmp_path / "u", plan.undo).outcome == "ok"
    assert replicas() == 3
    api.cluster.autoscale("api", 2, 10)
    refused = planned()
    assert refused.question
    assert "minReplicas = 8" in refused.refused
