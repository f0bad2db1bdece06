"""Steps of kind helm, with a recording command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from artisan_tui.steps.runbooks.job import StepJob
from artisan_tui.steps.runbooks.protocol import Resolved, StepRefused
from support.program_stand_ins import StandIn, first_on_path, stand_in
from support.step_runs import captured, carried_out, evidence, resolved, result_of, started, undone

MARK = "RUN-20261130-120000/the_step"
CRD = "kind: CustomResourceDefinition\nmetadata: {name: queues.artisan.io}\n"


def history(*statuses: str, descriptions: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    said = (*descriptions, *("Upgrade complete",) * len(statuses))
    return [
        {"revision": number, "status": status, "description": said[number - 1], "chart": "api-1.0"}
        for number, status in enumerate(statuses, 1)
    ]


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = stand_in("helm", tmp_path / "bin")
    monkeypatch.setenv("PATH", first_on_path(made.folder))
    made.answer("rollback", out="Rollback was a success!\n")
    made.answer("upgrade", out="upgraded\n")
    made.answer("rollback", "--help", out="  --description string   add a custom description\n")
    made.answer("upgrade", "--help", out="  --description string\n")
    made.answer("get", "manifest", out="kind: Deployment\nmetadata: {name: api}\n")
    made.answer("version", out="v3.16.2+g13654a5\n")
    return made


def act(body: dict[str, Any], **more: Any) -> Resolved:
    return resolved("helm", {"namespace": "artisan", **body}, expect=("exit == 0",), timeout=120.0, **more)


def test_exec_case_10_the_deployed_revision_is_the_target_and_pending_is_confirmed_typed(
    helm: StandIn, tmp_path: Path
) -> None:
    helm.answer("history", out=history("deployed", "failed", "pending-upgrade"))
    step = act({"rollback": "api"})
    before = captured(step)
    assert (before["to"], before["deployed"], before["confirm"]) == (1, 1, "type")
    assert "revision 3 is pending-upgrade" in before["notes"][0]
    job = StepJob("act", step, before)
    assert result_of(job, started(job, tmp_path / "a")).outcome == "ok"
    assert helm.calls[-1] == [
        *("rollback", "api", "1", "--namespace", "artisan", "--wait", "--timeout", "120s", "--description", MARK)
    ]
    # What was not pending when it was confirmed is not overridden.
    refused = carried_out(step, {"latest": 3, "to": 1})
    assert refused["state"] == "failed"
    assert "nothing was run" in refused["why"]


@pytest.mark.parametrize(
    ("statuses", "to"),
    [
        (("superseded", "superseded", "deployed"), 2),
        (("superseded", "failed", "deployed"), 1),
        (("superseded", "deployed", "failed"), 2),
    ],
)
def test_a_failed_revision_is_never_the_target(helm: StandIn, statuses: tuple[str, ...], to: int) -> None:
    helm.answer("history", out=history(*statuses))
    assert captured(act({"rollback": "api"}))["to"] == to


@pytest.mark.parametrize(
    ("statuses", "descriptions", "verdict"),
    [
        (("superseded", "deployed"), ("a", "b"), "absent"),
        (("superseded", "superseded", "deployed"), ("a", "b", MARK), "happened"),
        (("superseded", "deployed", "pending-rollback"), ("a", "b", MARK), "unsure"),
        (("superseded", "superseded", "deployed"), ("a", "b", "by somebody else"), "unsure"),
        (("superseded", "superseded", "deployed"), ("a", "b", "Rollback to 1"), "happened"),
    ],
)
def test_exec_case_11_the_description_in_the_history_decides(
    helm: StandIn, statuses: tuple[str, ...], descriptions: tuple[str, ...], verdict: str
) -> None:
    helm.answer("history", out=history("superseded", "deployed"))
    step = act({"rollback": "api"})
    before = captured(step)
    helm.answer("history", out=history(*statuses, descriptions=descriptions))
    assert evidence(step, before).verdict == verdict
    assert not any(each[0] in ("rollback", "upgrade") and "--help" not in each for each in helm.calls)


def test_exec_case_12_a_definition_that_the_target_lacks_is_a_deletion(helm: StandIn) -> None:
    helm.answer("history", out=history("superseded", "deployed"))
    helm.answer("get", "manifest", "api", "--revision", "2", out=f"kind: Service\n---\n{CRD}")
    step = act({"rollback": "api"})
    before = captured(step)
    assert before["irreversible"] == ["CRD queues.artisan.io"]
    assert before["confirm"] == "type"
    shown = carried_out(step, does="dry")["why"]
    assert "deletion with all its objects, irreversible" in shown
    assert "irreversible" in str(carried_out(step, does="preflight")["findings"])


def test_an_upgrade_is_undone_by_the_revision_that_was_deployed(helm: StandIn, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("a: 1\n")
    helm.answer("history", out=history("superseded", "deployed", "failed"))
    body = {"upgrade": "api", "chart": "repo/api", "version": "1.2", "values": ("values.yaml",), "set": {"a": "1,2"}}
    step = act(body, folder=tmp_path)
    assert list(step.files) == [str(tmp_path / "values.yaml")]
    before = captured(step)
    assert carried_out(step, before)["state"] == "ok"
    assert helm.calls[-1][:3] == ["upgrade", "api", "repo/api"]
    assert "a=1\\,2" in helm.calls[-1]
    assert {"--wait", "--timeout", "--description"} <= set(helm.calls[-1])
    back = undone(step, before)
    assert back is not None
    assert back.request["revision"] == 2
    assert back.shown.startswith("helm rollback api 2 ")


def test_another_deployment_meanwhile_stops_it(helm: StandIn) -> None:
    helm.answer("history", out=history("superseded", "deployed"))
    step = act({"rollback": "api"})
    before = captured(step)
    helm.answer("history", out=history("superseded", "superseded", "deployed"))
    found = carried_out(step, before)
    assert "revision 2 was the latest and 3 is now: nothing was run" in found["why"]


def test_a_helm_without_descriptions_for_rollbacks_gets_none(helm: StandIn) -> None:
    helm.answer("history", out=history("superseded", "deployed"))
    helm.answer("rollback", "--help", out="  --wait\n")
    step = act({"rollback": "api"})
    assert step.shown.endswith("--wait --timeout 120s (with --description " + MARK + " where this helm takes one)")
    assert "takes no description for a rollback" in str(carried_out(step, does="preflight")["findings"])
    assert carried_out(step, captured(step))["state"] == "ok"
    assert "--description" not in helm.calls[-1]


def test_what_is_missing_is_named(helm: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helm.answer("history", err="Error: release: not found\n", code=1)
    assert "release: not found" in str(carried_out(act({"rollback": "api"}), does="preflight"))
    helm.answer("history", out=history("deployed"))
    assert "cannot be undone: no earlier revision ran well" in str(
        carried_out(act({"rollback": "api"}), does="preflight")
    )
    assert "not in the history, which has 1" in str(carried_out(act({"rollback": "api", "revision": 9})))
    helm.answer("version", out="v2.17.0")
    assert "helm 2.17.0 is too old" in carried_out(act({"rollback": "api"}))["why"]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "helm is not installed" in carried_out(act({"rollback": "api"}))["why"]
    with pytest.raises(StepRefused, match="no name of a release"):
        act({"rollback": "--all"})
