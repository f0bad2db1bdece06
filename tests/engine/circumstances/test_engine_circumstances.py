"""Flapping, mutes and a suspect observer, as the evaluator applies them; and what followers show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from artisan_tui.domain.event import Entry
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from artisan_tui.engine.checks.slice import Mute
from artisan_tui.sources.checks import KINDS
from support.circumstances_house import BAD, GOOD, WRONG, House, Scratch, configured, kinds, never
from support.clock import Hands


def test_flapping_is_said_once_and_ends_when_it_is_quiet(house: House) -> None:
    told = []
    for _ in range(3):
        told += kinds(house.hear("web.page", GOOD, GOOD, WRONG, WRONG))
    assert told.count("check.flapping") == 1
    assert house.view("web.page").flapping
    house.hear("web.page", GOOD, GOOD)
    assert house.view("web.page").flapping, "one recovery is not an end"
    house.clock.turn(610)
    entries, changed = house.evaluator.age(quietly=False)
    assert changed
    assert [entry.kind for entry in entries if isinstance(entry, Entry)][-1] == "check.steady"
    assert not house.view("web.page").flapping


def test_d10_what_a_person_breaks_and_mends_holds_no_page(house: House) -> None:
    told = []
    for _ in range(4):
        now = house.clock.now()
        house.evaluator.take_in_hand(lambda name, at=now: at if name == "web.page" else None)
        told += kinds(house.hear("web.page", GOOD, GOOD, WRONG, WRONG))
        assert not house.view("web.page").flapping
    assert "check.flapping" not in told
    assert house.view("web.page").health.state is State.DOWN
    assert not house.view("web.page").held


def test_d10_a_target_started_by_hand_is_a_deliberate_recovery(house: House) -> None:
    told = []
    for _ in range(4):
        told += kinds(house.hear("web.page", WRONG, WRONG, replace(GOOD, started_by_hand=True), GOOD))
    assert "check.flapping" not in told
    assert told.count("check.state") == 8, "each outage and each recovery is told"


def test_d10_a_held_page_is_shown_and_journaled(house: House) -> None:
    evaluations = []
    for _ in range(3):
        evaluations += house.hear("web.page", GOOD, GOOD, WRONG, WRONG)
    view = house.view("web.page")
    assert view.held
    entries = [entry for each in evaluations for entry in each.entries if entry.kind == "check.state"]
    assert [entry.body.get("held") for entry in entries][-1] == "flapping"
    assert "held" not in entries[0].body
    house.evaluator.take_in_hand(lambda name: house.clock.now())
    entries, changed = house.evaluator.age(quietly=False)
    assert changed
    assert [entry.kind for entry in entries] == ["check.steady"]
    assert not house.view("web.page").held, "the page is due now"


def test_a_mute_is_shown_and_changes_no_state(house: House) -> None:
    mute = Mute(house.clock.now() + timedelta(hours=1), "known", "j.park")
    _, changed = house.evaluator.arrange([], lambda name: mute if name == "web.page" else None)
    assert changed
    house.hear("web.page", WRONG, WRONG)
    assert house.view("web.page").muted == mute
    assert house.view("web.page").health.state is State.DOWN
    assert house.evaluator.arrange([], never)[1]
    assert house.view("web.page").muted is None


def test_everything_unreached_at_once_is_our_own_network(house: House) -> None:
    for name in ("api.http", "db.ping", "web.page"):
        house.hear(name, GOOD)
    assert house.evaluator.suspicion() is None
    for name in ("api.http", "db.ping", "web.page"):
        house.evaluator.hear(name, BAD)
    suspicion = house.evaluator.suspicion()
    assert suspicion is not None
    assert (suspicion.unreached, suspicion.of) == (3, 3)
    house.evaluator.hear("api.http", WRONG)  # an answer, if a bad one
    assert house.evaluator.suspicion() is None


def test_a_kind_nobody_has_heard_of_takes_part_in_the_question() -> None:
    """Its own `endpoint` is all it needs; one that names none says nothing about the network."""
    clock = Hands()
    evaluator = Evaluator(clock)
    known = [KINDS["tcp"].spec.model_validate({"id": f"t{n}", "address": f"Host{n}:80"}) for n in range(2)]
    for at, suspected in (("new:1", True), ("", False), ("host0:80", False)):
        specs = [*known, Scratch.model_validate({"id": "new", "kind": "scratch", "at": at})]
        evaluator.configure(
            [CheckDefinition(f"a.{each.id}", "A", each) for each in specs], lambda path, document: document
        )
        for each in specs:
            evaluator.hear(f"a.{each.id}", BAD)
        assert (evaluator.suspicion() is not None) is suspected, at


def test_a_follower_shows_the_same(house: House) -> None:
    house.hear("db.ping", GOOD, BAD)
    house.hear("api.http", WRONG, WRONG)
    other = configured(house.clock)
    other.follow(house.evaluator.check_statuses(["db.ping", "api.http", "gone.check"]))
    for name in ("db.ping", "api.http"):
        mine = house.view(name)
        theirs = next(view for view in other.views() if view.id == name)
        assert theirs == mine
    assert other.suspicion() is None


def test_a_follower_ages_what_it_was_told_by_its_own_clock(house: House) -> None:
    house.hear("web.page", GOOD)
    other = configured(house.clock)
    other.follow(house.evaluator.check_statuses(["web.page"]))
    house.clock.wall += timedelta(hours=3)
    assert other.age(quietly=True) == ([], False), "a wall clock that jumps makes nothing old"
    house.clock.mono += 3 * 30 + 6
    other.age(quietly=True)
    assert next(view for view in other.views() if view.id == "web.page").health.state is State.UNKNOWN


def test_an_answer_from_the_future_is_no_answer(house: House) -> None:
    house.hear("web.page", GOOD)
    check_statuses = house.evaluator.check_statuses(["web.page"])
    house.clock.wall -= timedelta(hours=1)
    other = configured(house.clock)
    other.restore(check_statuses)
    assert next(view for view in other.views() if view.id == "web.page").health.state is State.UNKNOWN
