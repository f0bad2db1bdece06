"""What every kind of channel is: it gets a dispatch and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.notify.outcome import SendOutcome

#: Gives the value of the reference under a key of the channel's table. Raises `config.secret.SecretMissing`.
Reveal = Callable[[str], str]
#: Seconds that one request may take.
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Sending:
    """One notice of a dispatch. ``id`` is its message's, the same at every try."""

    id: str
    notice: Notice
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What leaves in one request: one notice, or several as a bundle. ``source`` is the name of what is watched.

    ``mentions`` and ``addresses`` are how the channel knows the people told, as it spells them. ``possibly_sent``: this
    was perhaps sent before.
    """

    sendings: Sequence[Sending]
    at: datetime
    source: str
    environment: str = ""
    mentions: Sequence[str] = ()
    addresses: Sequence[str] = ()
    possibly_sent: bool = False

    @property
    def first(self) -> Sending:
        return self.sendings[0]


class ChannelSender(Protocol):
    """Sends through one channel. Every outcome is an `SendOutcome`, no error leaves it but a cancellation."""

    async def send(self, dispatch: Dispatch) -> SendOutcome: ...
