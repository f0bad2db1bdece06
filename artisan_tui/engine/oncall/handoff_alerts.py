"""Silences and firing alerts of a hand-over review, as the journal said they were at a moment.

What is in force may have begun before the weeks that the review compares: its events are read from the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from artisan_tui.domain.alerts import events as kinds
from artisan_tui.domain.event import Event
from artisan_tui.domain.oncall.handoff_review import FiringAlert, SilenceInForce
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.handoff_journal import JournalAt, bodies, is_watchdog

_OUTSIDE = (kinds.AlertSeen.KIND, kinds.AlertNamed.KIND, kinds.AlertOver.KIND, kinds.AlertAcknowledged.KIND)
_OURS = (
    kinds.AlertRaised.KIND,
    kinds.AlertReopened.KIND,
    kinds.AlertSeverityChanged.KIND,
    kinds.AlertResolved.KIND,
)


def silences_in_force(journal: JournalAt, until: datetime | None) -> tuple[SilenceInForce, ...]:
    """Ours that were in force, the one that ends first in front. ``until``: the incoming shift ends then."""
    found: dict[str, SilenceInForce] = {}
    for event, body in bodies(journal.events("silence.", all_of=True)):
        if isinstance(body, kinds.SilenceCreated | kinds.SilenceExtended):
            known = found.get(event.subject)
            seqs = (*(known.seqs if known else ()), event.seq)
            actor = known.actor if known else printable(event.actor, 60)
            found[event.subject] = SilenceInForce(
                event.subject, printable(body.matchers, 300), body.until, printable(body.comment, 300), actor, seqs
            )
            if isinstance(body, kinds.SilenceCreated) and body.replaces:
                found.pop(body.replaces, None)
        elif isinstance(body, kinds.SilenceExpired | kinds.SilenceLost):
            found.pop(event.subject, None)
    there = sorted((each for each in found.values() if each.until > journal.at), key=lambda each: (each.until, each.id))
    return tuple(
        SilenceInForce(
            each.id,
            each.matchers,
            each.until,
            each.comment,
            each.actor,
            each.seqs,
            until is None or each.until <= until,
        )
        for each in there
    )


def our_silences(journal: JournalAt) -> frozenset[str]:
    """The ids of all that were created here, whether they are over or not."""
    return frozenset(event.subject for event in journal.events("silence.", all_of=True))


def firing_alerts(journal: JournalAt) -> tuple[FiringAlert, ...]:
    """Alerts of our error budgets and of others that fired, pages first, then the oldest."""
    found = {**_outside(journal), **_ours_firing(journal)}
    rank = {"page": 0, "critical": 0, "ticket": 2, "warning": 2}
    return tuple(sorted(found.values(), key=lambda each: (rank.get(each.severity, 1), each.since, each.name)))


def _outside(journal: JournalAt) -> dict[str, FiringAlert]:
    """Alerts of others by fingerprint. Only what still fires is read: weeks have thousands that are over."""
    seen: dict[str, Event] = {}
    acknowledged: dict[str, Event] = {}
    for event in journal.events(*_OUTSIDE, all_of=True):
        if event.kind == kinds.AlertSeen.KIND:
            if is_watchdog(journal, event):
                continue
            seen[event.subject] = event
            acknowledged.pop(event.subject, None)
        elif event.kind == kinds.AlertAcknowledged.KIND:
            acknowledged[event.subject] = event
        elif event.kind == kinds.AlertOver.KIND:
            seen.pop(event.subject, None)
        else:
            for _event, named in bodies((event,)):
                for other in named.also if isinstance(named, kinds.AlertNamed) else ():
                    seen.pop(other, None)  # the same alert under another fingerprint
    found: dict[str, FiringAlert] = {}
    for event, body in bodies(seen.values()):
        if not isinstance(body, kinds.AlertSeen):
            continue
        taken = acknowledged.get(event.subject)
        found[event.subject] = FiringAlert(
            printable(body.name, 120) or printable(event.subject, 60),
            printable(body.labels.get("severity", ""), 20),
            body.since,
            _said(body.labels),
            (event.seq,) if taken is None else (event.seq, taken.seq),
            "" if taken is None else printable(taken.actor, 60),
        )
    return found


def _ours_firing(journal: JournalAt) -> dict[str, FiringAlert]:
    """Alerts of our error budgets by their key."""
    found: dict[str, FiringAlert] = {}
    for event, body in bodies(journal.events(*_OURS, all_of=True)):
        if isinstance(body, kinds.AlertBody):
            _ours(found, event, body)
    return found


def _ours(found: dict[str, FiringAlert], event: Event, body: kinds.AlertBody) -> None:
    key = body.key or event.subject
    if isinstance(body, kinds.AlertResolved):
        found.pop(key, None)
        return
    known = found.get(key)
    name = printable(body.name, 120) or printable(event.subject, 120)
    since = known.since if known else event.occurred_at
    seqs = (*(known.seqs if known else ()), event.seq)
    found[key] = FiringAlert(name, printable(body.severity, 20), since, _said(body.labels), seqs)


def _said(labels: Mapping[str, str]) -> Mapping[str, str]:
    return {printable(name, 60): printable(value, 120) for name, value in list(labels.items())[:30]}
