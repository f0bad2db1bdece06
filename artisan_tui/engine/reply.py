"""What came of a command."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a command, in a sentence; ``ok`` is False when it was refused or failed."""

    ok: bool
    text: str = ""
