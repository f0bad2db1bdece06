"""Whatever happens to incidents, in whatever order: the fold holds its rules, and a stored one is the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from artisan_tui.domain.incidents import acts, acts_merging, acts_roles, closing, timers
from artisan_tui.domain.incidents.acting import ActRefused, Entries
from artisan_tui.domain.incidents.clocks import acknowledge_due, due
from artisan_tui.domain.incidents.fold import fold
from artisan_tui.domain.incidents.incident import ACTIVE, CANCELLED, STATUSES, Incident, read_incident
from artisan_tui.domain.incidents.metrics import metrics
from artisan_tui.domain.incidents.timers import Surroundings
from support.incidents import NOON, Timeline

IDS = ("INC-1", "INC-2", "INC-3")
PEOPLE = ("alice", "bob", "carol")
AROUND = Surroundings(on_call=lambda level, at: ("dave",) if level == "L2" else ())
which, who = st.sampled_from(IDS), st.sampled_from(PEOPLE)


class Incidents(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.line = Timeline()

    @initialize(levels=st.lists(st.integers(1, 4), min_size=3, max_size=3))
    def begin(self, levels: list[int]) -> None:
        for incident_id, level in zip(IDS, levels, strict=True):
            self.line.declare(level, incident_id)
            self.act(incident_id, lambda one: acts.attach(one, self.line.by(), f"of {one.id}"))

    def act(self, incident_id: str, act: Callable[[Incident], Entries]) -> None:
        """An act is carried out, or refused with words; a refused one changes nothing."""
        before = dict(self.line.incidents)
        words = "carried out"
        try:
            self.line.write(act(self.line.incidents[incident_id]))
        except ActRefused as refused:
            words = str(refused)
        assert words
        assert words == "carried out" or self.line.incidents == before

    @rule(one=which, person=who)
    def acknowledge(self, one: str, person: str) -> None:
        self.act(one, lambda i: acts.acknowledge(i, self.line.by(person)))

    @rule(one=which, person=who)
    def note(self, one: str, person: str) -> None:
        self.act(one, lambda i: acts.note(i, self.line.by(person), "seen"))

    @rule(one=which, person=who, after=st.sampled_from(STATUSES), text=st.sampled_from(["", "why"]))
    def status(self, one: str, person: str, after: str, text: str) -> None:
        self.act(one, lambda i: acts.set_status(i, self.line.by(person), after, text))

    @rule(one=which, after=st.integers(1, 4))
    def severity(self, one: str, after: int) -> None:
        before = acknowledge_due(self.line.incidents[one])
        self.act(one, lambda i: acts.set_severity(i, self.line.by(), after, "reason"))
        now = acknowledge_due(self.line.incidents[one])
        if before is not None:
            assert now is not None
            assert now <= before

    @rule(one=which, person=who, minutes=st.integers(1, 40))
    def snooze(self, one: str, person: str, minutes: int) -> None:
        until = self.line.now + timedelta(minutes=minutes)
        self.act(one, lambda i: acts.snooze(i, self.line.by(person), until))

    @rule(one=which, actor=who, person=who)
    def assign(self, one: str, actor: str, person: str) -> None:
        self.act(one, lambda i: acts_roles.assign(i, self.line.by(actor), person))

    @rule(one=which, person=who)
    def accept(self, one: str, person: str) -> None:
        self.act(one, lambda i: acts_roles.accept(i, self.line.by(person)))

    @rule(one=which, other=which)
    def merge(self, one: str, other: str) -> None:
        of = self.line.incidents
        parts = [of[each.id] for each in of[one].merged]
        self.act(one, lambda i: acts_merging.merge(i, of[other], self.line.by(), parts=parts))

    @rule(one=which)
    def unmerge(self, one: str) -> None:
        of = self.line.incidents
        holders = [each for each in of.values() if any(part.id == one for part in each.merged)]
        parts = [of[each.id] for each in of[one].merged]
        self.act(one, lambda i: acts_merging.unmerge(i, holders, self.line.by(), parts=parts))

    @rule(one=which, text=st.sampled_from(["", "how"]))
    def resolve(self, one: str, text: str) -> None:
        self.act(one, lambda i: acts.resolve(i, self.line.by(), text))
        self.act(one, lambda i: closing.required_postmortem(i, self.line.by()))

    @rule(one=which)
    def close(self, one: str) -> None:
        self.act(one, lambda i: acts.set_root_cause(i, self.line.by(), "cause"))
        self.act(one, lambda i: closing.close(i, self.line.by()))

    @rule(one=which)
    def own_postmortem(self, one: str) -> None:
        self.act(one, lambda i: closing.set_postmortem(i, self.line.by(), owner="bob"))

    @rule(one=which, because=st.sampled_from(acts.BECAUSE), other=which)
    def cancel(self, one: str, because: str, other: str) -> None:
        self.act(one, lambda i: acts.cancel(i, self.line.by(), because, other=self.line.incidents[other]))

    @rule(one=which)
    def reopen(self, one: str) -> None:
        self.act(one, lambda i: acts.reopen(i, self.line.by(), "again"))

    @rule(minutes=st.integers(-20, 90))
    def time_passes_and_the_leader_looks(self, minutes: int) -> None:
        self.line.now = max(NOON, self.line.now + timedelta(minutes=minutes))
        for one in IDS:
            self.act(one, lambda i: timers.fire(i, self.line.by("artisan"), AROUND))
            # Nothing is due twice.
            left = timers.fire(self.line.incidents[one], self.line.by("artisan"), AROUND)
            assert left == ()

    @invariant()
    def an_incident_is_what_its_events_say(self) -> None:
        for one, incident in self.line.incidents.items():
            assert fold(event for event in self.line.events if event.subject == one) == incident
            assert read_incident(incident.to_json()) == incident

    @invariant()
    def its_parts_agree(self) -> None:
        for one, incident in self.line.incidents.items():
            assert incident.status in (*STATUSES, CANCELLED)
            assert incident.events >= incident.version
            if incident.triggered:
                assert not incident.acknowledged
            if incident.status in ACTIVE[1:] and not incident.merged_into:
                assert incident.acknowledged or incident.paging_since is not None
            if not incident.active and incident.status not in ACTIVE:
                assert {each.kind for each in due(incident)} <= {"recheck", "postmortem"}
            if incident.snoozed_until is not None:
                assert incident.active
            assert sum(each.active for each in incident.roles) <= 1
            if incident.merged_into:
                holder = self.line.incidents[incident.merged_into]
                assert one in holder.parts
                assert due(incident) == ()

    @invariant()
    def durations_are_never_less_than_nothing(self) -> None:
        for times in metrics(self.line.incidents.values()).values():
            for each in (times.mttd, times.mtta, times.mttr):
                assert each.median is None or each.median >= 0


Incidents.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestIncidents = Incidents.TestCase
