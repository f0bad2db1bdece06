"""What notifications write into the journal. The subject is the incident, or the channel where there is none.

A message is one notice on its way through one channel, to one person where the channel writes to persons. Its id is
made from what it says, so the same notice asked for twice is one message. No body holds a URL, a key or a password.
``purpose`` is that of the first message, as `notice.PURPOSES`.
"""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.journal_body import Body


class NotifyQueued(Body):
    """A message waits to be sent. It is committed together with what it tells of."""

    KIND = "notify.queued"
    id: str
    channel: str
    #: The kind of the channel, such as slack.
    by: str
    purpose: str
    severity: str = ""
    title: str = ""
    text: str = ""
    to: tuple[str, ...] = ()
    #: The person that this message alone is for, "" for whoever the channel reaches.
    person: str = ""
    rung: int = 0
    links: tuple[str, ...] = ()
    #: What all messages of one page have in common.
    page: str = ""
    #: 1: sent because every other channel of the page failed.
    fallback: int = 0
    #: 1: of a drill.
    drill: int = 0


class NotifySending(Body):
    """These messages are about to leave, in one request. ``tries`` counts this one."""

    KIND = "notify.sending"
    ROUTINE = True
    messages: tuple[str, ...]
    channel: str
    tries: int = 1
    session: str = ""
    purpose: str | None = None
    #: Which key is used: its reference and a digest of its value. Later messages of the incident use the same one.
    key: str | None = None


class NotifySent(Body):
    """The channel accepted them. ``said`` is what it did not take as it was: cut, refused recipients."""

    KIND = "notify.sent"
    messages: tuple[str, ...]
    channel: str
    said: str | None = None
    #: Messages that left together, of all incidents.
    together: int = 1
    purpose: str | None = None


class NotifyFailed(Body):
    """They were not accepted, or nobody knows. ``again``: tried again then, None: not tried again by itself."""

    KIND = "notify.failed"
    messages: tuple[str, ...]
    channel: str
    why: str
    #: 1: perhaps it arrived nevertheless.
    possibly: int = 0
    again: datetime | None = None
    #: 1: the channel itself is broken, whatever is sent.
    broken: int = 0
    purpose: str | None = None


class NotifyHeld(Body):
    """The channel takes nothing before ``until``; these wait as they are."""

    KIND = "notify.held"
    messages: tuple[str, ...]
    channel: str
    until: datetime
    why: str = ""
    purpose: str | None = None


class NotifyDropped(Body):
    """They are not sent, because there is nothing to say any more."""

    KIND = "notify.dropped"
    messages: tuple[str, ...]
    channel: str = ""
    why: str = ""
    purpose: str | None = None


class NotifyRetried(Body):
    """A person wants them sent again, whatever became of them."""

    KIND = "notify.retried"
    messages: tuple[str, ...]
