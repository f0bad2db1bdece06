"""The Qwen runbook in the demo, from fault to success, to the incident's timeline, to the rollback: as a newcomer does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from artisan_tui.engine.drills.stack import MESSAGES
from artisan_tui.engine.settings import reference
from support.forked import run_program
from support.terminal import Terminal


def said(state: Path, *arguments: str) -> dict[str, Any]:
    """What another terminal hears about the runs of the demo."""
    places = ("--config", str(reference("artisan.toml")), "--state", str(state))
    done = run_program(*places, "runbook", *arguments, "--json", cwd=state, timeout=30)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_newcomer_breaks_qwen_runs_its_runbook_and_rolls_it_back(tmp_path: Path) -> None:
    with Terminal(["--state", str(tmp_path), "demo"], size=(80, 24), cwd=tmp_path, forked=True) as board:
        board.wait_for("26 up", 30)
        board.press("b")
        board.wait_for("Qwen is down")
        board.press("enter")
        board.wait_for("ACTIVE")
        board.press("escape", "4")
        board.wait_for("suggested: ", 40)
        board.press("r")
        board.wait_for("Start a runbook")
        board.press("enter", "enter", "enter", "enter")
        board.wait_for("open_breaker waits for your yes", 20)
        board.press("r")  # confirm it exactly as it is shown
        board.wait_for("SUCCEEDED", 90)
        assert "went on after" not in board.screen_text()
        board.wait_for("queued for messages")
        board.wait_for("INC-")  # the run belongs to the incident that it declared
        board.press("U")
        board.wait_for("undone when")
        board.press("enter")
        board.wait_for("rolled back", 30)
        board.press("3")
        board.wait_for("Qwen LLM Failure - Dow")
        board.press("enter")
        board.wait_for("rolled back: every undo was done", 20)  # its run stands in its timeline
        board.press("q")
        board.wait_exit()
    (one,) = said(tmp_path, "history")["runs"]
    run = said(tmp_path, "status", one["run"])
    assert (run["state"], run["rollback_state"]) == ("succeeded", "done")
    assert {each["id"]: each["state"] for each in run["steps"]} == {
        "verify_failure": "succeeded",
        "open_breaker": "succeeded",
        "downshift_creative": "succeeded",
        "check_mistral": "succeeded",
        "check_llama": "succeeded",
        "check_latency": "succeeded",
        "restart_qwen": "skipped",
        "create_incident": "succeeded",
        "notify_on_call": "succeeded",
    }
    told = [json.loads(line)["notices"][0] for line in (tmp_path / MESSAGES).read_text().splitlines()]
    assert {"change", "page", "inform"} <= {each["purpose"] for each in told}
    assert next(each["to"] for each in told if each["purpose"] == "page") == ["operator"]
