"""Pages of a shift that reached nobody: nobody was on call, or no channel surely took them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.events import IncidentIncomingPaged, IncidentRungReached
from artisan_tui.domain.incidents.incident import CANCELLED, Incident
from artisan_tui.domain.incidents.metrics import counted
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.notify.events import NotifyDropped, NotifyQueued
from artisan_tui.domain.notify.fallback import PATIENCE
from artisan_tui.domain.notify.message import DROPPED, FAILED, OPEN, SENT, SHOWN, UNSURE, Message, begun, followed
from artisan_tui.domain.oncall.handoff_review import UnreachedPage
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.handoff_journal import JournalAt, bodies, root_of

_RUNGS = (IncidentRungReached.KIND, IncidentIncomingPaged.KIND)
_Rung = tuple[Event, IncidentRungReached | IncidentIncomingPaged]


def unreached_pages(
    journal: JournalAt, incidents: Iterable[Incident], start: datetime, end: datetime
) -> tuple[UnreachedPage, ...]:
    """Of ``[start, end)``, oldest first, as it was known at the journal's moment. Not of drills, not of what was cancelled."""
    every = {each.id: each for each in incidents}
    known = {
        name: root
        for name, each in every.items()
        if (root := root_of(every, name)) is not None and counted(root) and not each.drill and each.status != CANCELLED
    }
    read = [(event, body) for event, body in bodies(journal.events("notify.", *_RUNGS)) if event.occurred_at < end]
    rungs: dict[str, list[_Rung]] = {}
    for event, body in read:
        if isinstance(body, IncidentRungReached | IncidentIncomingPaged):
            rungs.setdefault(event.subject, []).append((event, body))
    found = [
        *_undelivered(_pages(read), rungs, known, journal.at),
        *_refused(read, rungs, known),
    ]
    return tuple(sorted((each for each in found if each.at >= start), key=lambda each: (each.at, each.incident)))


def _pages(read: Sequence[tuple[Event, Body]]) -> Iterator[tuple[tuple[Message, ...], tuple[int, ...]]]:
    """The messages of each page as they became, and their events. A terminal rings and delivers nothing."""
    messages: dict[str, Message] = {}
    seqs: dict[str, list[int]] = {}
    for event, body in read:
        if isinstance(body, NotifyQueued):
            if body.purpose == "page" and body.id not in messages:
                messages[body.id] = begun(body, event.subject, event.occurred_at, event.seq)
                seqs[body.id] = [event.seq]
            continue
        for name in getattr(body, "messages", ()):
            if name in messages:
                messages[name] = followed(messages[name], body, event.occurred_at)
                seqs[name].append(event.seq)
    pages: dict[str, list[Message]] = {}
    for each in messages.values():
        if each.state != SHOWN and not each.drill:
            pages.setdefault(each.page, []).append(each)
    for page in pages.values():
        yield tuple(page), tuple(sorted({seq for each in page for seq in (seqs[each.id][0], seqs[each.id][-1])}))


def _undelivered(
    pages: Iterable[tuple[tuple[Message, ...], tuple[int, ...]]],
    rungs: dict[str, list[_Rung]],
    known: dict[str, Incident],
    at: datetime,
) -> Iterator[UnreachedPage]:
    for page, seqs in pages:
        incident = known.get(page[0].incident)
        if incident is None:
            continue
        rung = _rung_of(rungs, page[0].incident, page[0].queued_at)
        unmanned = _unmanned(rung)
        taken = tuple(dict.fromkeys(each.channel for each in page if each.state == SENT))
        # What is not sent because somebody acted was not needed.
        if any(each.state == DROPPED for each in page) or (taken and not unmanned):
            continue
        if any(each.state in OPEN and at - each.queued_at < PATIENCE for each in page):
            continue  # it is on its way
        yield UnreachedPage(
            incident.id,
            incident.peak,
            page[0].queued_at,
            rung[1].level if rung is not None else "",
            tuple(dict.fromkeys(person for each in page for person in (*each.to, *filter(None, (each.person,))))),
            unmanned,
            taken,
            tuple(dict.fromkeys((each.channel, printable(each.why, 200)) for each in page if each.state == FAILED)),
            tuple(dict.fromkeys(each.channel for each in page if each.state == UNSURE)),
            tuple(dict.fromkeys(each.channel for each in page if each.state in OPEN)),
            seqs=tuple(sorted({*seqs, *(() if rung is None else (rung[0].seq,))})),
        )


def _refused(
    read: Sequence[tuple[Event, Body]], rungs: dict[str, list[_Rung]], known: dict[str, Incident]
) -> Iterator[UnreachedPage]:
    """Pages that no channel was asked to take."""
    for event, body in read:
        incident = known.get(event.subject)
        if not isinstance(body, NotifyDropped) or body.messages or body.purpose != "page" or incident is None:
            continue
        rung = _rung_of(rungs, event.subject, event.occurred_at)
        yield UnreachedPage(
            incident.id,
            incident.peak,
            event.occurred_at,
            rung[1].level if rung is not None else "",
            rung[1].persons if rung is not None else (),
            _unmanned(rung),
            refused=printable(body.why, 200),
            seqs=(event.seq,) if rung is None else (rung[0].seq, event.seq),
        )


def _rung_of(rungs: dict[str, list[_Rung]], incident: str, at: datetime) -> _Rung | None:
    """What the page tells of: both are written in one transaction."""
    return max(
        (each for each in rungs.get(incident, ()) if each[0].occurred_at <= at),
        key=lambda each: each[0].seq,
        default=None,
    )


def _unmanned(rung: _Rung | None) -> bool:
    return rung is not None and isinstance(rung[1], IncidentRungReached) and not rung[1].level
