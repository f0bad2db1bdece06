"""What was done on the stack, and what was told to fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: Marks and messages that are kept; a drill has a few hundred at most.
_MOST: Final = 10_000


@dataclass(slots=True)
class ActLedger:
    """``marks`` are those of acts that were done, in their order. ``breaks`` are the ids of steps that fail until they
    are mended, ``STEP/undo`` for an undo. ``sent`` are the messages that would have left.
    """

    marks: dict[str, None] = field(default_factory=dict)
    breaks: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)

    def broken(self, mark: str) -> bool:
        """Whether the act with this mark, ``RUN/STEP`` or ``RUN/STEP/undo``, is to fail."""
        return mark.partition("/")[2] in self.breaks

    def send(self, text: str) -> None:
        self.sent.append(text)
        del self.sent[:-_MOST]
