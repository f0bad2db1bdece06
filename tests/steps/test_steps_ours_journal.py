"""Steps that tell people and write into our own journal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.settings import Overlay, read
from artisan_tui.steps.runbooks.job import StepJob
from support.our_steps import LENT
from support.step_runs import carried_out, evidence, resolved, result_of, started


@pytest.fixture
def options(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "artisan.toml"
    config.write_text(
        '[[service]]\nid = "a"\n[[service.check]]\nid = "c"\nkind = "command"\nrun = ["true"]\n'
        '[[notify]]\nid = "hook"\nkind = "webhook"\nurl = "env:HOOK"\n[[notify]]\nid = "other"\nkind = "webhook"\nurl = "env:HOOK"\n'
    )
    return {"config": str(config), "state": str(tmp_path / "state")}


def journal(options: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    def read(present: object, config: object, store: Any) -> list[tuple[str, dict[str, Any]]]:
        return [(each.kind, dict(each.body)) for each in store.journal.page(after=0)]

    asked = GlobalOptions(Path(options["config"]), Path(options["state"]))
    return with_journal(asked, read, read_only=True)


def test_a_message_is_queued_once_for_the_channel_that_is_named(options: dict[str, str]) -> None:
    act = resolved("notify", {"to": ("hook",), "message": "rolling back\nmore"}, options=options)
    assert carried_out(act, lent=LENT)["state"] == "ok"
    assert evidence(act, {}, lent=LENT).verdict == "happened"
    assert carried_out(act, lent=LENT)["state"] == "ok"
    queued = [body for kind, body in journal(options) if kind == "notify.queued"]
    assert [each["channel"] for each in queued] == ["hook"]
    assert queued[0]["title"] == "rolling back"
    other = resolved("notify", {"to": ("hook",), "message": "x"}, options=options, step="another")
    assert evidence(other, {}, lent=LENT).verdict == "absent"
    stranger = resolved("notify", {"to": ("pager",), "message": "x"}, options=options)
    assert "pager is no channel, no level and no person" in carried_out(stranger, lent=LENT)["why"]


PEOPLE = """
[[person]]
id = "alice"
contacts = { email = "alice@example.com" }
[[person]]
id = "bob"
contacts = { slack = "U1" }
[escalation]
levels = { L2 = ["bob"] }
[[rotation]]
id = "primary"
people = ["alice"]
from = 2025-01-03
[[notify]]
id = "first"
kind = "file"
path = "first.jsonl"
roles = ["L1"]
"""


def test_a_message_goes_to_whoever_is_on_call_to_a_level_or_to_a_person(options: dict[str, str]) -> None:
    config = Path(options["config"])
    config.write_text(config.read_text() + PEOPLE)
    for step, to in (("l1", ("L1",)), ("l2", ("L2", "other")), ("bob", ("bob",)), ("l4", ("L4",))):
        act = resolved("notify", {"to": to, "message": step}, options=options, step=step)
        assert carried_out(act, lent=LENT)["state"] == "ok"
        assert evidence(act, {}, lent=LENT).verdict == "happened"
    queued = [body for kind, body in journal(options) if kind == "notify.queued"]
    found = {
        title: sorted((each["channel"], tuple(each.get("to", ()))) for each in queued if each["title"] == title)
        for title in ("l1", "l2", "bob", "l4")
    }
    assert found["l1"] == [("first", ("alice",)), ("hook", ("alice",)), ("other", ("alice",))]
    assert found["l2"] == [("hook", ("bob",)), ("other", ("bob",))]
    assert found["bob"] == [("first", ("bob",)), ("hook", ("bob",)), ("other", ("bob",))]
    assert found["l4"] == [("hook", ()), ("other", ())]


def test_what_the_demo_lays_over_the_file_holds_for_its_steps(options: dict[str, str], tmp_path: Path) -> None:
    """The step writes in a process of its own, which reads the file anew."""
    over = Overlay(environment="drill", login="ford", messages=str(tmp_path / "messages.jsonl"))
    rules = RunRules()
    rules.configure(read(Path(options["config"]), over), over)
    told = rules.options(Path(options["state"]))
    act = resolved("notify", {"to": ("L1",), "message": "x"}, options=told)
    assert carried_out(act, lent=LENT)["state"] == "ok"
    (queued,) = [body for kind, body in journal(options) if kind == "notify.queued"]
    assert (queued["channel"], queued["by"], queued["to"]) == ("messages", "file", ["operator"])


def test_quicker_scrapes_leave_the_metrics_valid(options: dict[str, str]) -> None:
    """A step reads the table of the session anew; a timeout longer than the interval would be refused there."""
    path = Path(options["config"])
    path.write_text(path.read_text() + '[metrics]\nscrape = ["http://127.0.0.1:1/metrics"]\n')
    found = read(path, Overlay(every_at_most=2.0)).metrics
    assert found is not None
    assert Metrics.model_validate(found.model_dump(mode="json")) == found


def test_an_incident_is_declared_updated_and_resolved_once(options: dict[str, str]) -> None:
    create = resolved("incident", {"create": {"title": "Qwen fails", "severity": "Sev2"}}, options=options)
    found = carried_out(create, lent=LENT)
    assert found["state"] == "ok", found
    incident = found["hints"]["incident"]
    assert incident.startswith("INC-")
    assert carried_out(create, lent=LENT)["hints"]["incident"] == incident
    assert evidence(create, {}, lent=LENT).verdict == "happened"
    for step, body in (
        ("note", {"update": {"text": "downshifted"}}),
        ("done", {"resolve": {"resolution": "restarted"}}),
    ):
        act = resolved("incident", body, options=options, incident=incident, step=step)
        assert evidence(act, {}, lent=LENT).verdict == "absent"
        assert carried_out(act, lent=LENT)["state"] == "ok"
        assert evidence(act, {}, lent=LENT).verdict == "happened"
    kinds = [kind for kind, _ in journal(options) if kind.startswith("incident.")]
    assert kinds.count("incident.declared") == 1
    assert "incident.resolved" in kinds
    again = resolved("incident", {"create": {"title": "x", "severity": "Sev2"}}, options=options, incident=incident)
    assert carried_out(again, lent=LENT)["state"] == "ok"
    lost = resolved("incident", {"update": {"text": "x"}}, options=options)
    assert "the run has no incident" in carried_out(lost, lent=LENT)["why"]


def test_of_a_step_that_died_between_its_two_changes_the_other_one_is_still_written(options: dict[str, str]) -> None:
    create = resolved("incident", {"create": {"title": "Qwen fails", "severity": "Sev2"}}, options=options)
    incident = carried_out(create, lent=LENT)["hints"]["incident"]
    where: dict[str, Any] = {"options": options, "incident": incident, "step": "worse"}
    first = resolved("incident", {"update": {"severity": "Sev1", "text": "worse"}}, **where)
    both = resolved("incident", {"update": {"severity": "Sev1", "status": "mitigating", "text": "worse"}}, **where)
    assert carried_out(first, lent=LENT)["state"] == "ok"  # as far as it came
    assert evidence(both, {}, lent=LENT).verdict == "absent"
    assert carried_out(both, lent=LENT)["state"] == "ok"
    assert evidence(both, {}, lent=LENT).verdict == "happened"
    assert carried_out(both, lent=LENT)["state"] == "ok"
    kinds = [kind for kind, _ in journal(options)]
    assert (kinds.count("incident.severity"), kinds.count("incident.status")) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "body", "shown", "verdict"),
    [
        ("manual", {"instructions": "Turn the key", "checklist": ("a",)}, "manual: Turn the key", "absent"),
        ("choice", {"question": "Which?", "options": ({"label": "a", "goto": "end"},)}, "choice: Which?", "absent"),
        # Asked only of a run that the database lost.
        ("runbook", {"runbook": {"id": "other", "params": {"n": 3}}}, "runbook: other (n=3)", "unsure"),
    ],
)
def test_what_no_process_does_is_shown_and_not_run(kind: str, body: dict[str, Any], shown: str, verdict: str) -> None:
    act = resolved(kind, body)
    assert act.shown == shown
    found = carried_out(act)
    assert found["state"] == "failed"
    assert "does this" in found["why"]
    assert evidence(act, {}).verdict == verdict


def test_the_overhead_of_a_step_is_small(tmp_path: Path) -> None:
    job = StepJob("act", resolved("wait", {"for": 0}))
    begun = time.monotonic()
    assert result_of(job, started(job, tmp_path / "a")).outcome == "ok"
    assert time.monotonic() - begun < 10  # a bound for a busy machine; bench measures it
