"""What on-call writes into the journal.

The subject is the id of the override or of the swap; of what a hand-over writes it is the id of the hand-over, and for
a class and a next step that of the incident.
"""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.journal_body import Body


class OverrideBody(Body):
    """``person`` is on call for ``level`` in ``[start, end)``."""

    level: str
    person: str
    start: datetime
    end: datetime
    reason: str = ""


class OnCallOverridden(OverrideBody):
    """A person declared it."""

    KIND = "oncall.overridden"


class OnCallTaken(OverrideBody):
    """Who took it over at once wrote it. ``people`` were on call until then."""

    KIND = "oncall.taken"
    people: tuple[str, ...] = ()


class OnCallOverrideEnded(Body):
    """An override ends now, or never begins."""

    KIND = "oncall.override_ended"
    level: str = ""
    person: str = ""
    reason: str = ""


class SwapBody(Body):
    """What every entry about a swap says: ``taker`` takes the turn ``[start, end)`` of ``giver``, and gives the other one."""

    rotation: str
    giver: str
    taker: str
    start: datetime
    end: datetime
    back_start: datetime | None = None
    back_end: datetime | None = None
    reason: str = ""


class SwapAsked(SwapBody):
    KIND = "oncall.swap_asked"


class SwapAccepted(SwapBody):
    """It holds from now on."""

    KIND = "oncall.swap_accepted"


class SwapDeclined(SwapBody):
    KIND = "oncall.swap_declined"


class SwapUndone(SwapBody):
    """Taken back by either of the two, before the first of the shifts began."""

    KIND = "oncall.swap_undone"


class RotationsSeen(Body):
    """The rotations of the configuration are other ones than before. ``rotations`` is a JSON text of them."""

    KIND = "oncall.rotations"
    ROUTINE = True
    rotations: str


class HandoffSigned(Body):
    """The outgoing side says that the review is complete. The actor is the login; ``person`` is who that is.

    ``lacks`` is what was missing, with the reason ``despite`` which it was signed; both are empty in a complete one.
    ``head`` is the end of the journal that was signed.
    """

    KIND = "handoff.signed"
    moment: datetime
    person: str = ""
    outgoing: tuple[str, ...] = ()
    incoming: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    despite: str = ""
    head: str = ""


class HandoffAccepted(Body):
    """The incoming side takes over."""

    KIND = "handoff.accepted"
    moment: datetime
    person: str = ""


class HandoffReminded(Body):
    """It was not accepted in time, and ``persons`` were told."""

    KIND = "handoff.reminded"
    moment: datetime
    persons: tuple[str, ...] = ()


class HandoffNoted(Body):
    """Something that the next shift is to know."""

    KIND = "handoff.noted"
    moment: datetime
    text: str


class PageClassed(Body):
    """What the page of an incident led to: ``as_what`` is "acted", "no_action" or "needs_work" (its alert does)."""

    KIND = "handoff.classed"
    as_what: str
    note: str = ""


class NextStepSaid(Body):
    """What is to be done next about an open incident."""

    KIND = "handoff.next-step"
    text: str


class ChecklistTicked(Body):
    """A person says how an item is. ``state`` is done, failed or skipped; ``evidence`` is what was attached, or why not."""

    KIND = "checklist.ticked"
    item: str
    state: str = "done"
    evidence: str = ""
    title: str = ""


class ChecklistUnticked(Body):
    """An item is open again."""

    KIND = "checklist.unticked"
    item: str
    reason: str = ""
    title: str = ""


class ChecklistVerified(Body):
    """The program looked at an item by reads alone. ``outcome`` is ok, failed or unknown; ``seen`` is what it saw."""

    KIND = "checklist.verified"
    item: str
    outcome: str
    seen: str = ""
    title: str = ""


class ChecklistOpened(Body):
    """A person opened a checklist that nothing opens by itself. ``about`` says what for."""

    KIND = "checklist.opened"
    about: str = ""


class ChecklistDropped(Body):
    """This one is not needed."""

    KIND = "checklist.dropped"
    reason: str = ""
