"""What happens to an incident by itself, and never twice."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.incidents import acts, timers
from artisan_tui.domain.incidents.clocks import due, update_due
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import Surroundings, fire
from artisan_tui.domain.oncall.business_hours import BusinessHours
from artisan_tui.domain.oncall.wall_time import Hours
from support.incidents import NOON, Timeline

PEOPLE = {"L1": ("bob",), "L2": ("carol",), "L3": ("dave",), "L4": ("erin",)}


def around(**people: tuple[str, ...]) -> Surroundings:
    known = {**PEOPLE, **people}
    return Surroundings(on_call=lambda level, at: known.get(level, ()))


class Watched(Timeline):
    """The leader looks at the incident whenever the clock is set."""

    def __init__(self, surroundings: Surroundings | None = None) -> None:
        super().__init__()
        self.around = surroundings or around()

    def look(self, minutes: float) -> list[str]:
        """What was written when the leader looked at this minute, in short."""
        self.at(minutes)
        first = len(self.events)
        for incident in list(self.incidents.values()):
            self.write(fire(incident, self.by("artisan"), self.around))
        return [short(event.kind, dict(event.body)) for event in self.events[first:]]


def short(kind: str, body: dict[str, object]) -> str:
    kind = kind.removeprefix("incident.")
    if kind == "rung":
        return f"rung {body['rung']} {body.get('level', '')}:{','.join(map(str, body['persons']))}"  # type: ignore[call-overload]
    if kind == "nobody-on-call":
        return f"{kind} {', '.join(map(str, body['levels']))}" + " every" * bool(body.get("every"))  # type: ignore[call-overload]
    if kind == "reminded":
        return f"{kind} {body['of']}"
    return kind


def test_rungs_are_paged_at_once_and_after_one_two_and_four_deadlines() -> None:
    line = Watched()
    line.declare(1)
    found = {minute: line.look(minute) for minute in (0, 14.9, 15, 29.9, 30, 59, 60, 400)}
    assert found == {
        0: ["rung 1 L1:bob"],
        14.9: [],
        15: ["rung 2 L2:carol"],
        29.9: [],
        30: ["rung 3 L3:dave"],
        59: [],
        60: ["rung 4 L4:erin"],
        400: [],
    }


def test_rb_case_19_a_sev2_is_escalated_once_after_half_an_hour_and_not_when_somebody_has_it() -> None:
    line = Watched()
    line.declare(2)
    line.look(0)
    assert [line.look(30) for _ in range(3)] == [["rung 2 L2:carol"], [], []]
    other = Watched()
    other.declare(2)
    other.look(0)
    other.at(29 + 59 / 60).write(acts.acknowledge(other.one, other.by("bob")))
    assert other.look(30) == []


def test_inc_case_17_no_page_is_written_after_an_acknowledgement_just_in_time() -> None:
    line = Watched()
    line.declare(2)
    line.look(0)
    line.now = NOON + timedelta(minutes=29, seconds=59.9)
    line.write(acts.acknowledge(line.one, line.by("bob")))
    assert line.look(30) == []
    assert [event.kind for event in line.events if event.kind == "incident.rung"] == ["incident.rung"]


def test_inc_case_19_an_empty_rung_gives_way_to_the_next_at_once() -> None:
    line = Watched(around(L1=(), L2=()))
    line.declare(2)
    assert line.look(0) == ["nobody-on-call L1, L2", "rung 3 L3:dave"]
    assert line.one.nobody == ("L1", "L2")
    assert line.look(30) == []
    assert line.look(120) == ["rung 4 L4:erin"]
    nobody = Watched(around(**dict.fromkeys(PEOPLE, ())))
    nobody.declare(2)
    assert nobody.look(0) == ["nobody-on-call L1, L2, L3, L4 every", "rung 1 :"]
    assert nobody.one.unmanned == ("L1", "L2", "L3", "L4", "")
    assert nobody.look(29) == []
    assert nobody.look(30) == ["rung 2 :"]  # paged again, and said once
    nobody.write(acts.acknowledge(nobody.one, nobody.by("bob")))
    assert nobody.one.unmanned == ()


def test_a_level_that_was_empty_is_said_again_only_after_somebody_was_there() -> None:
    people = {level: ("dave",) for level in PEOPLE}
    there: dict[str, tuple[str, ...]] = {**people, "L1": ()}
    line = Watched(Surroundings(on_call=lambda level, at: there[level]))
    line.declare(1)
    assert line.look(0)[0] == "nobody-on-call L1"
    line.write(acts.acknowledge(line.one, line.by("bob")))
    assert line.look(30)[-2:] == ["unacknowledged", "rung 2 L2:dave"]
    there["L1"] = ("dave",)
    line.write(acts.acknowledge(line.one, line.by("bob")))
    assert line.look(60)[-1] == "rung 1 L1:dave"
    assert line.one.unmanned == ()
    there["L1"] = ()
    line.write(acts.acknowledge(line.one, line.by("bob")))
    assert line.look(90)[-3:] == ["unacknowledged", "nobody-on-call L1", "rung 2 L2:dave"]


def test_inc_case_20_an_acknowledgement_decays_without_work() -> None:
    line = Watched()
    line.declare(1)
    line.look(0)
    line.write(acts.acknowledge(line.one, line.by("bob")))
    line.write(acts.set_status(line.one, line.by("bob"), "investigating"))
    assert [line.look(14.9), line.look(15)] == [[], ["reminded acknowledgement", "reminded update"]]
    assert line.look(30) == ["unacknowledged", "rung 1 L1:bob"]
    assert (line.one.status, line.one.acknowledged_by) == ("investigating", "")
    assert line.events[-2].body["person"] == "bob"

    noted = Watched()
    noted.declare(1)
    noted.look(0)
    noted.write(acts.acknowledge(noted.one, noted.by("bob")))
    noted.at(10).write(acts.note(noted.one, noted.by("bob"), "reading logs"))
    assert [noted.look(minute) for minute in (15, 24.9, 25, 39.9)] == [
        *(["reminded update"], [], ["reminded acknowledgement"], ["reminded update"]),
    ]
    assert noted.look(40) == ["unacknowledged", "rung 1 L1:bob"]


def test_inc_case_21_a_snooze_is_silent_and_ends_triggered() -> None:
    line = Watched()
    line.declare(2)
    line.look(0)
    line.write(acts.snooze(line.one, line.by("bob"), NOON + timedelta(hours=18)))
    assert [line.look(minute) for minute in (30, 60, 600, 18 * 60 - 1)] == [[], [], [], []]
    assert line.look(18 * 60) == ["snooze-ended", "rung 1 L1:bob"]
    assert line.one.triggered
    assert line.one.status == "declared"
    assert line.look(18 * 60 + 30) == ["rung 2 L2:carol"]


def test_rb_case_21_a_clock_that_is_set_back_fires_nothing_again() -> None:
    line = Watched()
    line.declare(1)
    line.look(0)
    line.look(15)
    assert line.look(-45) == []
    line.write(acts.acknowledge(line.one, line.by("bob")))
    line.write(acts.resolve(line.one, line.by("bob"), "done"))
    from artisan_tui.domain.incidents.metrics import metrics

    assert [event.seq for event in line.events] == list(range(1, len(line.events) + 1))
    assert (metrics([line.one])[1].mtta.median, metrics([line.one])[1].mttr.median) == (0, 0)
    assert line.look(15) == []


def test_after_downtime_everything_is_caught_up_once() -> None:
    line = Watched()
    line.declare(1)
    line.look(0)
    assert line.look(600) == ["rung 2 L2:carol", "rung 3 L3:dave", "rung 4 L4:erin"]
    assert line.look(601) == []
    asleep = Watched()
    asleep.declare(1)
    asleep.look(0)
    asleep.write(acts.acknowledge(asleep.one, asleep.by("bob")))
    assert asleep.look(600) == ["unacknowledged", "rung 1 L1:bob"]


def test_mild_incidents_disturb_in_business_hours_only() -> None:
    hours = Hours(frozenset(range(5)), time(9), time(12, 5), ZoneInfo("UTC"))
    line = Watched(Surroundings(on_call=lambda level, at: PEOPLE[level], working_time=BusinessHours(hours).after))
    line.declare(3, "INC-1")
    line.declare(2, "INC-2")
    assert line.look(0) == ["rung 1 L1:bob", "rung 1 L1:bob"]
    assert line.look(60) == ["rung 2 L2:carol", "rung 3 L3:dave"]  # of the Sev2 alone
    assert line.look(21 * 60 + 54) == ["rung 4 L4:erin"]
    assert line.look(21 * 60 + 55) == ["rung 2 L2:carol"]
    late = Watched(line.around)
    late.at(10).declare(4)
    assert late.look(10) == []
    assert late.look(21 * 60) == ["rung 1 L1:bob"]


def test_inc_case_24_what_still_fires_after_five_minutes_reopens_the_same_incident() -> None:
    firing: list[str] | None = ["f1"]

    def still(incident: Incident) -> tuple[str, ...] | None:
        return None if firing is None else tuple(firing)

    line = Watched(Surroundings(on_call=lambda level, at: PEOPLE[level], still_firing=still))
    line.declare(3)
    line.look(0)
    line.write(acts.attach(line.one, line.by(), "f1", "QwenDown"))
    line.at(10).write(acts.resolve(line.one, line.by("bob"), "done", firing=["f1"]))
    assert line.events[-1].body["firing"] == ["f1"]
    assert line.look(14.9) == []
    firing = None  # no source answers: nothing is decided
    assert line.look(15) == []
    firing = ["f1"]
    assert line.look(16) == ["reopened", "rung 1 L1:bob"]
    assert line.events[-2].body["reason"] == "QwenDown"
    line.at(20).write(acts.resolve(line.one, line.by("bob"), "really"))
    firing = []
    assert line.look(25) == ["rechecked"]
    assert line.look(26) == []


def test_updates_are_due_by_their_cadence_and_reminded_of_once() -> None:
    line = Watched()
    line.declare(2)
    line.look(0)
    line.at(5).write(acts.set_status(line.one, line.by("bob"), "investigating", "looking"))
    assert update_due(line.one) == NOON + timedelta(minutes=35)
    assert line.look(35) == ["reminded acknowledgement", "reminded update"]
    assert update_due(line.one) == NOON + timedelta(minutes=35)  # still overdue, only reminded of
    assert [each.at for each in due(line.one) if each.kind == "update"] == [NOON + timedelta(minutes=65)]
    line.at(40).write(acts.set_status(line.one, line.by("bob"), "investigating", "still"))
    assert update_due(line.one) == NOON + timedelta(minutes=70)


def test_inc_case_18_escalating_by_hand_goes_one_rung_up() -> None:
    import pytest

    from artisan_tui.domain.incidents.acting import ActRefused, StaleAct, check_seen

    line = Watched()
    line.declare(2)
    line.look(0)
    seen = line.one.version
    line.look(30)
    with pytest.raises(StaleAct, match="rung 2 was paged"):
        check_seen(line.one, seen, "escalate")
    line.write(timers.escalate(line.one, line.by("bob"), line.around))
    assert line.events[-1].body["by"] == "person"
    assert line.one.rung == 3
    line.write(timers.escalate(line.one, line.by("bob"), line.around))
    with pytest.raises(ActRefused, match="top of the ladder"):
        timers.escalate(line.one, line.by("bob"), line.around)


def test_escalating_what_somebody_has_calls_the_next_level_and_leaves_the_acknowledgement() -> None:
    line = Watched()
    line.declare(2)
    line.look(0)
    line.write(acts.acknowledge(line.one, line.by("bob")))
    line.at(5).write(timers.escalate(line.one, line.by("bob"), line.around))
    assert [(event.body["rung"], event.body["persons"]) for event in line.events if event.kind == "incident.rung"] == [
        (1, ["bob"]),
        (2, ["carol"]),
    ]
    assert (line.one.acknowledged_by, line.one.rung) == ("bob", 2)
