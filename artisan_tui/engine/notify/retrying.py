"""Whether a message may be sent again, and what is written down for it."""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.notify.events import NotifyRetried
from artisan_tui.domain.notify.message import OPEN, SENT, SHOWN, Message
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Decision
from artisan_tui.i18n import _


def retried(found: Message | None, name: str, at: datetime, actor: str) -> Decision:
    """Send ``found`` again. Raises CommandRefused for what is unknown, on its way or surely sent."""
    if found is None:
        raise CommandRefused(_("there is no message {id} in the outbox, or several begin so").format(id=name))
    if found.state in OPEN:
        raise CommandRefused(_("{id} is on its way: it is tried again by itself").format(id=found.id))
    if found.state in (SENT, SHOWN):
        raise CommandRefused(_("{id} was sent").format(id=found.id))
    body = NotifyRetried(messages=(found.id,))
    said = _("{id} is sent again through {channel}").format(id=found.id, channel=found.channel)
    if found.maybe:
        said = _("{id} is sent again through {channel}; it possibly arrives a second time").format(
            id=found.id, channel=found.channel
        )
    return Decision((body.entry(at, actor, found.incident),), said)
