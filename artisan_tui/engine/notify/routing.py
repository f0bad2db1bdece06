"""Which channels a notice takes. Pure: the entries are written by whoever writes down what the notice tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, stamp
from artisan_tui.domain.notify.events import NotifyDropped, NotifyQueued
from artisan_tui.domain.notify.fallback import people
from artisan_tui.domain.notify.line import LINES
from artisan_tui.domain.notify.message import Message, message_id
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.notify.people import contacts

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.config.notify import AnyChannel

#: Characters of a text that the journal keeps.
_TEXT = 100_000
#: Every text of a drill says what it is, and what to do about it.
_DRILL = "DRILL:"
_DO_NOTHING = "This is a drill on a simulated stack. Do nothing about it outside of the drill."
#: What a fallback takes where no other channel does.
_CARRIED = frozenset({"page", "acknowledged", "resolved"})


def route(config: Config, notice: Notice, at: datetime, actor: str) -> tuple[Entry, ...]:
    """The `notify.queued` entries of ``notice``: one per channel, and per person where a channel writes to persons.

    A page that no channel takes goes to the fallbacks; where there are none either, a `notify.dropped` says so. So does
    its acknowledgement or resolve. A notice that asks for the fallbacks takes them besides the others.
    """
    usual = [each for each in config.channels if (not each.fallback or notice.channel) and _takes(each, notice)]
    messages = list(_messages(config, usual, notice, at))
    unheard = not any(each.by != "terminal" for each in messages)
    if notice.fallback or (unheard and notice.purpose in _CARRIED):
        spare = [each for each in config.channels if each.fallback and _takes(each, notice, roles=False)]
        messages += _messages(config, spare, notice, at, fallback=1)
    if notice.purpose == "page" and not any(each.by != "terminal" for each in messages):
        why = f"no channel takes a page of {notice.severity or 'no severity'}"
        dropped = NotifyDropped(messages=(), why=why, purpose="page").entry(at, OBSERVER, notice.incident)
        return (*(each.entry(at, actor, notice.incident) for each in messages), dropped)
    return tuple(each.entry(at, actor, notice.incident or each.channel) for each in messages)


def other_way(config: Config, page: Sequence[Message], text: NotifyQueued, at: datetime) -> tuple[Entry, ...]:
    """The fallback's entries for a page that none of its channels surely delivered. ``text`` is one of them."""
    first = page[0]
    notice = Notice(
        "page", first.incident, text.severity, text.title, text.text, people(page), text.rung, links=text.links,
        drill=bool(text.drill),
    )  # fmt: skip
    spare = [each for each in config.channels if each.fallback and _takes(each, notice, roles=False)]
    bodies = _messages(config, spare, notice, at, fallback=1, page=first.page)
    return tuple(each.entry(at, OBSERVER, first.incident) for each in bodies)


def follow_up(page: Message, answer: Message, text: NotifyQueued, at: datetime) -> Entry:
    """The entry that takes an acknowledgement or a resolve where the fallback took the page. ``text`` is the answer's."""
    body = NotifyQueued(
        id=message_id("follow", page.id, answer.id),
        channel=page.channel,
        by=page.by,
        purpose=answer.purpose,
        severity=text.severity,
        title=text.title,
        text=text.text,
        to=page.to,
        person=page.person,
        links=text.links,
        fallback=1,
        drill=text.drill,
    )
    return body.entry(at, OBSERVER, page.incident)


def _takes(channel: AnyChannel, notice: Notice, *, roles: bool = True) -> bool:
    if notice.purpose not in LINES[channel.kind].purposes:
        return False
    if notice.channel:
        return channel.id == notice.channel
    if channel.levels and notice.severity and notice.severity not in channel.levels:
        return False
    # Who is told in no particular role is told everywhere.
    return not (roles and channel.roles and notice.roles and not set(channel.roles) & set(notice.roles))


def _messages(
    config: Config,
    channels: Iterable[AnyChannel],
    notice: Notice,
    at: datetime,
    *,
    fallback: int = 0,
    page: str = "",
) -> Iterator[NotifyQueued]:
    if not page and notice.purpose == "page":
        page = message_id("page", *_words(notice, at))
    title, text = printable(notice.title, 2000), printable(notice.text, _TEXT, lines=True)
    if notice.drill and not title.startswith(_DRILL):
        title, text = f"{_DRILL} {title}"[:2000], f"{_DO_NOTHING}\n{text}"[:_TEXT]
    for channel in channels:
        for person in _lanes(config, channel, notice):
            yield NotifyQueued(
                id=message_id(channel.id, person, page if fallback else "", *_words(notice, at)),
                channel=channel.id,
                by=channel.kind,
                purpose=notice.purpose,
                severity=notice.severity,
                title=title,
                text=text,
                to=(person,) if person else notice.to,
                person=person,
                rung=notice.rung,
                links=tuple(printable(each, 2000) for each in notice.links),
                page=page,
                fallback=fallback,
                drill=int(notice.drill),
            )


def _lanes(config: Config, channel: AnyChannel, notice: Notice) -> Iterator[str]:
    """Mail is written to each person; other channels reach all their readers at once."""
    if channel.kind != "email":
        yield ""
        return
    if channel.to:
        yield ""
    for person in dict.fromkeys(notice.to):
        address = contacts(config, person).get("email")
        if address and address not in channel.to:
            yield person


def _words(notice: Notice, at: datetime) -> tuple[str, ...]:
    """What makes two notices the same one."""
    if notice.dedup:
        return notice.incident, notice.purpose, notice.dedup
    return notice.incident, notice.purpose, str(notice.rung), stamp(at), notice.title, notice.text, *notice.to
