"""A cause is down, and failed before its effect; the journal is told when it names another one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.checks.events import CheckCauseCorrected, CheckStateChanged
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from artisan_tui.engine.checks.slice import CheckView
from support.clock import Hands

GOOD = ProbeResult(latency=Decimal("0.1"), answers={"status": 200})
BAD = ProbeResult(Failure(Reason.REFUSED, "connection refused"))
WRONG = ProbeResult(latency=Decimal("0.1"), answers={"status": 503})
BLIND = ProbeResult(Failure(Reason.INTERNAL, "ours", blind=True))
FALLS = {"api.http": 2, "mid.gate": 2, "db.ping": 2, "db.disk": 3}
NEEDS = {"api.http": ["mid.gate", "db.ping"], "mid.gate": ["db.ping"], "db.ping": ["db.disk"], "db.disk": []}
PLACES = {"api.http": "h:80", "mid.gate": "h:80", "db.ping": "h:5432", "db.disk": ""}


class Placed(CheckSpec):
    at: str = ""

    @property
    def endpoint(self) -> str:
        return self.at


def configured(clock: Hands, known: Iterable[CheckStatus] = ()) -> Evaluator:
    evaluator = Evaluator(clock)
    evaluator.restore(known)
    specs = {
        name: Placed.model_validate(
            {
                "id": name.partition(".")[2],
                "kind": "http",
                "every": "30s",
                "timeout": "5s",
                "expect": ["status == 200"],
                "fall": FALLS[name],
                "rise": 2,
                "needs": NEEDS[name],
                "at": PLACES[name],
            }
        )
        for name in FALLS
    }
    evaluator.configure([CheckDefinition(name, "S", spec) for name, spec in specs.items()], lambda path, value: value)
    return evaluator


class House:
    """An API behind a gate; both need a database that needs a disk. ``said`` is the journal."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.evaluator = configured(self.clock)
        self.said: list[Entry] = []

    def hear(self, name: str, *probe_results: ProbeResult, after: float = 1.0) -> None:
        for probe_result in probe_results:
            self.clock.turn(after)
            self.said += self.evaluator.hear(name, probe_result).entries

    def age(self, seconds: float) -> None:
        self.clock.turn(seconds)
        self.said += self.evaluator.age(quietly=False)[0]

    def view(self, name: str) -> CheckView:
        return next(view for view in self.evaluator.views() if view.id == name)

    def restarted(self) -> None:
        """Another session takes over what was written down."""
        self.evaluator = configured(self.clock, self.evaluator.check_statuses(FALLS))


@pytest.fixture
def house() -> House:
    one = House()
    for name in FALLS:
        one.hear(name, GOOD)
    return one


def named(entries: Iterable[Entry]) -> list[tuple[str, str | None]]:
    """(check, cause that the journal names for its outage), in order."""
    told: list[tuple[str, str | None]] = []
    for entry in entries:
        body = read_body(entry)
        if isinstance(body, CheckStateChanged) and body.to == "down":
            told.append((entry.subject, body.root_cause or body.past_cause))
        elif isinstance(body, CheckCauseCorrected):
            told.append((entry.subject, body.to))
    return told


def test_a15_a_root_that_missed_one_probe_and_stays_up_is_never_named(house: House) -> None:
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG, WRONG)
    assert house.view("api.http").root_cause == ""
    house.hear("db.ping", GOOD)
    for _ in range(10):
        house.age(30)
        house.hear("api.http", WRONG)
        house.hear("db.ping", GOOD)
        assert (house.view("api.http").root_cause, house.view("api.http").past_cause) == ("", "")
    assert named(house.said) == [("api.http", None)]


def test_a15_what_failed_after_its_effect_is_not_its_cause(house: House) -> None:
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", GOOD)
    house.hear("db.ping", BAD, BAD)
    assert house.view("db.ping").health.state is State.DOWN
    for _ in range(5):
        house.age(30)
        house.hear("api.http", WRONG)
    assert house.view("api.http").root_cause == ""
    assert named(house.said) == [("api.http", None), ("db.ping", None)]


def test_a15_a_cause_that_is_confirmed_late_is_a_correction(house: House) -> None:
    """Both broke at once, and the effect is confirmed sooner."""
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", BAD, BAD)
    assert house.view("api.http").root_cause == "db.ping"
    house.hear("api.http", WRONG, WRONG)
    assert named(house.said) == [("api.http", None), ("db.ping", None), ("api.http", "db.ping")]


def test_a15_a_deeper_cause_that_is_confirmed_late_is_a_correction(house: House) -> None:
    house.hear("db.disk", WRONG)
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG, WRONG)
    assert house.view("api.http").root_cause == "db.ping"
    house.hear("db.disk", WRONG, WRONG)
    assert house.view("api.http").root_cause == "db.disk"
    assert named(house.said)[-2:] == [("api.http", "db.disk"), ("db.ping", "db.disk")]


def test_a15_a_true_failure_under_a_cause_that_recovered_is_said(house: House) -> None:
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", GOOD, GOOD)
    view = house.view("api.http")
    assert (view.root_cause, view.past_cause) == ("", "db.ping"), "what is up again is no cause, it was one"
    assert named(house.said) == [("db.ping", None), ("api.http", "db.ping")]
    for _ in range(4):
        house.age(24)
        house.hear("api.http", WRONG)
    assert house.view("api.http").past_cause == ""
    assert named(house.said)[-1] == ("api.http", None)
    house.age(2)
    assert len(named(house.said)) == 3, "told once"


