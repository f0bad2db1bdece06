"""A line of text whose keys are all handled before what follows them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from textual.widgets import Input

#: Seconds after which a line that is just being closed is not waited for any more.
_PATIENCE = 1.0


class TypedLine(Input):
    """Its cursor does not blink: a blink is traffic.

    Keys of a line wait in a queue of its own, which may be behind: a line and the Enter after it arrive in one piece.
    """

    def __init__(self, value: str = "", **options: Any) -> None:
        super().__init__(value, **options)
        self.cursor_blink = False

    async def typed(self) -> None:
        """Wait until the line has handled what was typed before now."""
        done = asyncio.Event()
        if self.call_later(done.set):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await done.wait()
