"""Which waiting messages have nothing to say any more, because of what was queued after or before them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from artisan_tui.domain.notify.message import FAILED, SHOWN, WAITING, Message

#: An incident is paged once in this time, whatever its alerts do.
PAGED_ONCE = timedelta(seconds=60)
_ABOUT_WORK = ("page", "reminder", "inform", "acknowledged")
_RESOLVED = "resolved before it was sent"
_ACKNOWLEDGED = "acknowledged before it was sent"
_REPEATED = "the incident was paged through this channel a moment ago"


@dataclass(frozen=True, slots=True)
class Drop:
    """These are not sent, and why."""

    messages: tuple[Message, ...]
    why: str


def superseded(queue: Sequence[Message], *, reached: bool) -> Iterator[Drop]:
    """``queue`` are messages of one order, by place; ``reached``: the other side knows of this incident already.

    What a person asked for again stays. What is being sent is not touched.
    """
    gone: set[str] = set()
    for drop in (*_resolved(queue, reached=reached), *_acknowledged(queue), *_repeated(queue)):
        fresh = tuple(each for each in drop.messages if each.id not in gone)
        gone |= {each.id for each in fresh}
        if fresh:
            yield Drop(fresh, drop.why)


def _droppable(message: Message, purposes: Collection[str]) -> bool:
    return message.state == WAITING and not message.wanted and not message.maybe and message.purpose in purposes


def _resolved(queue: Sequence[Message], *, reached: bool) -> Iterator[Drop]:
    """Nobody is paged for what is over; and who never heard of it need not hear that it is over."""
    last = max((each.seq for each in queue if each.purpose == "resolved"), default=None)
    if last is None:
        return
    before = [each for each in queue if each.seq < last]
    known = reached or any(each.reached for each in before)
    work = ("page", "reminder", "inform") if known else _ABOUT_WORK
    dropped = [each for each in before if _droppable(each, work)]
    left = [each for each in before if each.state == WAITING and each not in dropped]
    if not known and not left:
        dropped += [each for each in queue if each.seq == last and _droppable(each, ("resolved",))]
    if dropped:
        yield Drop(tuple(dropped), _RESOLVED)


def _acknowledged(queue: Sequence[Message]) -> Iterator[Drop]:
    """An acknowledgement ends the paging. The first page stays: what is acknowledged must be known there."""
    last = max((each.seq for each in queue if each.purpose == "acknowledged"), default=None)
    if last is None:
        return
    dropped, paged = [], False
    for each in queue:
        if each.seq < last and _droppable(each, ("page", "reminder")) and (paged or each.purpose == "reminder"):
            dropped.append(each)
        elif each.purpose == "page" and each.state not in (FAILED, SHOWN):
            paged = True
    if dropped:
        yield Drop(tuple(dropped), _ACKNOWLEDGED)


def _repeated(queue: Sequence[Message]) -> Iterator[Drop]:
    """A second page of the same rung to the same people within a minute, with no acknowledgement in between."""
    paged: Message | None = None
    for each in queue:
        if each.purpose in ("acknowledged", "resolved"):
            paged = None
        elif each.purpose == "page":
            # One that got worse is said again: "Sev1" is less than "Sev2".
            same = (
                paged is not None and (paged.rung, paged.to) == (each.rung, each.to) and each.severity >= paged.severity
            )
            soon = paged is not None and each.queued_at - paged.queued_at <= PAGED_ONCE
            if same and soon and _droppable(each, ("page",)) and not each.fallback:
                yield Drop((each,), _REPEATED)
            elif each.state in (WAITING, "sending", "sent", "unsure"):
                paged = each
