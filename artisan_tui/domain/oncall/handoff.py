"""A hand-over as its events say: who signed it, who accepted it, which pages were classed, what the next shift is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.oncall import events as kinds
from artisan_tui.domain.text.printable import printable

#: What a page led to, by the word of the command line.
CLASSES: Final = ("acted", "no_action", "needs_work")
#: This long after the hand-over both sides are told that it is not accepted.
ACCEPT_WITHIN = timedelta(minutes=15)
#: A hand-over this old that nobody accepted is history: nobody is told of it any more.
FORGOTTEN = timedelta(days=2)
#: From this long before it on, the review is about the hand-over that comes, not about the last one.
REVIEW_BEFORE = timedelta(hours=4)
_LONGEST = 2000


def handoff_id(moment: datetime) -> str:
    """The id of the hand-over at ``moment``: "2026-11-27T08:00Z"."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}Z"


@dataclass(frozen=True, slots=True)
class Signature:
    """``login`` signed or accepted ``at``, as ``person``. ``lacks`` was missing, and ``despite`` says why it was signed."""

    login: str
    person: str
    at: datetime
    seq: int = 0
    lacks: tuple[str, ...] = ()
    despite: str = ""
    outgoing: tuple[str, ...] = ()
    incoming: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is known of the hand-over at ``moment``. ``reminded_at``: both sides were told that it is not accepted."""

    moment: datetime
    signed: Signature | None = None
    accepted: Signature | None = None
    reminded_at: datetime | None = None

    @property
    def id(self) -> str:
        return handoff_id(self.moment)

    def pending(self, at: datetime) -> bool:
        """Whether it is due or signed, and nobody accepted it."""
        return self.accepted is None and (at >= self.moment or self.signed is not None)

    def overdue(self, at: datetime) -> bool:
        """Whether both sides are to be told now that nobody accepted it."""
        due = self.moment + ACCEPT_WITHIN
        return self.accepted is None and self.reminded_at is None and due <= at < self.moment + FORGOTTEN


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a person wrote, with its event."""

    text: str
    actor: str
    at: datetime
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Classed:
    """``as_what`` is one of `CLASSES`."""

    as_what: str
    actor: str
    at: datetime
    seq: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandoffRecord:
    """All hand-overs by id, classes and next steps by incident, notes by hand-over."""

    handoffs: Mapping[str, Handoff] = field(default_factory=dict)
    classes: Mapping[str, Classed] = field(default_factory=dict)
    next_steps: Mapping[str, Said] = field(default_factory=dict)
    notes: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)

    def of(self, moment: datetime) -> Handoff:
        """The hand-over at ``moment``, also one of which nothing was written."""
        return self.handoffs.get(handoff_id(moment)) or Handoff(moment.astimezone(UTC))


def fold_handoffs(entries: Iterable[Entry], record: HandoffRecord | None = None) -> HandoffRecord:
    """``record`` after ``entries``, oldest first. What cannot be read changes nothing."""
    record = record or HandoffRecord()
    handoffs, classes = dict(record.handoffs), dict(record.classes)
    steps, notes = dict(record.next_steps), dict(record.notes)
    for entry in entries:
        try:
            body = read_body(entry)
        except BodyError:
            continue  # written by another version, or by another hand
        seq = entry.seq if isinstance(entry, Event) else 0
        actor, at = printable(entry.actor, 60), entry.occurred_at
        match body:
            case kinds.HandoffSigned():
                known = _known(handoffs, body.moment)
                signed = Signature(
                    actor, body.person, at, seq, body.lacks, printable(body.despite, 300), body.outgoing, body.incoming
                )
                handoffs[known.id] = replace(known, signed=signed)
            case kinds.HandoffAccepted():
                known = _known(handoffs, body.moment)
                handoffs[known.id] = replace(known, accepted=Signature(actor, body.person, at, seq))
            case kinds.HandoffReminded():
                known = _known(handoffs, body.moment)
                handoffs[known.id] = replace(known, reminded_at=at)
            case kinds.PageClassed():
                classes[entry.subject] = Classed(body.as_what, actor, at, seq, printable(body.note, 300))
            case kinds.NextStepSaid():
                steps[entry.subject] = Said(printable(body.text, _LONGEST), actor, at, seq)
            case kinds.HandoffNoted():
                name = handoff_id(body.moment)
                said = Said(printable(body.text, _LONGEST), actor, at, seq)
                own = notes.get(name, ())
                if not any((each.at, each.actor, each.text) == (at, actor, said.text) for each in own):
                    notes[name] = (*own, said)
    return HandoffRecord(handoffs, classes, steps, notes)


def _known(handoffs: Mapping[str, Handoff], moment: datetime) -> Handoff:
    return handoffs.get(handoff_id(moment)) or Handoff(moment.astimezone(UTC))
