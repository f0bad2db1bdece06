"""Journals of finished runs of every release, folded alike for ever."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.domain.runbooks.fold import fold
from artisan_tui.domain.runbooks.run import read_run
from support.golden_runs import documents

FILES = sorted((Path(__file__).parent / "golden_runs").glob("*/*.json"))


def read_event(document: dict[str, object]) -> Event:
    at, recorded = (datetime.fromisoformat(str(document[key])) for key in ("at", "recorded_at"))
    body = document["body"]
    assert isinstance(body, dict)
    seq = document["seq"]
    assert isinstance(seq, int)
    return Event(
        at, str(document["actor"]), str(document["kind"]), str(document["subject"]), body, seq=seq, recorded_at=recorded
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_rb_exec_case_36_the_journal_of_an_earlier_release_is_folded_as_it_was(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    events = [read_event(each) for each in document["events"]]
    wanted = read_run(json.dumps(document["run"]))
    assert fold(each for each in events if each.subject == wanted.id) == wanted


def test_rb_exec_case_36_every_kind_of_event_and_every_end_is_in_them() -> None:
    texts = [json.loads(file.read_text("utf-8")) for file in FILES]
    kinds = {event["kind"] for each in texts for event in each["events"]}
    assert len(kinds) >= 20
    assert {each["run"]["state"] for each in texts} == {"succeeded", "failed", "aborted"}
    assert {each["run"].get("rollback_state", "none") for each in texts} >= {"none", "accepted", "declined", "offered"}


def test_what_is_written_today_is_what_the_newest_journals_say() -> None:
    """A change of what the runner writes needs a new folder beside the others; these files stay as they are."""
    newest = FILES[-1].parent
    for name, document in documents():
        assert json.loads((newest / f"{name}.json").read_text("utf-8")) == json.loads(json.dumps(document)), name
