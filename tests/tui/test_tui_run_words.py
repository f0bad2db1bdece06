"""What the screens of runs say is true, and in the language of the reader; other people's words stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.runbooks.events import RunAnswered, RunAsked
from artisan_tui.engine.command import Command
from artisan_tui.i18n import use_language
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.runbooks.words import by_hand_text, evidence_text
from artisan_tui.tui.runbooks.place import PLACES
from artisan_tui.tui.runbooks.starting import form_of
from support.run_host import RunHost, RunScene, downshift
from support.run_line import NOON, sim_book, sim_step
from support.run_world import RUN
from support.screens import settled, show, visible
from support.snapshots import make_app, scene, session_status, snapshot


@pytest.fixture
def _korean() -> Iterator[None]:
    use_language("ko")
    yield
    use_language("en")


@pytest.mark.usefixtures("_korean")
def test_why_a_runbook_is_suggested_is_read_in_korean_and_the_summary_of_an_alert_as_it_was_written() -> None:
    down = evidence_text("llm.qwen is down: status 503, expected == 200 (3 in a row)")
    assert "상태 코드 503, 기대 조건 == 200" in down
    assert " is down: status" not in down
    summary = "Qwen model is unhealthy"
    assert evidence_text(f"alert QwenModelUnhealthy fires: {summary}").endswith(f": {summary}")
    burning = "alert API availability fires (page)"
    assert "API availability" in evidence_text(burning)


@pytest.mark.parametrize("text", ["llm.qwen is down: no answer (3 in a row)", "alert A fires: it burns", "other words"])
def test_in_english_the_evidence_is_what_the_journal_says(text: str) -> None:
    assert evidence_text(text) == text


def form(production: bool, *confirm: str) -> Command:
    steps = tuple(sim_step(f"s{n}", confirm=each, mutates=True) for n, each in enumerate(confirm))
    book = sim_book(*steps)
    entry = replace(RunScene().entries()[0], runbook=book, targets=("drill", "live"), target="drill")
    return form_of(entry, production)


@pytest.mark.usefixtures("_korean")
def test_a_place_and_a_mode_are_ids_and_are_not_translated() -> None:
    titles = {each.name: each.title for each in form(False, "ask").parameters}
    assert titles["target"].endswith(": drill, live")
    assert titles["mode"].endswith(": live, dry, drill")


def test_steps_that_run_unasked_are_named_before_the_start() -> None:
    assert form(False, "ask", "type").help == "Step by step; what it changes is asked about first"
    assert form(False, "ask", "none").help.endswith("run unasked: s1")


def test_steps_of_another_place_are_not_named() -> None:
    here, elsewhere = (
        sim_step(f"at_{place}", confirm="none", mutates=True, targets=(place,)) for place in ("drill", "live")
    )
    entry = replace(
        RunScene().entries()[0], runbook=sim_book(here, elsewhere), targets=("drill", "live"), target="live"
    )
    assert form_of(entry).help.endswith("At live, these change something and run unasked: at_live")


def test_a_key_of_the_run_has_no_word_of_another_screen() -> None:
    hints = {action.hint for place in PLACES for action in place.actions}
    assert "next" not in hints  # of a maintenance window


def test_an_undo_by_hand_says_so_once() -> None:
    step = sim_step("a", mutates=True, rollback=None)
    assert by_hand_text(step) == "by hand: no rollback is declared"
    assert by_hand_text(None) == "by hand"


def stored(body: Body) -> Event:
    entry = body.entry(NOON, "alice", RUN)
    return Event(entry.occurred_at, entry.actor, entry.kind, entry.subject, entry.body)


@pytest.mark.parametrize(
    ("what", "outcome", "said"),
    [
        ("manual", "done", "a done by hand"),
        ("undo", "done", "undo of a done by hand"),
        ("undo", "failed", "undo of a failed: no"),
    ],
)
def test_the_answer_about_an_undo_is_not_said_of_the_step(what: str, outcome: str, said: str) -> None:
    body = RunAnswered(step="a", what=what, outcome=outcome, reason="no" if outcome == "failed" else "")
    assert event_text(stored(body)) == said


def test_an_undo_that_waits_for_a_person_is_not_said_to_be_done() -> None:
    assert event_text(stored(RunAsked(step="a", what="undo"))) == "the undo of a waits for a person who does it"


@pytest.mark.usefixtures("_korean")
async def test_the_title_of_a_run_is_the_one_of_the_reader() -> None:
    book = replace(downshift(), title_ko="Qwen 장애: 다운시프트")
    held = RunScene(book).go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(120, 40)) as pilot:
        status = session_status(language="ko")
        await show(pilot, snapshot(scene(), runs=held.slice(), session_status=status))
        await app.open("run", run_id=RUN)
        await settled(pilot)
        assert "Qwen 장애: 다운시프트" in visible(app)[1]
