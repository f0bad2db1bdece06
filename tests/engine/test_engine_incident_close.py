"""An incident is closed by what is true behind the write lock."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, decide
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents import decisions
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.transaction import incident_store
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def give(store: Store, command: str, **arguments: Any) -> str:
    """What the person is told."""
    present = Present(AT, "j.park", {}, {IncidentRules: IncidentRules(), OutsideAlerts: OutsideAlerts()})
    change = decide(COMMANDS[f"incident.{command}"], present, arguments).change
    assert change is not None
    return change(store).said


def is_down(store: Store, check_id: str, service: str) -> None:
    health = Health(State.DOWN, Reason.TIMEOUT, "no answer within 5 s", AT, AT)
    with store.writing() as transaction:
        store.part(CheckStore).put_statuses(transaction, [CheckStatus(check_id, service, "http", health)])


def test_its_runs_are_asked_where_no_run_can_start_before_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = StorePlace(tmp_path / "state")
    assert place.sqlite_path is not None
    asked: list[str] = []

    def somebody_else_starts_a_run(store: Store, incident: Incident) -> tuple[str, ...]:
        with (
            sqlite3.connect(str(place.sqlite_path), timeout=0) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")
        asked.append(incident.id)
        return ("RUN-1",)

    with Store.open(place) as store:
        give(store, "declare", title="Qwen is down", severity="Sev2")
        (incident,) = incident_store(store).open()
        monkeypatch.setattr(decisions, "open_runs", somebody_else_starts_a_run)
        with pytest.raises(CommandRefused, match="RUN-1 is not over"):
            give(store, "close", incident=incident.id)
    assert asked == [incident.id]


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ("llm", "resolved, but still down: llm.qwen"),
        ("LLM models", "resolved, but still down: llm.qwen"),
        ("", "resolved, but still down: db.ping, llm.qwen"),
        ("api", "resolved"),
    ],
)
def test_a_resolve_says_which_of_its_checks_are_still_down(tmp_path: Path, services: str, said: str) -> None:
    with Store.open(StorePlace(tmp_path / "state")) as store:
        give(store, "declare", title="Qwen is down", severity="Sev2", services=services)
        is_down(store, "llm.qwen", "LLM models")
        is_down(store, "db.ping", "PostgreSQL")
        (incident,) = incident_store(store).open()
        give(store, "acknowledge", incident=incident.id)
        told = give(store, "resolve", incident=incident.id, resolution="restarted")
    assert (
        ", ".join(sorted(told.removeprefix(f"{incident.id} ").partition(": ")[2].split(", ")))
        == said.partition(": ")[2]
    )
    assert told.startswith(f"{incident.id} {said.partition(':')[0]}")
