"""When a page has to take another way, because none of its channels surely delivered it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from artisan_tui.domain.notify.message import DROPPED, FAILED, OPEN, SENT, SHOWN, UNSURE, Message

#: A page that waited this long, or was tried so often, takes the other way while the first goes on trying.
PATIENCE = timedelta(seconds=60)
TRIES = 3


def undelivered(messages: Iterable[Message], now: datetime) -> Iterator[tuple[Message, ...]]:
    """The messages of each page that needs its fallback now. ``messages`` are all of every page in question."""
    for page in _pages(messages):
        if any(each.fallback or each.state in (SENT, DROPPED) for each in page):
            continue
        if all(_is_late(each, now) for each in page):
            yield page


def late_at(messages: Iterable[Message], now: datetime) -> datetime | None:
    """When the next page runs out of patience, if nothing happens before."""
    times = [
        each.queued_at + PATIENCE
        for page in _pages(messages)
        if not any(one.fallback or one.state == SENT for one in page)
        for each in page
        if each.state in OPEN and each.queued_at + PATIENCE > now
    ]
    return min(times, default=None)


def failed_pages(messages: Iterable[Message]) -> int:
    """Pages of which no channel, no fallback either, surely delivered anything, and none tries any more."""
    return sum(all(each.state in (FAILED, UNSURE) for each in page) for page in _pages(messages))


def _pages(messages: Iterable[Message]) -> Iterator[tuple[Message, ...]]:
    """A terminal rings and delivers nothing."""
    pages: dict[str, list[Message]] = {}
    for message in messages:
        if message.purpose == "page" and message.state != SHOWN:
            pages.setdefault(message.page, []).append(message)
    yield from map(tuple, pages.values())


def _is_late(message: Message, now: datetime) -> bool:
    if message.state in (FAILED, UNSURE):
        return True
    return message.state in OPEN and (message.tries >= TRIES or now - message.queued_at >= PATIENCE)


def owed(taken: Iterable[Message], answers: Sequence[Message]) -> Iterator[tuple[Message, Message]]:
    """(answer, page) for each page that went another way and whose acknowledgement or resolve did not follow it.

    ``taken`` are all messages of the fallbacks, ``answers`` those of other channels. Each answer is owed once per order.
    """
    orders: dict[str, list[Message]] = {}
    for each in taken:
        orders.setdefault(each.order, []).append(each)
    for queue in orders.values():
        pages = [each for each in queue if each.purpose == "page" and each.state not in (FAILED, DROPPED, SHOWN)]
        for purpose in ("acknowledged", "resolved"):
            page = max(pages, key=lambda each: each.seq, default=None)
            if page is None:
                break
            fitting = [
                each
                for each in answers
                if each.incident == page.incident and each.purpose == purpose and each.seq > page.seq
            ]
            done = max((each.seq for each in queue if each.purpose == purpose), default=0)
            if fitting and done < fitting[0].seq:
                yield fitting[0], page


def people(page: Sequence[Message]) -> tuple[str, ...]:
    """Everybody whom the page is for."""
    return tuple(dict.fromkeys(person for each in page for person in (*each.to, *filter(None, (each.person,)))))
