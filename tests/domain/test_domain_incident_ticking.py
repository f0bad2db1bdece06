"""Items of the checklists that the program saw happen are ticked without a key."""

from __future__ import annotations

from artisan_tui.domain.incidents import acts, closing
from artisan_tui.domain.incidents.events import IncidentUnacknowledged
from artisan_tui.domain.incidents.incident import Incident
from support.incidents import Timeline


def ticked(incident: Incident) -> dict[str, str]:
    return {each.item: each.actor for each in incident.ticks}


def test_an_acknowledgement_ticks_its_item_until_it_is_given_up() -> None:
    line = Timeline()
    line.declare(2)
    assert ticked(line.one) == {}
    line.write(acts.acknowledge(line.one, line.by("bob")))
    assert ticked(line.one) == {"response.acknowledge": "bob"}
    line.write((line.by("timer").entry(IncidentUnacknowledged(), line.one.id),))
    assert ticked(line.one) == {}


def test_work_that_implies_the_acknowledgement_ticks_it_too() -> None:
    line = Timeline()
    line.declare(2)
    line.write(acts.set_status(line.one, line.by("carol"), "investigating", ""))
    assert ticked(line.one) == {"response.acknowledge": "carol"}


def test_a_message_a_cause_and_a_mitigation_tick_theirs_once() -> None:
    line = Timeline()
    line.declare(2)
    line.write(acts.acknowledge(line.one, line.by()))
    line.write(closing.inform(line.one, line.by("bob"), "start", "We look into it."))
    line.write(closing.inform(line.one, line.by("carol"), "update", "Still."))
    line.write(acts.set_status(line.one, line.by("bob"), "mitigated", "downshifted"))
    line.write(acts.set_root_cause(line.one, line.by("dave"), "The GPU ran out of memory."))
    assert ticked(line.one) == {
        "response.acknowledge": "alice",
        "response.communicate": "bob",
        "resolution.restored": "bob",
        "resolution.cause": "dave",
    }


def test_what_a_person_unticked_stays_so() -> None:
    line = Timeline()
    line.declare(2)
    line.write(acts.acknowledge(line.one, line.by()))
    line.write(closing.tick(line.one, line.by(), "response.acknowledge", done=False))
    line.write(acts.note(line.one, line.by("bob"), "seen"))
    assert ticked(line.one) == {}
