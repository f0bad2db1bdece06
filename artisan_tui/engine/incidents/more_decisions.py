"""What the other commands of incidents lead to: merging, alerts, corrections, checklists, the postmortem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.incidents import acts, acts_merging, closing, timers
from artisan_tui.domain.incidents.acting import ActRefused, Entries
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.arguments import by_of, coming, is_yes, listed, past, rules_of, seen_of, whole
from artisan_tui.engine.incidents.notices import message_notice
from artisan_tui.engine.incidents.one_incident import act_on
from artisan_tui.engine.incidents.transaction import Acted, on_incident, there

if TYPE_CHECKING:
    from artisan_tui.store.incidents.part import IncidentView


def escalate(present: Present, given: Mapping[str, Any]) -> Decision:
    rules = rules_of(present)
    return act_on(
        present,
        given,
        "escalate",
        lambda i: timers.escalate(i, by_of(present), rules.around),
        lambda i: f"{i.id} escalated to {i.policy.ladder[min(i.rung, len(i.policy.ladder)) - 1]}",
    )


def merge(present: Present, given: Mapping[str, Any]) -> Decision:
    by = by_of(present)

    def within(view: IncidentView, source: Incident) -> Acted:
        target = there(view, given["into"])
        entries = acts_merging.merge(source, target, by, given["reason"] or "", view.parts(source))
        return Acted(entries, target.id, f"{source.id} merged into {target.id}")

    return on_incident(rules_of(present), by, given["incident"], "merge", seen_of(given), within)


def unmerge(present: Present, given: Mapping[str, Any]) -> Decision:
    by = by_of(present)

    def within(view: IncidentView, source: Incident) -> Acted:
        holders, parts = view.holders(source), view.parts(source)
        entries = acts_merging.unmerge(source, holders, by, given["reason"] or "", parts)
        return Acted(entries, source.id, f"{source.id} is an incident of its own again")

    return on_incident(rules_of(present), by, given["incident"], "unmerge", seen_of(given), within)


def attach(present: Present, given: Mapping[str, Any]) -> Decision:
    by, fingerprints, names = by_of(present), listed(given["alerts"]), listed(given["alert_names"])
    outside = present.state(OutsideAlerts)

    def decide(incident: Incident) -> Entries:
        new = [(each, names[at] if at < len(names) else "") for at, each in enumerate(fingerprints)]
        # Under another fingerprint the same alert is no new one: it would be paged again.
        new = [(outside.attached_as(incident.fingerprints, each), name) for each, name in new]
        known = set(incident.fingerprints)
        if not new or all(each in known for each, _name in new):
            return acts.attach(incident, by, new[0][0] if new else "", new[0][1] if new else "")
        return tuple(e for each, name in new if each not in known for e in acts.attach(incident, by, each, name))

    return act_on(present, given, "attach", decide, lambda i: f"attached to {i.id}: {len(i.alerts)} alerts")


def detach(present: Present, given: Mapping[str, Any]) -> Decision:
    outside = present.state(OutsideAlerts)
    return act_on(
        present,
        given,
        "detach",
        lambda i: acts.detach(
            i, by_of(present), outside.attached_as(i.fingerprints, given["alert"]), given["reason"] or ""
        ),
        lambda i: f"detached from {i.id}",
    )


def correct(present: Present, given: Mapping[str, Any]) -> Decision:
    by, at, seq = by_of(present), past(given["at"], present), whole(given["event"])

    def within(view: IncidentView, incident: Incident) -> Acted:
        wrong = view.event(seq)
        if wrong is None:
            raise ActRefused(f"there is no event {seq}")
        entries = acts.correct(
            incident,
            by,
            wrong,
            occurred_at=at,
            text=given["text"] or "",
            reason=given["reason"] or "",
            milestone=given["milestone"] or "",
        )
        return Acted(entries, incident.id, f"event {seq} of {incident.id} corrected")

    return on_incident(rules_of(present), by, given["incident"], "correct", None, within)


def check(present: Present, given: Mapping[str, Any]) -> Decision:
    done = not is_yes(given["undone"])
    return act_on(
        present,
        given,
        "check",
        lambda i: closing.tick(i, by_of(present), given["item"], done=done),
        lambda i: f"{given['item']} marked as {'done' if done else 'open'}",
    )


def inform(present: Present, given: Mapping[str, Any]) -> Decision:
    """With a ``channel``, what was written down leaves through it."""
    stage, channel, rules = given["stage"] or "update", given["channel"] or "", rules_of(present)

    def decide(incident: Incident) -> Entries:
        recorded = closing.inform(incident, by_of(present), stage, given["text"], given["audience"] or channel)
        if not channel:
            return recorded
        notice = message_notice(incident, given["text"], channel)
        queued = rules.route(notice, present.now, present.actor)
        if not queued:
            raise ActRefused(f"there is no channel {printable(channel, 63)} that takes messages: see notify list")
        return (*recorded, *queued)

    return act_on(
        present,
        given,
        "inform",
        decide,
        lambda i: f"communication of {i.id} recorded" if not channel else f"message of {i.id} given to {channel}",
    )


def postmortem(present: Present, given: Mapping[str, Any]) -> Decision:
    due = coming(given["due"], present)
    return act_on(
        present,
        given,
        "postmortem",
        lambda i: closing.set_postmortem(
            i,
            by_of(present),
            given["state"] or "",
            owner=given["owner"],
            due=due,
            url=given["url"],
            reason=given["reason"] or "",
            second=given["second"] or "",
        ),
        lambda i: f"postmortem of {i.id}: {i.postmortem.state}",
    )


def action(present: Present, given: Mapping[str, Any]) -> Decision:
    due = coming(given["due"], present)
    return act_on(
        present,
        given,
        "action",
        lambda i: closing.put_item(
            i,
            by_of(present),
            given["item"] or "",
            text=given["text"],
            owner=given["owner"],
            due=due,
            sort=given["sort"],
            state=given["state"],
        ),
        lambda i: f"action item {given['item'] or i.items[-1].id} of {i.id} written",
    )
