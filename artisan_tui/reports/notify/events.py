"""How entries about notifications are said."""

from __future__ import annotations

from artisan_tui.domain.event import Event
from artisan_tui.domain.notify.events import (
    NotifyDropped,
    NotifyFailed,
    NotifyHeld,
    NotifyQueued,
    NotifyRetried,
    NotifySending,
    NotifySent,
)
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.notify.words import purpose_word
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.wording import EventWords, Tone, until_text

WORDS = EventWords()


@WORDS.says(NotifyQueued)
def _queued(event: Event, body: NotifyQueued) -> str:
    people = ", ".join((body.person,) if body.person else body.to)
    said = (
        _("{purpose} to {people} through {channel}: {title}") if people else _("{purpose} through {channel}: {title}")
    )
    if body.fallback:
        said = _("{purpose} through the fallback {channel}: {title}")
    return said.format(
        purpose=purpose_word(body.purpose),
        people=printable(people, 120),
        channel=printable(body.channel, 63),
        title=printable(body.title, 200),
    )


def _subject(purpose: str | None, count: int, channel: str) -> str:
    """What it is about: the purpose, how many, the channel."""
    what = purpose_word(purpose or "")
    if count > 1:
        what = ngettext("{n} message", "{n} messages", count).format(n=count)
    return _("{what} through {channel}").format(what=what, channel=printable(channel, 63)).strip()


def _why(why: str) -> str:
    return printable(read_back(why), 300)


@WORDS.says(NotifySending)
def _sending(event: Event, body: NotifySending) -> str:
    return _("{message}: being sent").format(message=_subject(body.purpose, len(body.messages), body.channel))


@WORDS.says(NotifySent, lambda body: Tone.WARN if body.said else Tone.PLAIN)
def _sent(event: Event, body: NotifySent) -> str:
    message = _subject(body.purpose, len(body.messages), body.channel)
    if body.said:
        return _("{message}: sent; {note}").format(message=message, note=_why(body.said))
    if body.together > 1:
        others = body.together - 1
        said = ngettext("{message}: sent, as one with {n} other", "{message}: sent, as one with {n} others", others)
        return said.format(message=message, n=others)
    return _("{message}: sent").format(message=message)


@WORDS.says(NotifyFailed, lambda body: Tone.WARN if body.again is not None else Tone.BAD)
def _failed(event: Event, body: NotifyFailed) -> str:
    message, why = _subject(body.purpose, len(body.messages), body.channel), _why(body.why)
    if body.again is not None:
        said = _("{message}: failed, tried again by itself: {why}")
        if body.possibly:
            said = _("{message}: possibly sent, sent again under the same id: {why}")
    elif body.possibly:
        said = _("{message}: POSSIBLY SENT: {why}")
    else:
        said = _("{message}: FAILED: {why}")
    return said.format(message=message, why=why)


@WORDS.says(NotifyHeld, lambda body: Tone.WARN)
def _held(event: Event, body: NotifyHeld) -> str:
    said = _("{channel} takes nothing until {until}: {why}")
    return said.format(channel=printable(body.channel, 63), until=until_text(body.until), why=_why(body.why))


@WORDS.says(NotifyDropped)
def _dropped(event: Event, body: NotifyDropped) -> str:
    if not body.channel:
        return _("nobody is told: {why}").format(why=_why(body.why))
    message = _subject(body.purpose, len(body.messages), body.channel)
    return _("{message}: not sent: {why}").format(message=message, why=_why(body.why))


@WORDS.says(NotifyRetried)
def _retried(event: Event, body: NotifyRetried) -> str:
    return _("asked to send again: {ids}").format(ids=printable(", ".join(body.messages), 200))
