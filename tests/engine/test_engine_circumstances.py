"""Maintenance, flapping, causes, mutes and a suspect observer, as the evaluator applies them; and what followers show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluation, Evaluator
from artisan_tui.engine.checks.slice import CheckView, Mute
from artisan_tui.sources.checks import KINDS
from support.clock import Hands

GOOD = ProbeResult(latency=Decimal("0.1"), answers={"status": 200}, excerpt="fine")
BAD = ProbeResult(Failure(Reason.REFUSED, "connection refused"))
WRONG = ProbeResult(latency=Decimal("0.1"), answers={"status": 500})


class House:
    """An API that needs a database that needs a disk, and a page that needs nothing."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.evaluator = configured(self.clock)

    def hear(self, name: str, *probe_results: ProbeResult) -> list[Evaluation]:
        evaluations = []
        for probe_result in probe_results:
            self.clock.turn(10)
            evaluations.append(self.evaluator.hear(name, probe_result))
        return evaluations

    def view(self, name: str) -> CheckView:
        return next(view for view in self.evaluator.views() if view.id == name)


class Scratch(CheckSpec):
    """A kind nobody has heard of, that says itself what has to be reached."""

    at: str = ""

    @property
    def endpoint(self) -> str:
        return self.at


def spec(name: str, **keys: object) -> CheckSpec:
    return Scratch.model_validate(
        {"id": name, "kind": "http", "every": "30s", "expect": ["status == 200"], "fall": 2, "rise": 2, **keys}
    )


def configured(clock: Hands) -> Evaluator:
    evaluator = Evaluator(clock)
    evaluator.configure(
        [
            CheckDefinition("api.http", "API", spec("http", at="a:80", needs=["db.ping"])),
            CheckDefinition("db.ping", "DB", spec("ping", at="b:5432", needs=["db.disk"], fall=1)),
            CheckDefinition("db.disk", "DB", spec("disk")),
            CheckDefinition("web.page", "Web", spec("page", at="c:443")),
        ],
        lambda path, document: document,
    )
    return evaluator


@pytest.fixture
def house() -> House:
    return House()


def kinds(evaluations: Iterable[Evaluation]) -> list[str]:
    return [entry.kind for evaluation in evaluations for entry in evaluation.entries]


def never(check_id: str) -> Mute | None:
    return None


# -- causes -----------------------------------------------------------------


def test_a_symptom_asks_for_its_cause_and_it_is_its_root_cause(house: House) -> None:
    for name in ("api.http", "db.ping"):
        house.hear(name, GOOD)
    house.clock.turn(30)
    (first,) = house.hear("api.http", WRONG)
    assert first.ask == ("db.ping",)
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG)
    assert house.view("api.http").health.state is State.DOWN
    assert house.view("api.http").root_cause == "db.ping"
    assert house.view("db.ping").root_cause == ""


def test_the_deepest_cause_is_the_cause(house: House) -> None:
    house.hear("db.disk", WRONG)  # one of two: failing, not yet down
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG, WRONG)
    assert house.view("api.http").root_cause == "db.ping"
    house.hear("db.disk", WRONG)
    assert house.view("api.http").root_cause == "db.disk"
    assert house.view("db.ping").root_cause == "db.disk"


def test_a_cause_that_recovers_excuses_for_as_long_as_recovery_takes(house: House) -> None:
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", GOOD, GOOD)
    assert (house.view("api.http").root_cause, house.view("api.http").past_cause) == ("", "db.ping")
    house.clock.turn(3 * 30 + 5)
    house.evaluator.hear("api.http", WRONG)
    assert house.view("api.http").past_cause == "", "it fails by itself now"


def test_a_failure_without_a_failing_need_stands_for_itself(house: House) -> None:
    house.hear("db.ping", GOOD)
    house.hear("api.http", WRONG, WRONG)
    assert house.view("api.http").root_cause == ""


# -- maintenance ------------------------------------------------------------


