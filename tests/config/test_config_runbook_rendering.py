"""An act of a run with its values: what is committed, hashed and carried out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from artisan_tui.config.runbooks.rendering import (
    UnrenderableAct,
    is_met,
    read_act,
    rendered,
    rendered_resources,
    values_of_run,
)
from artisan_tui.domain.runbooks.run import Run, StepRun
from support.run_line import NOON
from support.runbooks import HEAD, book, defined, step

TEXT = HEAD + book(
    step("find", kind='"http"', request='{ url = "{{ api }}/state" }', capture='{ count = "body.n" }'),
    step(
        "scale",
        kind='"http"',
        request='{ method = "POST", url = "{{ api }}/scale", headers = { Authorization = "Bearer {{ params.token }}" }, json = { n = "{{ params.n }}" } }',
        expect='["body.n == {{ params.n }}"]',
        when='"params.n != steps.find.count"',
        verify='{ kind = "http", request = { url = "{{ api }}/state" }, expect = ["body.n == {{ params.n }}"], within = "9s", stable_for = "3s" }',
        rollback='{ kind = "http", request = { method = "POST", url = "{{ api }}/scale", json = { n = "{{ steps.find.count }}" } } }',
    ),
    params='n = { type = "int", default = 8 }\ntoken = { type = "secret", default = "env:TOKEN" }',
    resources='["deploy/{{ params.n }}"]',
)
BOOK = defined(TEXT)
RUN = Run(
    "RUN-1",
    "example",
    "Example",
    BOOK.digest,
    NOON,
    "alice",
    params={"n": 8, "token": "env:TOKEN"},
    environment="production",
)
FOUND = StepRun("find", "succeeded", captures={"count": 3}, exit=0)


def run(*steps: StepRun, **given: object) -> Run:
    return replace(RUN, steps=steps, **given)  # type: ignore[arg-type]


def test_act_undo_and_verify_are_rendered_and_come_back_from_their_text() -> None:
    values = values_of_run(run(FOUND, StepRun("scale")), BOOK)
    scale = BOOK.steps[1]
    assert is_met(scale, values)
    act, undo, look = (rendered(scale, part, values) for part in ("do", "undo", "verify"))
    assert act is not None
    assert undo is not None
    assert look is not None
    assert act.action.body["request"]["json"] == {"n": 8}
    assert act.action.body["request"]["headers"] == {"Authorization": "Bearer \u27e6env:TOKEN\u27e7"}
    assert act.action.expect == ("body.n == 8",)
    assert undo.action.body["request"]["json"] == {"n": 3}
    assert (look.within, look.stable_for, look.action.expect) == (9.0, 3.0, ("body.n == 8",))
    assert read_act(look.to_json()) == look
    assert rendered(scale, "undo-verify", values) is None
    assert rendered(scale, "pre", values) is None
    assert rendered_resources(BOOK, values) == ("deploy/8",)


def test_a_condition_that_is_not_met_skips_and_one_that_cannot_be_told_is_refused() -> None:
    same = values_of_run(run(StepRun("find", "succeeded", captures={"count": 8}), StepRun("scale")), BOOK)
    assert not is_met(BOOK.steps[1], same)
    with pytest.raises(UnrenderableAct, match="find"):
        is_met(BOOK.steps[1], values_of_run(run(StepRun("find"), StepRun("scale")), BOOK))


def test_rb_case_02_in_a_dry_run_a_value_that_nobody_captured_is_a_placeholder() -> None:
    dry = run(StepRun("find", "skipped"), StepRun("scale"), mode="dry")
    undo = rendered(BOOK.steps[1], "undo", values_of_run(dry, BOOK))
    assert undo is not None
    assert undo.action.body["request"]["json"] == {"n": "<find.count>"}
    live = run(StepRun("find", "skipped"), StepRun("scale"))
    with pytest.raises(UnrenderableAct):
        rendered(BOOK.steps[1], "undo", values_of_run(live, BOOK))


def test_what_was_captured_is_data_and_never_a_template() -> None:
    hostile = StepRun("find", "succeeded", captures={"count": "{{ params.token }}"})
    undo = rendered(BOOK.steps[1], "undo", values_of_run(run(hostile, StepRun("scale")), BOOK))
    assert undo is not None
    assert undo.action.body["request"]["json"] == {"n": "{{ params.token }}"}
