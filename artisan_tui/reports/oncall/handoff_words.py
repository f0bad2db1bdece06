"""Words of the hand-over review that several of its sections share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from artisan_tui.domain.oncall.handoff_review import Counted, HandoffReview, Timed
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.moments import date_time_text
from artisan_tui.reports.oncall.handoff_document import Cell

_CLASSES = {"acted": N_("acted"), "no_action": N_("no action"), "needs_work": N_("alert needs work")}
_LOAD = {"sleep": N_("sleep"), "off": N_("off hours"), "business": N_("business")}
#: What an open incident may lack, by what the journal calls it.
_LACKS = {"next step": N_("the next step"), "time of the last customer update": N_("a customer update")}
DASH = "-"


def class_word(as_what: str) -> str:
    """What a page led to."""
    return _(_CLASSES[as_what]) if as_what in _CLASSES else printable(as_what, 20)


def lack_word(name: str) -> str:
    """What the next shift needs and nobody wrote. A signature has a list of it, after the id of its incident."""
    before, colon, listed = name.rpartition(": ")
    words = (_(_LACKS[each]) if each in _LACKS else each for each in listed.split(", "))
    return printable(f"{before}{colon}{', '.join(words)}", 200)


def load_word(name: str) -> str:
    """The class of a page by its time."""
    return _(_LOAD[name]) if name in _LOAD else printable(name, 20)


def people_text(review: HandoffReview, people: Iterable[str]) -> str:
    """Names, with commas; "nobody" for none."""
    found = [review.names.get(each, printable(each, 60)) for each in people]
    return ", ".join(found) if found else _("nobody")


def person_text(review: HandoffReview, person: str) -> str:
    return review.names.get(person, printable(person, 60)) if person else DASH


def when_text(review: HandoffReview, at: datetime, *, weekday: bool = True) -> str:
    return date_time_text(at, review.zone, weekday=weekday)


def counted_cell(counted: Counted, tone: str = "") -> Cell:
    return Cell(str(counted.n), counted.seqs, tone if counted.n else "dim")


def timed_cell(timed: Timed) -> Cell:
    """The median, with how many it is of."""
    if timed.times.median is None:
        return Cell(DASH, (), "dim")
    return Cell(_("{median} (of {n})").format(median=span_text(timed.times.median), n=timed.times.n), timed.seqs)


def ago_text(review: HandoffReview, at: datetime) -> str:
    """How long before the review that was."""
    return _("{span} ago").format(span=span_text(max(0.0, (review.at - at).total_seconds()) // 60 * 60))


def left_text(review: HandoffReview, at: datetime) -> str:
    """How long after the review that is."""
    seconds = (at - review.at).total_seconds()
    if seconds < 0:
        return _("{span} late").format(span=span_text(-seconds // 60 * 60))
    return _("in {span}").format(span=span_text(seconds // 60 * 60))
