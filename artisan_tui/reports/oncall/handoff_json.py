"""The hand-over review as one JSON document: English, values with the numbers of their events."""

from __future__ import annotations

from typing import Any

from artisan_tui.domain.event import stamp
from artisan_tui.domain.incidents.metrics import detected_at, elapsed_seconds
from artisan_tui.domain.oncall.handoff import Handoff, Said, Signature
from artisan_tui.domain.oncall.handoff_review import Counted, HandoffReview, SpanFacts, Timed
from artisan_tui.domain.oncall.load import PersonLoad, load_class


def handoff_json(review: HandoffReview) -> dict[str, Any]:
    """Times in UTC, durations in seconds, shares from 0 to 1; ``events`` are numbers of the journal."""
    shift = review.shift
    gate = review.gate
    return {
        "at": stamp(review.at),
        "handoff": _handoff(review.handoff, review),
        "shift": {
            "start": stamp(shift.start),
            "end": stamp(shift.end),
            "outgoing": list(shift.outgoing),
            "incoming": list(shift.incoming),
        },
        "this": _span(review.this, review),
        "before": _span(review.before, review),
        "unreached": [
            {
                "incident": each.incident,
                "severity": f"Sev{each.severity}",
                "at": stamp(each.at),
                "level": each.level,
                "people": list(each.persons),
                "nobody_on_call": each.unmanned,
                "taken": list(each.taken),
                "failed": [{"channel": channel, "why": why} for channel, why in each.failed],
                "possibly": list(each.unsure),
                "trying": list(each.trying),
                "why": each.refused,
                "events": list(each.seqs),
            }
            for each in review.unreached
        ],
        "open": [
            {
                "id": each.incident.id,
                "title": each.incident.title,
                "severity": f"Sev{each.incident.severity}",
                "status": each.incident.status,
                "next_step": _said(each.next_step),
                "customers_told": _said(each.informed),
                "lacks": list(each.lacks),
            }
            for each in review.open
        ],
        "runs": [
            {
                "id": each.run.id,
                "runbook": each.run.runbook,
                "state": each.run.state,
                "rollback_state": each.run.rollback_state,
                "started_at": stamp(each.run.started_at),
                "events": list(each.seqs),
            }
            for each in review.runs
        ],
        "alerts": [
            {
                "name": each.name,
                "severity": each.severity,
                "since": stamp(each.since),
                "acknowledged_by": each.acknowledged,
                "events": list(each.seqs),
            }
            for each in review.firing
        ],
        "silences": [
            {
                "id": each.id,
                "matchers": each.matchers,
                "until": stamp(each.until),
                "comment": each.comment,
                "by": each.actor,
                "ends_in_next_shift": each.soon,
                "ours": each.seen is None,
                "seen_at": None if each.seen is None else stamp(each.seen),
                "events": list(each.seqs),
            }
            for each in review.silences
        ],
        "silences_seen_at": None if review.silences_seen is None else stamp(review.silences_seen),
        "budgets": [
            {
                "id": each.status.id,
                "status": each.status.evaluation.status.value,
                "remaining": _number(each.status.evaluation.budget.remaining),
                "spent": each.spent,
                "spent_before": each.before,
                "events": list(each.seqs),
            }
            for each in review.budgets
        ],
        "deployments": None if gate is None else gate.verdict.value,
        "changes": [
            {
                "what": each.what,
                "person": each.person,
                "instead_of": each.instead_of,
                "start": stamp(each.start),
                "end": stamp(each.end),
            }
            for each in review.changes
        ],
        "due": [
            {
                "incident": each.incident,
                "what": each.what,
                "text": each.text,
                "owner": each.owner,
                "due": None if each.due is None else stamp(each.due),
                "overdue": each.overdue(review.at),
            }
            for each in review.due
        ],
        "drills": {
            "played": [english for english, _korean in review.drills.played],
            "due": list(review.drills.due),
            "runbooks": review.drills.of,
        },
        "checklists": [
            {
                "id": each.id,
                "done": each.done,
                "total": each.total,
                "due": None if each.due is None else stamp(each.due),
                "overdue": each.overdue,
            }
            for each in review.checklists
        ],
        "load": [_load(each) for each in review.load],
        "wakers": [{"cause": cause, "pages": len(pages)} for cause, pages in review.wakers],
        "notes": [_said(each) for each in review.notes],
    }


def _handoff(handoff: Handoff, review: HandoffReview) -> dict[str, Any]:
    return {
        "id": handoff.id,
        "pending": handoff.pending(review.at),
        "signed": _signature(handoff.signed),
        "accepted": _signature(handoff.accepted),
        "lacks": [f"{each.incident.id}: {', '.join(each.lacks)}" for each in review.lacks],
    }


def _signature(signature: Signature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    return {
        "login": signature.login,
        "person": signature.person,
        "at": stamp(signature.at),
        "lacks": list(signature.lacks),
        "despite": signature.despite,
        "event": signature.seq,
    }


def _said(said: Said | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {"text": said.text, "by": said.actor, "at": stamp(said.at), "event": said.seq}


def _span(span: SpanFacts, review: HandoffReview) -> dict[str, Any]:
    zones = {load.person: load.zone for load in review.load}
    return {
        "start": stamp(span.start),
        "end": stamp(span.end),
        "incidents": _counted(span.declared),
        "by_severity": {f"Sev{level}": found.n for level, found in span.by_severity.items()},
        "mtta": _timed(span.mtta),
        "mttr": _timed(span.mttr),
        "list": [
            {
                "id": each.id,
                "severity": f"Sev{each.peak}",
                "title": each.title,
                "status": each.status,
                "to_acknowledge": _spent(each.declared_at, each.at("acknowledged")),
                "to_resolve": _spent(
                    detected_at(each), each.at("resolved") if each.status in ("resolved", "closed") else None
                ),
            }
            for each in span.incidents
        ],
        "pages": [
            {
                "person": page.person,
                "incident": page.incident,
                "at": stamp(page.at),
                "hours": load_class(page.at, zones.get(page.person, review.zone)),
                "cause": page.cause,
                "class": review.classes[page.incident].as_what if page.incident in review.classes else None,
                "events": list(page.seqs),
            }
            for page in span.pages
        ],
        "alerts": _counted(span.alerts),
        "flapping": {name: found.n for name, found in span.flaps.items()},
        "runs": _counted(span.runs),
        "silences": _counted(span.silences),
        "overrides": [
            {"by": each.actor, "reason": each.reason, "at": stamp(each.at), "until": stamp(each.until)}
            for each in span.overrides
        ],
        "not_counted": span.left_out,
    }


def _spent(since: Any, until: Any) -> float | None:
    return None if until is None else elapsed_seconds(since, until)


def _counted(counted: Counted) -> dict[str, Any]:
    return {"n": counted.n, "events": list(counted.seqs)}


def _timed(timed: Timed) -> dict[str, Any]:
    return {"n": timed.times.n, "median": timed.times.median, "p90": timed.times.p90, "events": list(timed.seqs)}


def _load(load: PersonLoad) -> dict[str, Any]:
    return {
        "person": load.person,
        "weeks": [
            {
                "start": stamp(week.start),
                "pages": len(week.pages),
                **week.by_class,
                "disturbed_hours": week.disturbed,
            }
            for week in load.weeks
        ],
        "median": load.median,
        "worst_night": None
        if load.worst is None
        else {"day": load.worst.day.isoformat(), "pages": load.worst.pages, "disturbed_hours": load.worst.disturbed},
    }


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]  # a fraction
