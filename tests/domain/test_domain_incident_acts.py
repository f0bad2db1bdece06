"""What a person does to an incident: severities, states, roles, snoozes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.incidents import acts, acts_roles
from artisan_tui.domain.incidents.acting import ActRefused, StaleAct, check_seen
from artisan_tui.domain.incidents.clocks import acknowledge_due, due
from artisan_tui.domain.incidents.ids import incident_id, is_incident_id
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


def test_what_a_person_did_a_moment_ago_does_not_refuse_their_next_act() -> None:
    line = Timeline()
    line.declare()
    seen = line.one.version
    line.at(1).write(acts.set_status(line.one, line.by("bob"), "investigating", "looking"))
    check_seen(line.one, seen, "resolve", line.by("bob"))
    with pytest.raises(StaleAct, match="bob set it to investigating"):
        check_seen(line.one, seen, "resolve", line.by("carol"))
    with pytest.raises(StaleAct):  # a login may be shared: what is older may be another person's
        check_seen(line.one, seen, "resolve", line.at(1.1).by("bob"))


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
