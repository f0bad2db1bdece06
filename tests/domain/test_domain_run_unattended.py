"""How long a step took is what it took itself: the hours in which nobody carried the run out are said apart."""

from __future__ import annotations

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks import acts
from artisan_tui.domain.runbooks.events import RunAsked, RunEnded, RunFinished, RunIntended
from artisan_tui.domain.runbooks.run import read_run
from support.run_line import RunLine, sim_book, sim_step

RUN = "RUN-1"


def intended(line: RunLine, step: str, part: str = "do") -> Entry:
    return RunIntended(step=step, part=part, number=1, act="x", undo="y", mutates=1).entry(line.now, "alice", RUN)


def ended(line: RunLine, step: str, lasted: float | None, part: str = "do", after: str = "succeeded") -> Entry:
    body = RunEnded(step=step, part=part, number=1, outcome="ok", after=after, lasted=lasted)
    return body.entry(line.now, "alice", RUN)


def began() -> RunLine:
    line = RunLine()
    line.start(sim_book(sim_step("a"), sim_step("b")), RUN)
    line.write([intended(line, "a")])
    return line


def adopted(line: RunLine) -> None:
    line.write(acts.adopt(line.one, line.by("bob", "s2"), "alice is gone"))


def test_a_step_that_ended_while_nobody_was_there_lasted_as_long_as_its_own_record_says() -> None:
    line = began()
    line.later(3 * 3600)
    adopted(line)
    line.write([ended(line, "a", 12.5)])
    step = line.one.step("a")
    assert (step.seconds, step.unattended) == (12.5, 3 * 3600 - 12.5)
    line.later(60)
    line.write([intended(line, "b")])
    line.later(30)
    line.write([ended(line, "b", 29.2), RunFinished(state="succeeded").entry(line.now, "bob", RUN)])
    assert (line.one.step("b").seconds, line.one.step("b").unattended) == (30, 0)
    # The minute before it is nobody's absence: bob had the run.
    assert (line.one.seconds, line.one.unattended) == (12.5 + 60 + 30, 3 * 3600 - 12.5)


def test_a_step_that_still_runs_when_it_is_adopted_was_not_waiting() -> None:
    line = began()
    line.later(3600)
    adopted(line)
    line.later(600)
    line.write([ended(line, "a", 4199.0)])
    assert (line.one.step("a").seconds, line.one.unattended) == (4200, 0)


def test_a_run_that_nobody_had_between_two_steps_was_unattended() -> None:
    line = began()
    line.later(10)
    line.write([ended(line, "a", 9.0)])
    line.later(7200)
    adopted(line)
    line.later(5)
    line.write([RunFinished(state="succeeded").entry(line.now, "bob", RUN)])
    assert (line.one.step("a").seconds, line.one.seconds, line.one.unattended) == (10, 15, 7200)


def test_while_a_person_is_asked_the_run_waits_for_an_answer_and_not_for_an_owner() -> None:
    line = RunLine()
    line.start(sim_book(sim_step("a", confirm="ask")), RUN)
    line.write([RunAsked(step="a", what="confirm").entry(line.now, "alice", RUN)])
    line.later(7200)
    adopted(line)
    assert line.one.unattended == 0


def test_what_came_before_a_step_is_not_taken_off_it() -> None:
    line = RunLine()
    line.start(sim_book(sim_step("a")), RUN)
    line.write([intended(line, "a", "pre")])
    line.later(3600)
    adopted(line)
    line.write([ended(line, "a", 2.0, "pre", "pending"), intended(line, "a")])
    line.later(8)
    line.write([ended(line, "a", 7.0)])
    assert (line.one.step("a").seconds, line.one.unattended) == (8, 3598)


def test_journals_without_the_time_of_attempts_count_as_before() -> None:
    line = began()
    line.later(3600)
    line.write([ended(line, "a", None)])
    assert (line.one.step("a").seconds, line.one.unattended) == (3600, 0)
    assert '"unattended"' not in line.one.to_json()


def test_a_run_with_such_a_time_is_read_back_from_its_row() -> None:
    line = began()
    line.later(3600)
    line.write([ended(line, "a", 0.25)])
    assert read_run(line.one.to_json()) == line.one
