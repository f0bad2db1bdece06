"""What a snapshot says about the hand-over."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class HandoffSlice(NamedTuple):
    """``pending``: the hand-over at ``moment`` is due or signed, and nobody has accepted it.

    ``signed_by`` is the login that signed it, "" while nobody has. ``overdue``: both sides were told.
    """

    pending: bool = False
    moment: datetime | None = None
    signed_by: str = ""
    overdue: bool = False
    outgoing: tuple[str, ...] = ()
    incoming: tuple[str, ...] = ()
