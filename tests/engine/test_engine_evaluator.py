"""From probe results to what the journal is told."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evaluator import CheckDefinition, Evaluator
from artisan_tui.sources.lookup import search
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
def evaluator(clock: Hands) -> Evaluator:
    evaluator = Evaluator(clock)
    evaluator.configure([CheckDefinition("api.health", "API", spec())], lambda path, document: document)
    return evaluator


def hear(evaluator: Evaluator, clock: Hands, *probe_results: ProbeResult) -> list[Entry]:
    entries = []
    for probe_result in probe_results:
        clock.turn(30)
        entries += evaluator.hear("api.health", probe_result).entries
    return entries


def test_the_first_up_is_no_news_and_an_outage_is_one_line(evaluator: Evaluator, clock: Hands) -> None:
    assert hear(evaluator, clock, GOOD, GOOD) == []
    (entry,) = hear(evaluator, clock, BAD, BAD, BAD, BAD, BAD)
    assert (entry.kind, entry.subject, entry.body["from"], entry.body["to"]) == (
        "check.state",
        "api.health",
        "up",
        "down",
    )
    assert entry.body["reason"] == "timeout"
    (back,) = hear(evaluator, clock, GOOD, GOOD, GOOD)
    assert (back.body["from"], back.body["to"]) == ("down", "up")


def test_a_check_that_fails_from_the_start_is_told_when_it_is_down_not_before(
    evaluator: Evaluator, clock: Hands
) -> None:
    assert hear(evaluator, clock, BAD, BAD) == []
    (entry,) = hear(evaluator, clock, BAD)
    assert entry.body["to"] == "down"


def test_blind_probes_become_one_line_when_they_settle(evaluator: Evaluator, clock: Hands) -> None:
    hear(evaluator, clock, GOOD)
    assert hear(evaluator, clock, BLIND, BLIND) == []
    (entry,) = hear(evaluator, clock, BLIND, BLIND)
    assert (entry.body["to"], entry.body["reason"]) == ("unknown", "refused")
    (back,) = hear(evaluator, clock, GOOD)
    assert (back.body["from"], back.body["to"]) == ("unknown", "up")


def test_the_last_value_stays_visible_while_stale_and_goes_when_unknown(clock: Hands) -> None:
    evaluator = Evaluator(clock)
    evaluator.configure(
        [CheckDefinition("api.health", "API", spec(expect=["value < 9"]))], lambda path, document: document
    )
    hear(evaluator, clock, ProbeResult(answers={"value": Decimal("4.20")}))
    assert evaluator.views()[0].value == "4.20"
    hear(evaluator, clock, BLIND)
    assert evaluator.views()[0].value == "4.20"
    assert evaluator.views()[0].health.stale
    hear(evaluator, clock, BLIND, BLIND)
    assert evaluator.views()[0].value is None
    assert evaluator.views()[0].health.state is State.UNKNOWN


def test_restored_statuses_are_old_and_say_so(clock: Hands) -> None:
    hour_ago = clock.now() - timedelta(hours=1)
    health = Health(State.UP, Reason.OK, "", hour_ago, hour_ago, State.UP, -5, -5)
    evaluator = Evaluator(clock)
    evaluator.restore([CheckStatus("api.health", "API", "http", health, 0.1)])
    (view,) = evaluator.views()
    assert view.restored
    assert view.health.state is State.UNKNOWN
    evaluator.configure([CheckDefinition("api.health", "API", spec())], lambda path, document: document)
    assert hear(evaluator, clock, GOOD) == []  # it was up, it is up: nothing happened
    assert not evaluator.views()[0].restored


def test_a_restart_in_the_middle_of_an_outage_does_not_ring_twice(clock: Hands) -> None:
    since = clock.now() - timedelta(seconds=40)
    health = Health(State.DOWN, Reason.REFUSED, "refused", since, since, State.DOWN, 4, 4)
    evaluator = Evaluator(clock)
    evaluator.restore([CheckStatus("api.health", "API", "http", health)])
    evaluator.configure([CheckDefinition("api.health", "API", spec())], lambda path, document: document)
    assert hear(evaluator, clock, BAD, BAD) == []
    assert evaluator.views()[0].health.state is State.DOWN
    assert evaluator.views()[0].health.since == since


def test_time_alone_ages_and_is_told_unless_it_was_us(evaluator: Evaluator, clock: Hands) -> None:
    hear(evaluator, clock, GOOD)
    clock.turn(70)
    assert evaluator.age(quietly=False) == ([], True)
    assert evaluator.views()[0].health.stale
    clock.turn(60)
    entries, changed = evaluator.age(quietly=False)
    assert changed
    assert [entry.body["to"] for entry in entries] == ["unknown"]


def test_standing_still_is_not_told_check_by_check(evaluator: Evaluator, clock: Hands) -> None:
    hear(evaluator, clock, GOOD)
    clock.turn(3600)
    assert evaluator.age(quietly=True) == ([], True)
    assert evaluator.views()[0].health.state is State.UNKNOWN
    assert hear(evaluator, clock, GOOD) == []


def test_a_wall_clock_that_jumps_ages_nothing(evaluator: Evaluator, clock: Hands) -> None:
    hear(evaluator, clock, GOOD)
    clock.wall += timedelta(hours=5)
    assert evaluator.age(quietly=False) == ([], False)


def test_a_defect_in_judging_reads_as_ours(clock: Hands) -> None:
    def broken(path: str, document: object) -> object:
        raise RuntimeError("search failed")

    evaluator = Evaluator(clock)
    evaluator.configure([CheckDefinition("api.health", "API", spec(expect=["body.a == 1"]))], broken)
    evaluator.hear("api.health", ProbeResult(answers={"body": {}}))
    view = evaluator.views()[0]
    assert (view.health.state, view.health.reason) == (State.UNKNOWN, Reason.INTERNAL)


def test_reload_keeps_what_is_known_and_forgets_what_left(evaluator: Evaluator, clock: Hands) -> None:
    hear(evaluator, clock, GOOD, GOOD)
    evaluator.configure(
        [
            CheckDefinition("api.health", "API", spec(every="10s", url="http://y")),
            CheckDefinition("api.new", "API", spec(id="new")),
        ],
        lambda path, document: document,
    )
    kept, new = evaluator.views()
    assert (kept.health.state, kept.every, kept.target) == (State.UP, 10, "http://y")
    assert (new.health.state, new.health.reason) == (State.UNKNOWN, Reason.PENDING)
    evaluator.configure([CheckDefinition("api.new", "API", spec(id="new"))], lambda path, document: document)
    assert [view.id for view in evaluator.views()] == ["api.new"]


def test_a_follower_is_shown_that_a_check_is_flapping_until_the_leader_says_otherwise(
    evaluator: Evaluator, clock: Hands
) -> None:
    follower = Evaluator(clock)
    follower.configure([CheckDefinition("api.health", "API", spec(fall=1, rise=1))], plain)
    evaluator.configure([CheckDefinition("api.health", "API", spec(fall=1, rise=1))], plain)
    kinds = [entry.kind for entry in hear(evaluator, clock, *[GOOD, BAD] * 3)]
    assert kinds.count("check.flapping") == 1
    follower.follow(evaluator.check_statuses(["api.health"]))
    assert follower.views()[0].flapping
    # Its own beat has seen none of the changes, and has nothing to say about them.
    assert follower.age(quietly=False) == ([], False)
    assert follower.views()[0].flapping
    clock.turn(700)
    hear(evaluator, clock, GOOD)
    follower.follow(evaluator.check_statuses(["api.health"]))
    assert not follower.views()[0].flapping


def test_a_leader_that_was_cut_off_as_a_follower_does_not_say_again_what_the_journal_knows(clock: Hands) -> None:
    leader, follower = Evaluator(clock), Evaluator(clock)
    for each in (leader, follower):
        each.configure([CheckDefinition("api.health", "API", spec(fall=2, rise=1))], plain)
    assert [entry.body["to"] for entry in hear(leader, clock, BAD, BAD)] == ["down"]
    follower.follow(leader.check_statuses(["api.health"]))
    clock.turn(3600)
    assert follower.age(quietly=False) == ([], True)
    assert follower.views()[0].health.state is State.UNKNOWN
    assert hear(follower, clock, BAD, BAD) == []
    assert [entry.body["from"] for entry in hear(follower, clock, GOOD)] == ["down"]


def test_a14_a_missing_field_is_told_as_unknown_and_the_target_counts_as_reached(clock: Hands) -> None:
    evaluator = Evaluator(clock)
    check = spec(expect=["status == 200", "body.services.database == healthy"])
    evaluator.configure([CheckDefinition("api.health", "API", check)], search)
    answered = ProbeResult(latency=Decimal("0.1"), answers={"status": 200, "body": {"status": "ok"}})
    entries = hear(evaluator, clock, *[answered] * 4)
    (view,) = evaluator.views()
    assert (view.health.state, view.health.reason) == (State.UNKNOWN, Reason.MISSING)
    assert "body.services.database missing" in view.health.detail
    assert [entry.body["to"] for entry in entries] == ["unknown"]
    (status,) = evaluator.check_statuses(["api.health"])
    assert json.loads(status.evidence)["reached"] is True

    required = spec(expect=check.expect, required=True)
    evaluator.configure([CheckDefinition("api.health", "API", required)], search)
    assert [entry.body["to"] for entry in hear(evaluator, clock, *[answered] * 4)] == ["down"]
