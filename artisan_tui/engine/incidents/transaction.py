"""An act on incidents in one transaction: what is decided, what follows at once, and the notices that are queued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.event import GENESIS, Entry, Event, seal
from artisan_tui.domain.incidents.acting import ActRefused, By, check_seen
from artisan_tui.domain.incidents.acts import fired_again
from artisan_tui.domain.incidents.fold import fold
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import after, fire
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.incidents.notices import notices_of

if TYPE_CHECKING:
    from artisan_tui.engine.incidents.rules import IncidentRules
    from artisan_tui.store.incidents.part import IncidentStore, IncidentView
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class Acted:
    """``entries`` to write, ``subject`` is the incident that they are about, ``said`` is for the person."""

    entries: Sequence[Entry]
    subject: str
    said: str


#: Decides inside of a transaction. Raises ActRefused.
DecideWithin = Callable[["IncidentView"], Acted]


def in_transaction(rules: IncidentRules, now: datetime, decide: DecideWithin) -> Decision:
    """A decision that is carried out in the store: `engine.decision.Decision.change`."""

    def change(store: Store) -> Decision:
        acted: list[Acted] = []

        def work(view: IncidentView) -> Sequence[Entry]:
            acted.append(decide(view))
            return with_consequences(view, acted[0].entries, now, rules)

        try:
            written = incident_store(store).act(work, at=now)
        except ActRefused as refused:
            raise CommandRefused(str(refused)) from None
        return Decision(said=acted[0].said, written=written, subject=acted[0].subject)

    return Decision(change=change)


def on_incident(
    rules: IncidentRules,
    by: By,
    wanted: str,
    act: str,
    seen: int | None,
    decide: Callable[[IncidentView, Incident], Acted],
) -> Decision:
    """An act on one incident that has to be there, at the version that was ``seen``."""

    def within(view: IncidentView) -> Acted:
        incident = there(view, wanted)
        check_seen(incident, seen, act, by)
        return decide(view, incident)

    return in_transaction(rules, by.now, within)


def there(view: IncidentView, wanted: str) -> Incident:
    """Raises ActRefused for an incident that is not there."""
    incident = view.get(wanted)
    if incident is None:
        raise ActRefused(f"there is no incident {printable(wanted, 60)}")
    return incident


def with_consequences(
    view: IncidentView, entries: Sequence[Entry], now: datetime, rules: IncidentRules
) -> tuple[Entry, ...]:
    """``entries``, the rungs that are due after them, and the notices of all that, to be written together.

    So a page is queued in the transaction that declares the incident: there is never one without the other.
    """
    out: list[Entry] = []
    pending = list(entries)
    befores: dict[str, Incident | None] = {}
    afters: dict[str, Incident] = {}
    for subject in dict.fromkeys(entry.subject for entry in pending):
        before = view.get(subject)
        own = tuple(entry for entry in pending if entry.subject == subject)
        incident = _declared(own, now) if before is None else after(before, own, now)
        if incident is not None:
            befores[subject], afters[subject] = before, incident
    out += pending
    for subject, incident in afters.items():
        own = tuple(entry for entry in pending if entry.subject == subject)
        rungs = fire(incident, By(OBSERVER, now), rules.around, only=("rung",))
        out += rungs
        final = after(incident, rungs, now)
        for notice in notices_of(befores[subject], final, (*own, *rungs), now, rules.around):
            out += rules.route(notice, now, OBSERVER)
    return tuple(out)


def fire_due(store: Store, wanted: str, now: datetime, rules: IncidentRules, fence: int | None) -> tuple[Event, ...]:
    """Everything that is due about an incident, once: read again behind the lock, written under the leader's fence."""

    def work(view: IncidentView) -> Sequence[Entry]:
        incident = view.get(wanted)
        if incident is None:
            return ()
        fired = fire(incident, By(OBSERVER, now), rules.around)
        final = after(incident, fired, now)
        notices = notices_of(incident, final, fired, now, rules.around)
        return (*fired, *(entry for notice in notices for entry in rules.route(notice, now, OBSERVER)))

    return incident_store(store).act(work, at=now, fence=fence)


def alert_fired(
    store: Store, fingerprints: Sequence[str], name: str, now: datetime, rules: IncidentRules, fence: int | None
) -> tuple[Event, ...]:
    """An alert began to fire, known by ``fingerprints``. Its incident goes on when it was resolved less than half an hour ago, and is paged.

    Nothing for an alert without an incident, one whose incident is worked on (its notes and acknowledgement stay as
    they are), and one whose incident was resolved longer ago: declaring a new one links it.
    """

    def work(view: IncidentView) -> Sequence[Entry]:
        known = [
            each for each in view.of_alert(fingerprints) if not (each.merged_into or (each.drill and not rules.drill))
        ]
        if any(each.active for each in known):
            return ()
        for incident in known:
            again = fired_again(incident, By(OBSERVER, now), name or fingerprints[0])
            if again:
                return with_consequences(view, again, now, rules)
        return ()

    return incident_store(store).act(work, at=now, fence=fence)


def incident_store(store: Store) -> IncidentStore:
    """The part of the store; its module is imported when a store is there."""
    from artisan_tui.store.incidents.part import IncidentStore

    return store.part(IncidentStore)


def open_runs(store: Store, incident: Incident) -> tuple[str, ...]:
    """The runs of an incident that are not over."""
    from artisan_tui.store.runbooks.part import RunbookStore

    runs = store.part(RunbookStore)
    found = [runs.get(each) for each in incident.runs]
    return tuple(each.id for each in found if each is not None and not each.over)


def _declared(own: tuple[Entry, ...], now: datetime) -> Incident | None:
    return fold(seal(entry, number, now, GENESIS) for number, entry in enumerate(own, 1))