def test_a15_an_effect_that_goes_down_while_its_cause_recovers_says_was(house: House) -> None:
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG)
    assert house.view("api.http").root_cause == "db.ping"
    house.hear("db.ping", GOOD, GOOD)
    house.hear("api.http", WRONG)
    body = read_body(house.said[-1])
    assert isinstance(body, CheckStateChanged)
    assert (body.root_cause, body.past_cause) == (None, "db.ping")


def test_a15_a_cause_that_comes_back_before_its_effect_recovered_is_the_same_cause(house: House) -> None:
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", GOOD, GOOD)
    house.hear("db.ping", BAD, BAD)
    for _ in range(10):
        house.age(30)
        house.hear("api.http", WRONG)
        house.hear("db.ping", BAD)
        assert house.view("api.http").root_cause == "db.ping"
    assert [told for told in named(house.said) if told[0] == "api.http"] == [("api.http", "db.ping")]


def test_a15_nothing_is_a_cause_through_what_is_well(house: House) -> None:
    """The database is down and the gate, which needs it, serves: the gate's own caller fails by itself."""
    only = {**NEEDS, "api.http": ["mid.gate"]}
    specs = {n: house.evaluator._runtimes[n].spec for n in FALLS}
    house.evaluator.configure(
        [CheckDefinition(n, "S", s.model_copy(update={"needs": tuple(only[n])})) for n, s in specs.items() if s],
        lambda path, value: value,
    )
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG)
    house.hear("mid.gate", GOOD)
    house.hear("api.http", WRONG)
    assert house.view("api.http").root_cause == ""
    assert named(house.said) == [("db.ping", None), ("api.http", None)]


@pytest.mark.parametrize(
    ("gate", "api", "cause"), [(BAD, WRONG, ""), (BAD, BAD, "mid.gate"), (WRONG, WRONG, "mid.gate")]
)
def test_a15_an_endpoint_that_answers_is_not_out_of_reach(
    house: House, gate: ProbeResult, api: ProbeResult, cause: str
) -> None:
    """Both are at h:80. What the API answers there is its own failure, whatever the gate's probe could not reach."""
    house.hear("mid.gate", gate, gate)
    house.hear("api.http", api, api)
    assert house.view("api.http").root_cause == cause


def test_a15_maintenance_of_the_cause_ends_the_excuse_in_its_time(house: House) -> None:
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG, WRONG)
    window = Window("w", ("db",), "disks", house.clock.now(), house.clock.now() + timedelta(hours=1))
    house.evaluator.arrange([window], lambda name: None)
    assert house.view("api.http").past_cause == "db.ping"
    for _ in range(4):
        house.hear("api.http", WRONG)
        house.age(24)
    assert named(house.said)[-1] == ("api.http", None)


def test_a15_who_takes_over_knows_what_failed_first(house: House) -> None:
    house.hear("api.http", WRONG, WRONG)
    house.hear("db.ping", GOOD)
    house.hear("db.ping", BAD, BAD)
    house.restarted()
    house.hear("db.ping", BAD)
    house.hear("api.http", WRONG)
    assert house.view("api.http").root_cause == ""
    assert named(house.said) == [("api.http", None), ("db.ping", None)]


def test_a15_who_follows_shows_what_the_leader_knows(house: House) -> None:
    house.hear("db.ping", BAD, BAD)
    house.hear("api.http", WRONG, WRONG)
    follower = configured(house.clock)
    follower.follow(house.evaluator.check_statuses(FALLS))
    for steps in ((), (GOOD, GOOD)):
        house.hear("db.ping", *steps)
        follower.follow(house.evaluator.check_statuses(FALLS))
        theirs = {view.id: (view.root_cause, view.past_cause) for view in follower.views()}
        assert theirs == {view.id: (view.root_cause, view.past_cause) for view in house.evaluator.views()}
    assert follower.age(quietly=False)[0] == [], "a follower corrects nothing"


class Outages(RuleBasedStateMachine):
    """Any order of probes: the board and the journal name the same cause, and it was down and may have been first."""

    def __init__(self) -> None:
        super().__init__()
        self.house = House()
        self.journal: dict[str, str | None] = {}
        self.states: dict[str, str] = {}
        self.well: dict[str, float] = {}
        self.failed: dict[str, float] = {}
        self.told = 0

    @rule(
        name=st.sampled_from(sorted(FALLS)),
        seen=st.sampled_from([GOOD, GOOD, BAD, WRONG, BLIND]),
        after=st.sampled_from([0.5, 5.0, 20.0]),
    )
    def probed(self, name: str, seen: ProbeResult, after: float) -> None:
        self.house.hear(name, seen, after=after)

    @rule(seconds=st.sampled_from([2.0, 40.0, 100.0]))
    def passes(self, seconds: float) -> None:
        self.house.age(seconds)

    @rule()
    def is_taken_over(self) -> None:
        self.house.restarted()
        self.house.age(2)  # what is too old by now is said with the first tick

    @invariant()
    def board_and_journal_agree(self) -> None:
        for entry in self.house.said[self.told :]:
            body = read_body(entry)
            if isinstance(body, CheckStateChanged):
                self.states[entry.subject] = body.to
                self.journal[entry.subject] = (body.root_cause or body.past_cause) if body.to == "down" else None
            elif isinstance(body, CheckCauseCorrected):
                assert body.before == self.journal[entry.subject], "a correction says what it corrects"
                self.journal[entry.subject] = body.to
        self.told = len(self.house.said)
        views = {view.id: view for view in self.house.evaluator.views()}
        for view in views.values():
            if view.root_cause:
                assert views[view.root_cause].health.state is State.DOWN
            assert not (view.root_cause and view.past_cause)
            if view.health.state is State.DOWN and self.states.get(view.id) == "down":
                assert self.journal[view.id] == (view.root_cause or view.past_cause or None)


Outages.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestA15Outages = Outages.TestCase
