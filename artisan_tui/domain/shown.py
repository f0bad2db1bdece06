"""A piece of what was shown, as the store keeps it for the time machine."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

#: Seconds for which every piece is kept, and those that are lasting.
BRIEF_KEPT_SECONDS = 50 * 3600
LASTING_KEPT_SECONDS = 91 * 86400


class ShownPiece(NamedTuple):
    """``body`` was shown under ``name``, such as "check:api.health", from ``at`` on, until the next of that name.

    ``lasting``: it says more than another measured value, and is kept as long as the roll-ups of the probes.
    """

    name: str
    at: datetime
    body: bytes
    lasting: bool = True
