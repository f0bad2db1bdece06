"""A test of a channel: one notice that goes straight through it, past the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry
from artisan_tui.domain.notify.events import NotifyDropped, NotifyFailed, NotifyQueued, NotifySent
from artisan_tui.domain.notify.message import begun, message_id
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.notify.delivery import send
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.config.notify import AnyChannel
    from artisan_tui.engine.notify.keys import KeyRing


def channel_named(config: Config, name: str) -> AnyChannel:
    """Raises CommandRefused, which names those that there are."""
    found = next((each for each in config.channels if each.id == name), None)
    if found is None:
        known = ", ".join(each.id for each in config.channels) or _("none")
        raise CommandMisused(_("there is no channel {id}; known: {known}").format(id=name, known=known))
    return found


async def send_test(config: Config, channel: AnyChannel, keys: KeyRing, at: datetime, actor: str) -> SendOutcome:
    """Send it now, whatever waits or is held."""
    title = _("Test from artisan-tui: {name}").format(name=config.artisan.name)
    text = _("{actor} tests the channel {channel}. There is nothing to do.").format(actor=actor, channel=channel.id)
    name = message_id("test", channel.id, at.isoformat())
    body = NotifyQueued(id=name, channel=channel.id, by=channel.kind, purpose="test", title=title, text=text)
    message = begun(body, "", at, 0)
    return await send(config, channel, [message], {name: body}, at, keys.reveal(channel))


def test_entry(channel: AnyChannel, outcome: SendOutcome, at: datetime, actor: str) -> Entry:
    """What the journal says of the test; how the channel does follows from it."""
    if outcome.came is Came.SENT:
        body = NotifySent(messages=(), channel=channel.id, said=outcome.said or None, purpose="test")
        return body.entry(at, actor, channel.id)
    failed = NotifyFailed(
        messages=(),
        channel=channel.id,
        why=outcome.said,
        possibly=int(outcome.came is Came.UNSURE),
        broken=int(outcome.broken),
        purpose="test",
    )
    return failed.entry(at, actor, channel.id)


def drill_entry(channel: AnyChannel, at: datetime, actor: str) -> Entry:
    why = "a drill: nothing leaves this machine"
    return NotifyDropped(messages=(), channel=channel.id, why=why, purpose="test").entry(at, actor, channel.id)


def said(channel: AnyChannel, outcome: SendOutcome) -> str:
    """A sentence for the person; ``outcome.said`` stands in it as it is."""
    if outcome.came is Came.SENT:
        sentence = _("{channel}: sent") if not outcome.said else _("{channel}: sent; {note}")
    elif outcome.came is Came.UNSURE:
        sentence = _("{channel}: POSSIBLY SENT: {note}")
    else:
        sentence = _("{channel}: FAILED: {note}")
    return sentence.format(channel=channel.id, note=outcome.said)


def drill_said(channel: AnyChannel) -> str:
    return _("{channel}: not sent, because in a drill nothing leaves this machine").format(channel=channel.id)
