"""From sightings to what the journal is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.probe_result import Failure, ProbeResult, Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from support.clock import Hands

GOOD = ProbeResult(latency=Decimal("0.1"), answers={"status": 200})
BAD = ProbeResult(Failure(Reason.TIMEOUT, "no answer in 5s"), latency=Decimal(5))
BLIND = ProbeResult(Failure(Reason.REFUSED, "prometheus refused", blind=True))


def plain(path: str, document: object) -> object:
    return document


class Scratch(CheckSpec):
    url: str = ""

    @property
    def target(self) -> str:
        return self.url


def spec(**keys: object) -> CheckSpec:
    return Scratch.model_validate({"id": "health", "kind": "http", "every": "30s", "expect": ["status == 200"], **keys})


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def judge(clock: Hands) -> Evaluator:
    judge = Evaluator(clock)
    judge.configure([CheckDefinition("api.health", "API", spec())], lambda path, document: document)
    return judge


def hear(judge: Evaluator, clock: Hands, *probe_results: ProbeResult) -> list[Entry]:
    entries = []
    for probe_result in probe_results:
        clock.turn(30)
        entries += judge.hear("api.health", probe_result).entries
    return entries


def test_the_first_up_is_no_news_and_an_outage_is_one_line(judge: Evaluator, clock: Hands) -> None:
    assert hear(judge, clock, GOOD, GOOD) == []
    (entry,) = hear(judge, clock, BAD, BAD, BAD, BAD, BAD)
    assert (entry.kind, entry.subject, entry.body["from"], entry.body["to"]) == (
        "check.state",
        "api.health",
        "up",
        "down",
    )
    assert entry.body["reason"] == "timeout"
    (back,) = hear(judge, clock, GOOD, GOOD, GOOD)
    assert (back.body["from"], back.body["to"]) == ("down", "up")


def test_a_check_that_fails_from_the_start_is_told_when_it_is_down_not_before(judge: Evaluator, clock: Hands) -> None:
    assert hear(judge, clock, BAD, BAD) == []
    (entry,) = hear(judge, clock, BAD)
    assert entry.body["to"] == "down"


def test_blind_looks_become_one_line_when_they_settle(judge: Evaluator, clock: Hands) -> None:
    hear(judge, clock, GOOD)
    assert hear(judge, clock, BLIND, BLIND) == []
    (entry,) = hear(judge, clock, BLIND, BLIND)
    assert (entry.body["to"], entry.body["reason"]) == ("unknown", "refused")
    (back,) = hear(judge, clock, GOOD)
    assert (back.body["from"], back.body["to"]) == ("unknown", "up")


def test_the_last_value_stays_visible_while_stale_and_goes_when_unknown(clock: Hands) -> None:
    judge = Evaluator(clock)
    judge.configure([CheckDefinition("api.health", "API", spec(expect=["value < 9"]))], lambda path, document: document)
    hear(judge, clock, ProbeResult(answers={"value": Decimal("4.20")}))
    assert judge.views()[0].value == "4.20"
    hear(judge, clock, BLIND)
    assert judge.views()[0].value == "4.20"
    assert judge.views()[0].health.stale
    hear(judge, clock, BLIND, BLIND)
    assert judge.views()[0].value is None
    assert judge.views()[0].health.state is State.UNKNOWN


def test_restored_standings_are_old_and_say_so(clock: Hands) -> None:
    hour_ago = clock.now() - timedelta(hours=1)
    health = Health(State.UP, Reason.OK, "", hour_ago, hour_ago, State.UP, -5, -5)
    judge = Evaluator(clock)
    judge.restore([CheckStatus("api.health", "API", "http", health, 0.1)])
    (view,) = judge.views()
    assert view.restored
    assert view.health.state is State.UNKNOWN
    judge.configure([CheckDefinition("api.health", "API", spec())], lambda path, document: document)
    assert hear(judge, clock, GOOD) == []  # it was up, it is up: nothing happened
    assert not judge.views()[0].restored


def test_a_restart_in_the_middle_of_an_outage_does_not_ring_twice(clock: Hands) -> None:
    since = clock.now() - timedelta(seconds=40)
    health = Health(State.DOWN, Reason.REFUSED, "refused", since, since, State.DOWN, 4, 4)
    judge = Evaluator(clock)
    judge.restore([CheckStatus("api.health", "API", "http", health)])
    judge.configure([CheckDefinition("api.health", "API", spec())], lambda path, document: document)
    assert hear(judge, clock, BAD, BAD) == []
    assert judge.views()[0].health.state is State.DOWN
    assert judge.views()[0].health.since == since


def test_time_alone_ages_and_is_told_unless_it_was_us(judge: Evaluator, clock: Hands) -> None:
    hear(judge, clock, GOOD)
    clock.turn(70)
    assert judge.age(quietly=False) == ([], True)
    assert judge.views()[0].health.stale
    clock.turn(60)
    entries, changed = judge.age(quietly=False)
    assert changed
    assert [entry.body["to"] for entry in entries] == ["unknown"]


def test_standing_still_is_not_told_check_by_check(judge: Evaluator, clock: Hands) -> None:
    hear(judge, clock, GOOD)
    clock.turn(3600)
    assert judge.age(quietly=True) == ([], True)
    assert judge.views()[0].health.state is State.UNKNOWN
    assert hear(judge, clock, GOOD) == []


def test_a_wall_clock_that_jumps_ages_nothing(judge: Evaluator, clock: Hands) -> None:
    hear(judge, clock, GOOD)
    clock.wall += timedelta(hours=5)
    assert judge.age(quietly=False) == ([], False)


def test_a_defect_in_judging_reads_as_ours(clock: Hands) -> None:
    def broken(path: str, document: object) -> object:
        raise RuntimeError("search failed")

    judge = Evaluator(clock)
    judge.configure([CheckDefinition("api.health", "API", spec(expect=["body.a == 1"]))], broken)
    judge.hear("api.health", ProbeResult(answers={"body": {}}))
    view = judge.views()[0]
    assert (view.health.state, view.health.reason) == (State.UNKNOWN, Reason.INTERNAL)


def test_reload_keeps_what_is_known_and_forgets_what_left(judge: Evaluator, clock: Hands) -> None:
    hear(judge, clock, GOOD, GOOD)
    judge.configure(
        [
            CheckDefinition("api.health", "API", spec(every="10s", url="http://y")),
            CheckDefinition("api.new", "API", spec(id="new")),
        ],
        lambda path, document: document,
    )
    kept, new = judge.views()
    assert (kept.health.state, kept.every, kept.target) == (State.UP, 10, "http://y")
    assert (new.health.state, new.health.reason) == (State.UNKNOWN, Reason.PENDING)
    judge.configure([CheckDefinition("api.new", "API", spec(id="new"))], lambda path, document: document)
    assert [view.id for view in judge.views()] == ["api.new"]


def test_whoever_follows_is_shown_that_a_check_is_flapping_until_the_poller_says_otherwise(
    judge: Evaluator, clock: Hands
) -> None:
    follower = Evaluator(clock)
    follower.configure([CheckDefinition("api.health", "API", spec(fall=1, rise=1), "http://x")], plain)
    judge.configure([CheckDefinition("api.health", "API", spec(fall=1, rise=1), "http://x")], plain)
    kinds = [entry.kind for entry in hear(judge, clock, *[GOOD, BAD] * 3)]
    assert kinds.count("check.flapping") == 1
    follower.follow(judge.check_statuses(["api.health"]))
    assert follower.views()[0].flapping
    # Its own beat has seen none of the changes, and has nothing to say about them.
    assert follower.age(quietly=False) == ([], False)
    assert follower.views()[0].flapping
    clock.turn(700)
    hear(judge, clock, GOOD)
    follower.follow(judge.check_statuses(["api.health"]))
    assert not follower.views()[0].flapping
