"""Channels and the outbox as they were shown at a past moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from artisan_tui.engine.notify.slice import ChannelView, NotifySlice
from artisan_tui.engine.past.kinds import PieceKind, Then
from artisan_tui.engine.past.packing import Packing

#: Without the bell, which rings once and never again.
_OUTBOX = PieceKind(
    "notify",
    NotifySlice,
    lambda found: (("", found._replace(ring=None)),),
    packing=Packing((NotifySlice, ChannelView)),
)
KEPT: Final = (_OUTBOX,)


def past(then: Then) -> Sequence[object]:
    """As they were kept; nothing is known of the time before."""
    return (then.piece(_OUTBOX) or NotifySlice(),)
