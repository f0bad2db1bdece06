"""What came of a command."""

from __future__ import annotations

from typing import NamedTuple


class Reply(NamedTuple):
    """What came of a command, in a sentence; ``ok`` is False when it was refused or failed."""

    ok: bool
    text: str = ""
