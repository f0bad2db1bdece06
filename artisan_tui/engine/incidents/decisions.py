"""What the commands of incidents lead to: declaring, working, resolving. `more_decisions` has the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.incidents import acts, acts_roles, closing
from artisan_tui.domain.incidents.acting import ActRefused, By, Entries
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.severity import parse_severity
from artisan_tui.domain.incidents.timers import after
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.arguments import by_of, coming, is_yes, listed, past, rules_of, seen_of
from artisan_tui.engine.incidents.one_incident import act_on
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.still_down import still_down
from artisan_tui.engine.incidents.transaction import Acted, in_transaction, on_incident, open_runs
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.store.incidents.part import IncidentView
    from artisan_tui.store.store import Store


def declare(present: Present, given: Mapping[str, Any]) -> Decision:
    """With ``alerts``: one of an incident that was resolved a moment ago reopens that, and an older one is linked."""
    rules, by, outside = rules_of(present), by_of(present), present.state(OutsideAlerts)
    fingerprints, names = listed(given["alerts"]), listed(given["alert_names"])
    severity = int(parse_severity(given["severity"]))
    declared_at = past(given["at"], present)

    def within(view: IncidentView) -> Acted:
        # In a live drill everything is one; elsewhere it stands beside what is real.
        apart, previous = is_yes(given["drill"]) and not rules.drill, ""
        for fingerprint, name in _named(fingerprints, names):
            for known in () if apart else view.of_alert(outside.fingerprints(fingerprint)):
                if (known.drill and not rules.drill) or known.merged_into or known.status == "cancelled":
                    continue
                if known.active:
                    raise ActRefused(f"the alert {name or fingerprint} is attached to {known.id} already")
                again = acts.fired_again(known, by, name or fingerprint)
                if again:
                    return Acted(again, known.id, f"{known.id} reopened")
                previous = previous or known.id
        new = view.free_id(present.now)
        entries = acts.declare(
            new,
            by,
            title=given["title"],
            severity=severity,
            policy=rules.policy,
            description=given["description"] or "",
            services=listed(given["services"]),
            detected_at=past(given["detected"], present),
            declared_at=declared_at,
            source=given["source"] or ("alert" if fingerprints else "person"),
            previous=previous,
            drill=apart or rules.drill,
        )
        return Acted((*entries, *_attached(new, by, fingerprints, names)), new, f"{new} declared: Sev{severity}")

    return in_transaction(rules, present.now, within)


def _named(fingerprints: tuple[str, ...], names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(each, names[at] if at < len(names) else "") for at, each in enumerate(fingerprints)]


def _attached(incident: str, by: By, fingerprints: tuple[str, ...], names: tuple[str, ...]) -> Entries:
    from artisan_tui.domain.incidents.events import IncidentAlertAttached

    return tuple(
        by.entry(IncidentAlertAttached(fingerprint=each, name=name), incident)
        for each, name in _named(fingerprints, names)
    )


def acknowledge(present: Present, given: Mapping[str, Any]) -> Decision:
    by = by_of(present, given["responder"])
    return act_on(
        present, given, "acknowledge", lambda i: acts.acknowledge(i, by), lambda i: f"{i.id} acknowledged", by=by
    )


def note(present: Present, given: Mapping[str, Any]) -> Decision:
    at = past(given["at"], present)
    return act_on(
        present, given, "note", lambda i: acts.note(i, by_of(present), given["text"], at), lambda i: f"noted in {i.id}"
    )


def status(present: Present, given: Mapping[str, Any]) -> Decision:
    at, text = past(given["at"], present), given["text"] or ""
    return act_on(
        present,
        given,
        "status",
        lambda i: acts.set_status(i, by_of(present), given["status"], text, at),
        lambda i: f"{i.id} is now {i.status}",
    )


def severity(present: Present, given: Mapping[str, Any]) -> Decision:
    level = int(parse_severity(given["severity"]))
    return act_on(
        present,
        given,
        "severity",
        lambda i: acts.set_severity(i, by_of(present), level, given["reason"]),
        lambda i: f"{i.id} is Sev{i.severity}",
    )


def assign(present: Present, given: Mapping[str, Any]) -> Decision:
    person, role = given["person"], given["role"] or "commander"

    def said(incident: Incident) -> str:
        if incident.holder(role) == person:
            return f"{person} is {role} of {incident.id}"
        return f"{person} was asked to be {role} of {incident.id}"

    return act_on(present, given, "assign", lambda i: acts_roles.assign(i, by_of(present), person, role), said)


def accept(present: Present, given: Mapping[str, Any]) -> Decision:
    role = given["role"] or "commander"
    return act_on(
        present,
        given,
        "accept",
        lambda i: acts_roles.accept(i, by_of(present), role),
        lambda i: f"{i.holder(role)} is {role} of {i.id}",
    )


def give_up(present: Present, given: Mapping[str, Any]) -> Decision:
    role = given["role"] or "commander"
    return act_on(
        present,
        given,
        "give-up",
        lambda i: acts_roles.give_up(i, by_of(present), role, given["reason"] or ""),
        lambda i: f"{role} of {i.id} given up",
    )


def snooze(present: Present, given: Mapping[str, Any]) -> Decision:
    until = coming(given["until"], present)
    if until is None and given["for"] is not None:
        until = present.now + timedelta(seconds=given["for"])
    if until is None:
        raise CommandMisused(_("write for how long, like --for 30m, or until when"))
    end = until
    return act_on(
        present,
        given,
        "snooze",
        lambda i: acts.snooze(i, by_of(present), end, given["reason"] or ""),
        lambda i: f"{i.id} snoozed until {end:%Y-%m-%dT%H:%MZ}",
    )


def root_cause(present: Present, given: Mapping[str, Any]) -> Decision:
    return act_on(
        present,
        given,
        "root-cause",
        lambda i: acts.set_root_cause(i, by_of(present), given["text"]),
        lambda i: f"root cause of {i.id} set",
    )


def resolve(present: Present, given: Mapping[str, Any]) -> Decision:
    """What still fires and what is still down is said, and what fires is asked about again after some minutes; a
    postmortem begins to be due."""
    rules, by, at = rules_of(present), by_of(present), past(given["at"], present)

    def decide(incident: Incident) -> Entries:
        firing = rules.around.still_firing(incident) or ()
        entries = acts.resolve(incident, by, given["resolution"], firing=firing, at=at)
        done = after(incident, entries, present.now)
        return (*entries, *closing.required_postmortem(done, by, rules.business_days))

    def change(store: Store) -> Decision:
        def said(incident: Incident) -> str:
            firing = rules.around.still_firing(incident) or ()
            if firing:
                names = {each.fingerprint: each.name or each.fingerprint for each in incident.alerts}
                still = ", ".join(names.get(each, each) for each in firing[:5])
                return f"{incident.id} resolved, but still firing: {still}; it is reopened if they fire in 5 minutes"
            down = ", ".join(still_down(store, incident))
            return f"{incident.id} resolved, but still down: {down}" if down else f"{incident.id} resolved"

        decision = act_on(present, given, "resolve", decide, said)
        assert decision.change is not None
        return decision.change(store)

    return Decision(change=change)


def close(present: Present, given: Mapping[str, Any]) -> Decision:
    def change(store: Store) -> Decision:
        def decide(incident: Incident) -> Entries:
            # Asked behind the write lock: no run of this incident starts between the answer and the close.
            runs = open_runs(store, incident)
            return closing.close(incident, by_of(present), given["text"] or "", runs)

        decision = act_on(present, given, "close", decide, lambda i: f"{i.id} closed")
        assert decision.change is not None
        return decision.change(store)

    return Decision(change=change)


def cancel(present: Present, given: Mapping[str, Any]) -> Decision:
    by, because, other_id = by_of(present), given["because"], given["other"]

    def within(view: IncidentView, incident: Incident) -> Acted:
        other = view.get(other_id) if other_id else None
        if other_id and other is None:
            raise ActRefused(f"there is no incident {other_id}")
        if other is not None and because != "duplicate_of":
            raise ActRefused("a false positive names no other incident")
        entries = acts.cancel(incident, by, because, other=other, reason=given["reason"] or "")
        return Acted(entries, incident.id, f"{incident.id} cancelled")

    return on_incident(rules_of(present), by, given["incident"], "cancel", seen_of(given), within)


def reopen(present: Present, given: Mapping[str, Any]) -> Decision:
    """One that was closed more than seven days ago is followed by a new one."""
    rules, by, reason = rules_of(present), by_of(present), given["reason"]

    def within(view: IncidentView, incident: Incident) -> Acted:
        if not acts.too_late(incident, present.now):
            return Acted(acts.reopen(incident, by, reason), incident.id, f"{incident.id} reopened")
        new = view.free_id(present.now)
        return Acted(_following(incident, new, by, rules, reason), new, f"{new} declared: it follows {incident.id}")

    return on_incident(rules, by, given["incident"], "reopen", seen_of(given), within)


def _following(incident: Incident, new: str, by: By, rules: IncidentRules, reason: str) -> Entries:
    return acts.declare(
        new,
        by,
        title=incident.title,
        severity=incident.severity,
        policy=rules.policy,
        description=reason,
        services=incident.services,
        previous=incident.id,
        drill=incident.drill,
    )
