"""What the commands of hand-overs lead to: each reads, decides and writes in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.event import Entry
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import (
    HandoffAccepted,
    HandoffNoted,
    HandoffSigned,
    NextStepSaid,
    PageClassed,
)
from artisan_tui.domain.oncall.handoff import REVIEW_BEFORE, HandoffRecord, handoff_id
from artisan_tui.domain.oncall.handover import Handover, last_handover
from artisan_tui.domain.oncall.signing import HandoffRefused, check_accept, check_sign, lacking
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

#: Given the store and what is known of hand-overs: the entries to write and what to tell the person.
Work = Callable[["Store", HandoffRecord], tuple[tuple[Entry, ...], str, str]]


def sign(present: Present, given: Mapping[str, Any]) -> Decision:
    def work(store: Store, record: HandoffRecord) -> tuple[tuple[Entry, ...], str, str]:
        from artisan_tui.engine.oncall.handoff_journal import JournalAt, open_incidents

        over, handoff = _under_review(present, record)
        journal = JournalAt.of(store, present.now, over.since)
        lacks = lacking(open_incidents(journal, record, over.since))
        despite = str(given["despite"] or "")
        person = _person(present)
        check_sign(handoff, present.actor, {person}, over.incoming, over.outgoing, lacks, despite)
        with store.reading() as connection:
            count, head = store.journal.head(connection)
        body = HandoffSigned(
            moment=over.at,
            person=person,
            outgoing=over.outgoing,
            incoming=over.incoming,
            lacks=lacks,
            despite=despite.strip() if lacks else "",
            head=f"{count}:{head}",
        )
        said = _("signed the hand-over {id}; {who} accepts it: artisan-tui handoff accept")
        who = ", ".join(over.incoming) or _("the incoming side")
        return (body.entry(present.now, present.actor, handoff.id),), said.format(id=handoff.id, who=who), handoff.id

    return _in_store(present, work)


def accept(present: Present, given: Mapping[str, Any]) -> Decision:
    def work(store: Store, record: HandoffRecord) -> tuple[tuple[Entry, ...], str, str]:
        over, handoff = _under_review(present, record)
        person = _person(present)
        check_accept(handoff, present.actor, {person}, over.outgoing)
        body = HandoffAccepted(moment=over.at, person=person)
        said = _("accepted the hand-over {id}").format(id=handoff.id)
        return (body.entry(present.now, present.actor, handoff.id),), said, handoff.id

    return _in_store(present, work)


def classify(present: Present, given: Mapping[str, Any]) -> Decision:
    def work(store: Store, record: HandoffRecord) -> tuple[tuple[Entry, ...], str, str]:
        incident = _incident(store, given["incident"])
        note = str(given["note"] or "").strip()
        known = record.classes.get(incident)
        if known is not None and (known.as_what, known.note) == (given["as"], note):
            return (), _("{id} is classed so already").format(id=incident), incident
        body = PageClassed(as_what=given["as"], note=note)
        return (body.entry(present.now, present.actor, incident),), "", incident

    return _in_store(present, work)


def next_step(present: Present, given: Mapping[str, Any]) -> Decision:
    def work(store: Store, record: HandoffRecord) -> tuple[tuple[Entry, ...], str, str]:
        incident = _incident(store, given["incident"])
        body = NextStepSaid(text=_text(given["text"]))
        return (
            (body.entry(present.now, present.actor, incident),),
            _("next step of {id} noted").format(id=incident),
            incident,
        )

    return _in_store(present, work)


def note(present: Present, given: Mapping[str, Any]) -> Decision:
    def work(store: Store, record: HandoffRecord) -> tuple[tuple[Entry, ...], str, str]:
        from artisan_tui.engine.oncall.handoff_query import under_review

        over = under_review(present.state(OnCallChanges).schedule, record, present.now, _level(present))
        moment = present.now if over is None else over.at
        body = HandoffNoted(moment=moment, text=_text(given["text"]))
        return (body.entry(present.now, present.actor, handoff_id(moment)),), _("noted for the next shift"), ""

    return _in_store(present, work)


def _in_store(present: Present, work: Work) -> Decision:
    def change(store: Store) -> Decision:
        from artisan_tui.engine.oncall.handoff_query import record_at

        try:
            with store.writing() as transaction:
                entries, said, subject = work(store, record_at(store, present.now))
                written = transaction.append(entries, present.now)
        except HandoffRefused as refused:
            raise CommandRefused(str(refused)) from None
        return Decision(said=said, written=written, subject=subject)

    return Decision(change=change)


def _under_review(present: Present, record: HandoffRecord) -> tuple[Handover, Any]:
    """The hand-over that can be signed or accepted now. Raises CommandRefused."""
    from artisan_tui.engine.oncall.handoff_query import under_review

    over = under_review(present.state(OnCallChanges).schedule, record, present.now, _level(present))
    if over is None:
        raise CommandRefused(_("nobody takes turns: add a [[rotation]] to artisan.toml, then there are hand-overs"))
    if over.at - present.now > REVIEW_BEFORE:
        last = last_handover(present.state(OnCallChanges).schedule, present.now, _level(present))
        accepted = None if last is None else record.of(last.at).accepted
        if accepted is not None and last is not None:
            said = _("the hand-over {id} was accepted by {who} already")
            raise CommandRefused(said.format(id=handoff_id(last.at), who=accepted.login))
        said = _("the next hand-over, {id}, is in {span}: it can be signed from 4 hours before on")
        left = span_text((over.at - present.now).total_seconds())
        raise CommandRefused(said.format(id=handoff_id(over.at), span=left))
    return over, record.of(over.at)


def _incident(store: Store, wanted: str) -> str:
    from artisan_tui.engine.incidents.transaction import incident_store

    found = incident_store(store).get(wanted.strip())
    if found is None:
        raise CommandRefused(_("there is no incident {id}").format(id=printable(wanted, 60)))
    return found.id


def _text(text: str) -> str:
    if not text.strip():
        raise CommandRefused(_("there is nothing to write down: say it in a sentence"))
    return text.strip()


def _person(present: Present) -> str:
    return present.state(IncidentRules).person_of(present.actor)


def _level(present: Present) -> str:
    ladder = present.state(IncidentRules).policy.ladder
    return ladder[0] if ladder else "L1"
