"""What each act on an incident leads to, and when it is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.incidents import acts, acts_merging, acts_roles, closing
from artisan_tui.domain.incidents.acting import ActRefused, StaleAct, check_seen
from artisan_tui.domain.incidents.clocks import acknowledge_due, due
from artisan_tui.domain.incidents.ids import incident_id, is_incident_id
from artisan_tui.domain.incidents.incident import read_incident
from artisan_tui.domain.incidents.metrics import metrics
from artisan_tui.domain.incidents.severity import parse_severity
from support.incidents import NOON, Timeline


@pytest.mark.parametrize(
    ("text", "level"),
    [("Sev1", 1), ("sev-2", 2), ("SEV 3", 3), ("4", 4), ("P0", 1), ("p1", 2), ("P3", 4), ("Critical", 1), ("low", 4)],
)
def test_a_severity_is_written_in_every_scale(text: str, level: int) -> None:
    assert parse_severity(text) == level


@pytest.mark.parametrize("text", ["", "Sev0", "P4", "5", "urgent", "sev"])
def test_what_is_no_severity_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="Sev1 to Sev4, P0 to P3, critical"):
        parse_severity(text)


def test_rb_case_22_two_incidents_of_one_second_have_two_ids() -> None:
    taken: set[str] = set()
    for expected in ("INC-20261123-120000", "INC-20261123-120000-2", "INC-20261123-120000-3"):
        made = incident_id(NOON + timedelta(milliseconds=400), taken.__contains__)
        assert made == expected
        assert is_incident_id(made)
        taken.add(made)
    assert not is_incident_id("INC-20261123-120000-0")
    assert not is_incident_id("INC-20261123-120000'; --")


def test_states_go_forward_by_jumps_and_skipped_times_stay_empty() -> None:
    line = Timeline()
    line.declare()
    line.at(3).write(acts.acknowledge(line.one, line.by("bob")))
    line.at(5).write(acts.set_status(line.one, line.by("bob"), "mitigated", "restarted"))
    assert (line.one.status, line.one.at("investigating"), line.one.at("mitigating")) == ("mitigated", None, None)
    assert line.one.at("mitigated") == NOON + timedelta(minutes=5)
    with pytest.raises(ActRefused, match="cannot go back to mitigating"):
        acts.set_status(line.one, line.by(), "mitigating", "no")
    with pytest.raises(ActRefused, match="needs a reason"):
        acts.set_status(line.one, line.by(), "investigating")
    line.at(9).write(acts.set_status(line.one, line.by(), "investigating", "it is back"))
    assert line.one.status == "investigating"


@pytest.mark.parametrize("status", ["declared", "closed", "cancelled", "resolved", "no such"])
def test_a_status_that_is_an_act_of_its_own_is_not_set(status: str) -> None:
    line = Timeline()
    line.declare()
    with pytest.raises(ActRefused):
        acts.set_status(line.one, line.by(), status, "why")


def test_work_on_a_declared_incident_implies_that_somebody_has_it() -> None:
    line = Timeline()
    line.declare()
    line.at(2).write(acts.note(line.one, line.by("bob"), "looking"))
    assert [event.kind for event in line.events[1:]] == ["incident.acknowledged", "incident.noted"]
    assert (line.one.status, line.one.acknowledged_by) == ("acknowledged", "bob")
    line.at(3).write(acts.note(line.one, line.by("carol"), "me too"))
    assert line.one.acknowledged_by == "bob"


def test_inc_case_16_an_act_on_a_version_that_is_gone_is_refused_with_what_happened() -> None:
    line = Timeline()
    line.declare()
    seen = line.one.version
    line.at(1).write(acts.resolve(line.one, line.by("bob"), "restarted"))
    with pytest.raises(StaleAct, match="bob resolved it") as refused:
        check_seen(line.one, seen, "acknowledge")
    assert [each.kind for each in refused.value.changes] == ["incident.acknowledged", "incident.resolved"]
    assert line.one.status == "resolved"
    assert due(line.one) == ()
    with pytest.raises(ActRefused, match="is resolved"):
        acts.acknowledge(line.one, line.by())


def test_a_note_of_another_does_not_make_an_act_stale_and_a_rung_does_not_refuse_an_acknowledgement() -> None:
    from artisan_tui.domain.incidents.events import IncidentRungReached

    line = Timeline()
    line.declare()
    line.write([line.by().entry(IncidentRungReached(rung=1, level="L1", persons=("bob",)), line.one.id)])
    check_seen(line.one, 1, "acknowledge")
    with pytest.raises(StaleAct, match="rung 1 was paged"):
        check_seen(line.one, 1, "escalate")
    line.at(1).write(acts.acknowledge(line.one, line.by("bob")))
    seen = line.one.version
    line.at(2).write(acts.note(line.one, line.by("carol"), "hm"))
    check_seen(line.one, seen, "severity")
    with pytest.raises(StaleAct, match="look at it again"):
        check_seen(line.one, 99, "note")


def test_rb_case_20_a_worse_severity_moves_the_deadline_earlier_and_a_milder_one_never_later() -> None:
    line = Timeline()
    line.declare(3)
    assert acknowledge_due(line.one) == NOON + timedelta(minutes=60)
    line.at(10).write(acts.set_severity(line.one, line.by(), 1, "all customers"))
    assert acknowledge_due(line.one) == NOON + timedelta(minutes=15)
    line.at(11).write(acts.set_severity(line.one, line.by(), 4, "no, only one"))
    assert acknowledge_due(line.one) == NOON + timedelta(minutes=15)
    changes = [(event.body["before"], event.body["after"]) for event in line.events if event.kind.endswith("severity")]
    assert changes == [(3, 1), (1, 4)]
    assert line.one.peak == 1
    with pytest.raises(ActRefused, match="needs a reason"):
        acts.set_severity(line.one, line.by(), 2, " ")


def test_roles_are_intervals_and_a_transfer_needs_acceptance() -> None:
    line = Timeline()
    line.declare()
    line.at(1).write(acts_roles.assign(line.one, line.by("alice"), "alice"))
    line.at(2).write(acts_roles.assign(line.one, line.by("alice"), "bob"))
    assert (line.one.commander, line.one.offered("commander")) == ("alice", "bob")
    with pytest.raises(ActRefused, match="nobody asked carol"):
        acts_roles.accept(line.one, line.by("carol"))
    line.at(5).write(acts_roles.accept(line.one, line.by("bob")))
    assert (line.one.commander, line.one.offered("commander")) == ("bob", "")
    spans = [(each.person, each.until) for each in line.one.roles if each.taken_at]
    assert spans == [("alice", NOON + timedelta(minutes=5)), ("bob", None)]
    line.at(6).write(acts_roles.give_up(line.one, line.by("bob"), "commander"))
    assert line.one.commander == ""
    assert line.one.status == "declared"  # a role is no acknowledgement


def test_inc_case_21_a_snooze_is_short_for_a_sev1_and_ends_by_another_or_by_an_assignment() -> None:
    line = Timeline()
    line.declare(1)
    with pytest.raises(ActRefused, match="snoozed for 30m at most"):
        acts.snooze(line.one, line.by(), NOON + timedelta(minutes=31))
    line.write(acts.snooze(line.one, line.by("bob"), NOON + timedelta(minutes=30)))
    assert [each.kind for each in due(line.one)] == ["snooze"]
    with pytest.raises(ActRefused, match="acknowledged by bob already"):
        acts.acknowledge(line.one, line.by("bob"))
    line.at(1).write(acts.acknowledge(line.one, line.by("carol")))
    assert (line.one.snoozed_until, line.one.acknowledged_by) == (None, "carol")
    line.write(acts.snooze(line.one, line.by("carol"), NOON + timedelta(minutes=20)))
    line.at(2).write(acts_roles.assign(line.one, line.by("carol"), "bob"))
    assert line.one.snoozed_until is None


def test_a_snooze_is_cut_when_it_becomes_a_sev1() -> None:
    line = Timeline()
    line.declare(3)
    line.write(acts.snooze(line.one, line.by(), NOON + timedelta(hours=8)))
    line.at(10).write(acts.set_severity(line.one, line.by(), 1, "everything"))
    assert line.one.snoozed_until == NOON + timedelta(minutes=40)


def test_rb_case_24_a_sev1_closes_when_nothing_is_missing() -> None:
    line = Timeline()
    line.declare(1)
    line.at(30).write(acts.resolve(line.one, line.by(), "restarted"))
    line.write(closing.required_postmortem(line.one, line.by()))
    assert line.one.postmortem.due == NOON + timedelta(hours=24, minutes=30)
    with pytest.raises(ActRefused, match="root cause is missing; the postmortem has no owner"):
        closing.close(line.one, line.by())
    line.write(acts.set_root_cause(line.one, line.by(), "out of memory"))
    line.write(closing.set_postmortem(line.one, line.by(), "draft", owner="bob"))
    with pytest.raises(ActRefused, match="run R1 is not over"):
        closing.close(line.one, line.by(), runs=["R1"])
    line.write(closing.close(line.one, line.by()))
    assert line.one.status == "closed"
    assert line.one.postmortem.due == NOON + timedelta(hours=24, minutes=30)


def test_a_sev2_has_three_business_days_and_what_was_worse_counts() -> None:
    line = Timeline()  # a Monday
    line.declare(2)
    line.at(1).write(acts.set_severity(line.one, line.by(), 4, "small"))
    line.at(2).write(acts.resolve(line.one, line.by(), "done"))
    friday = closing.required_postmortem(line.one, line.by())
    line.write(friday)
    assert line.one.postmortem.due == NOON + timedelta(days=3, minutes=2)
    assert closing.weekdays(NOON + timedelta(days=4), 3) == NOON + timedelta(days=9)


def test_a_postmortem_is_waived_by_two() -> None:
    line = Timeline()
    line.declare(1)
    line.write(closing.set_postmortem(line.one, line.by(), "required"))
    for second in ("", "alice"):
        with pytest.raises(ActRefused, match="second person"):
            closing.set_postmortem(line.one, line.by("alice"), "waived", reason="known", second=second)
    line.write(closing.set_postmortem(line.one, line.by(), "waived", reason="known", second="bob"))
    assert line.one.postmortem.state == "waived"
    with pytest.raises(ActRefused, match="complete cannot follow"):
        closing.set_postmortem(line.one, line.by(), "complete")


def test_it_is_cancelled_until_it_is_mitigated() -> None:
    line = Timeline()
    line.declare()
    with pytest.raises(ActRefused, match="id of the other"):
        acts.cancel(line.one, line.by(), "duplicate_of")
    with pytest.raises(ActRefused, match="cannot be a duplicate"):
        acts.cancel(line.one, line.by(), "duplicate_of", other=line.one)
    line.at(1).write(acts.set_status(line.one, line.by(), "mitigated", "restarted"))
    with pytest.raises(ActRefused, match="not mitigated yet"):
        acts.cancel(line.one, line.by(), "false_positive")
    other = Timeline()
    other.declare()
    other.write(acts.cancel(other.one, other.by(), "false_positive", reason="a test"))
    assert (other.one.status, due(other.one)) == ("cancelled", ())
    for act in (lambda: acts.acknowledge(other.one, other.by()), lambda: acts.reopen(other.one, other.by(), "no")):
        with pytest.raises(ActRefused, match="is cancelled"):
            act()


def test_a_closed_one_is_reopened_within_seven_days() -> None:
    line = Timeline()
    line.declare(3)
    line.at(1).write(acts.set_root_cause(line.one, line.by(), "why"))
    line.write(acts.resolve(line.one, line.by(), "how"))
    line.write(closing.close(line.one, line.by()))
    line.at(60 * 24 * 7 + 1)
    line.write(acts.reopen(line.one, line.by(), "again"))
    assert (line.one.status, line.one.reopened) == ("investigating", 1)
    line.write(acts.resolve(line.one, line.by(), "now"))
    line.write(closing.close(line.one, line.by()))
    line.now += timedelta(days=7, seconds=1)
    with pytest.raises(ActRefused, match="declare a new incident"):
        acts.reopen(line.one, line.by(), "again")


def test_rb_case_23_a_flapping_alert_reopens_within_half_an_hour() -> None:
    line = Timeline()
    line.declare(2)
    line.write(acts.attach(line.one, line.by(), "917cd62b7929336b", "B"))
    line.at(10).write(acts.resolve(line.one, line.by(), "gone"))
    assert acts.fired_again(line.one, line.at(40.1).by("artisan"), "B") == ()
    line.at(40).write(acts.fired_again(line.one, line.by("artisan"), "B"))
    assert (line.one.status, line.one.acknowledged_by, line.one.rung) == ("investigating", "", 0)
    assert line.one.triggered


def test_inc_case_22_a_merged_incident_shows_in_the_other_and_comes_back() -> None:
    line = Timeline()
    line.declare(2, "INC-A", detected_at=NOON)
    line.at(5).declare(2, "INC-B", detected_at=NOON - timedelta(minutes=9), declared_at=NOON)
    line.write(acts.attach(line.incidents["INC-B"], line.by(), "f1", "Down"))
    a, b = line.incidents["INC-A"], line.incidents["INC-B"]
    line.write(acts_merging.merge(b, a, line.by(), "same"))
    a, b = line.incidents["INC-A"], line.incidents["INC-B"]
    assert (b.merged_into, b.open, due(b)) == ("INC-A", False, ())
    assert [(each.fingerprint, each.origin) for each in a.alerts] == [("f1", "INC-B")]
    assert a.parts == ("INC-A", "INC-B")
    for refused in (lambda: acts.acknowledge(b, line.by()), lambda: acts_merging.merge(a, b, line.by())):
        with pytest.raises(ActRefused, match="merged into INC-A"):
            refused()
    line.at(15).write(acts.resolve(a, line.by(), "done"))
    counted = metrics(line.incidents.values())[2]
    assert (counted.incidents, counted.mttr.median) == (1, 24 * 60)
    line.write(acts_merging.unmerge(b, [line.incidents["INC-A"]], line.by()))
    a, b = line.incidents["INC-A"], line.incidents["INC-B"]
    assert (b.merged_into, b.open, b.triggered, a.merged, a.alerts) == ("", True, True, (), ())
    with pytest.raises(ActRefused, match="INC-A is resolved"):
        acts_merging.merge(b, a, line.by())


def test_rb_case_25_a_correction_keeps_both_and_the_metrics_use_the_right_time() -> None:
    line = Timeline()
    line.declare(2)
    line.at(45).write(acts.acknowledge(line.one, line.by()))
    wrong = line.events[-1]
    line.at(50).write(acts.correct(line.one, line.by(), wrong, occurred_at=NOON + timedelta(minutes=10)))
    assert [event.kind for event in line.events[1:]] == ["incident.acknowledged", "incident.corrected"]
    assert line.events[-1].supersedes == wrong.seq
    assert metrics([line.one])[2].mtta.median == 600
    # The correction itself is corrected, and the original again.
    for seq_of, minute in ((-1, 12), (1, 7)):
        line.write(acts.correct(line.one, line.by(), line.events[seq_of], occurred_at=NOON + timedelta(minutes=minute)))
        assert metrics([line.one])[2].mtta.median == minute * 60
    with pytest.raises(ActRefused, match="still to come"):
        acts.correct(line.one, line.by(), wrong, occurred_at=line.now + timedelta(hours=1))


def test_rb_case_25_a_correction_of_the_words_moves_no_time_back() -> None:
    line = Timeline()
    line.declare(2)
    line.at(45).write(acts.acknowledge(line.one, line.by()))
    wrong = line.events[-1]
    for at, text in ((10, ""), (None, "bob has it"), (None, "alice has it")):
        occurred = None if at is None else NOON + timedelta(minutes=at)
        line.at(50).write(acts.correct(line.one, line.by(), wrong, occurred_at=occurred, text=text))
        assert metrics([line.one])[2].mtta.median == 600
    # The correction of the words is corrected in its turn.
    line.write(acts.correct(line.one, line.by(), line.events[-1], occurred_at=NOON + timedelta(minutes=7)))
    assert metrics([line.one])[2].mtta.median == 420


def test_the_declaration_is_the_detection_until_it_is_said_otherwise() -> None:
    line = Timeline()
    line.declare(2)
    earlier = NOON - timedelta(minutes=8)
    line.write(acts.correct(line.one, line.by(), line.events[0], occurred_at=earlier, milestone="detected"))
    assert (line.one.declared_at, line.one.at("detected")) == (NOON, earlier)
    line.write(acts.correct(line.one, line.by(), line.events[0], occurred_at=NOON - timedelta(minutes=2)))
    assert (line.one.declared_at, line.one.at("detected")) == (NOON - timedelta(minutes=2), earlier)


def test_drills_and_the_cancelled_are_no_part_of_the_metrics() -> None:
    line = Timeline()
    line.declare(1, "INC-1", drill=True)
    line.declare(1, "INC-2")
    line.write(acts.cancel(line.incidents["INC-2"], line.by(), "false_positive"))
    for number in range(3, 14):
        line.at(0).declare(2, f"INC-{number}")
        line.at(number).write(acts.acknowledge(line.incidents[f"INC-{number}"], line.by()))
    found = metrics(line.incidents.values())
    assert found[1].incidents == 0
    assert (found[1].mtta.n, found[1].mtta.median, found[1].mtta.p90) == (0, None, None)
    assert (found[2].mtta.n, found[2].mtta.median, found[2].mtta.p90) == (11, 8 * 60, 12 * 60)


def test_an_incident_survives_json_whatever_is_in_it() -> None:
    line = Timeline()
    line.declare(1, description="줄\n둘", services=["api", "llm"])
    line.write(acts.attach(line.one, line.by(), "f1", "경보", NOON))
    line.write(acts_roles.assign(line.one, line.by(), "bob", "scribe"))
    line.write(closing.put_item(line.one, line.by(), text="watch it", sort="detect", due=NOON))
    line.write(closing.tick(line.one, line.by(), "acknowledge"))
    line.write(closing.inform(line.one, line.by(), "start", "we look"))
    line.at(4).write(acts.resolve(line.one, line.by(), "done"))
    again = read_incident(line.one.to_json())
    assert again == line.one
    assert again.to_json() == line.one.to_json()


def test_an_incident_stays_small_whatever_happens_to_it() -> None:
    line = Timeline()
    line.declare()
    for number in range(1200):
        line.write(acts.attach(line.one, line.by(), f"{number:016x}", f"alert {number}"))
    for number in range(300):
        line.write(acts.note(line.one, line.by(), f"note {number} " + "x" * 1000))
        line.write(acts_roles.assign(line.one, line.by(f"p{number}"), f"p{number}"))
    assert (len(line.one.alerts), line.one.more_alerts, len(line.one.roles)) == (1000, 200, 41)
    assert len(line.one.to_json()) < 150_000
    assert line.one.events == len(line.events)
