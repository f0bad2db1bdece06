"""How an incident ends: closed, waived, cancelled, reopened, merged, corrected, and counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.incidents import acts, acts_merging, acts_roles, closing
from artisan_tui.domain.incidents.acting import ActRefused
from artisan_tui.domain.incidents.clocks import due
from artisan_tui.domain.incidents.incident import read_incident
from artisan_tui.domain.incidents.metrics import metrics
from support.incidents import NOON, Timeline


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


def test_rb_case_26_drills_and_the_cancelled_are_no_part_of_the_metrics() -> None:
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