def window(house: House, *covers: str) -> Window:
    return Window("w", covers, "new disks", house.clock.now(), house.clock.now() + timedelta(hours=1))


def test_under_maintenance_nothing_is_counted_and_nothing_is_green(house: House) -> None:
    house.hear("db.ping", GOOD)
    house.evaluator.arrange([window(house, "db")], never)
    assert house.view("db.ping").health.state is State.MAINTENANCE
    assert house.view("db.ping").health.detail == "new disks"
    assert house.view("api.http").health.state is not State.MAINTENANCE
    evaluations = house.hear("db.ping", BAD, BAD, BAD)
    assert kinds(evaluations) == []
    assert house.view("db.ping").health.state is State.MAINTENANCE
    assert [evaluation.sample.verdict for evaluation in evaluations] == [State.DOWN] * 3, "what was seen is kept"


def test_after_maintenance_counting_begins_anew(house: House) -> None:
    house.hear("web.page", WRONG)  # one of two
    house.evaluator.arrange([window(house)], never)
    over, changed = house.evaluator.arrange([], never)
    assert changed
    assert set(over) == {"api.http", "db.ping", "db.disk", "web.page"}
    assert house.view("web.page").health.state is State.UNKNOWN
    house.hear("web.page", WRONG)
    assert house.view("web.page").health.state is State.UNKNOWN, "the failure before the window does not count"
    house.hear("web.page", WRONG)
    assert house.view("web.page").health.state is State.DOWN


def test_d11_under_maintenance_the_probe_goes_on_and_its_state_is_kept_underneath(house: House) -> None:
    def said() -> tuple[State, Reason] | None:
        below = house.view("db.ping").underneath
        return None if below is None else (below.state, below.reason)

    house.hear("db.ping", GOOD)
    assert said() is None
    held = window(house, "db")
    house.evaluator.arrange([held], never)
    assert said() == (State.UP, Reason.OK)
    assert house.view("db.ping").until == held.end
    assert not house.hear("db.ping", BAD)[0].quiet, "the board shows it"
    assert said() == (State.DOWN, Reason.REFUSED)
    # A window that is made longer goes on.
    longer = replace(held, end=held.end + timedelta(hours=1))
    house.evaluator.arrange([longer], never)
    assert said() == (State.DOWN, Reason.REFUSED)
    assert house.view("db.ping").until == longer.end
    # A follower shows it too.
    other = configured(house.clock)
    other.arrange([longer], never)
    other.follow(house.evaluator.check_statuses(["db.ping"]))
    shown = next(view for view in other.views() if view.id == "db.ping")
    assert shown.until == longer.end
    assert shown.underneath is not None
    assert (shown.underneath.state, shown.underneath.reason) == (State.DOWN, Reason.REFUSED)
    house.evaluator.arrange([], never)
    assert said() is None
    assert house.view("db.ping").until is None


def test_a_window_that_goes_on_changes_nothing(house: House) -> None:
    held = window(house)
    house.evaluator.arrange([held], never)
    since = house.view("web.page").health.since
    house.clock.turn(60)
    assert house.evaluator.arrange([held], never) == ([], False)
    house.hear("web.page", BAD)
    assert house.view("web.page").health.since == since


# -- flapping ---------------------------------------------------------------


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


# -- mutes ------------------------------------------------------------------


def test_a_mute_is_shown_and_changes_no_state(house: House) -> None:
    mute = Mute(house.clock.now() + timedelta(hours=1), "known", "j.park")
    _, changed = house.evaluator.arrange([], lambda name: mute if name == "web.page" else None)
    assert changed
    house.hear("web.page", WRONG, WRONG)
    assert house.view("web.page").muted == mute
    assert house.view("web.page").health.state is State.DOWN
    assert house.evaluator.arrange([], never)[1]
    assert house.view("web.page").muted is None


# -- the observer -----------------------------------------------------------


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


# -- following --------------------------------------------------------------


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
