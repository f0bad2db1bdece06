"""A line of text whose keys are all handled before what follows them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from textual import events
from textual.binding import Binding
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


def _editing() -> dict[str, str]:
    """The keys that change a line or move in it, and their actions. Enter is not one: a line is waited for there."""
    found: dict[str, str] = {}
    for each in Input.BINDINGS:
        if isinstance(each, Binding) and each.action != "submit":
            found |= dict.fromkeys((key.strip() for key in each.key.split(",")), each.action)
    return found


_EDITING = _editing()


def edit(line: Input, event: events.Key) -> bool:
    """Queue an editing key in the line itself; False when ``event`` is none.

    Textual handles a letter in the line and a backspace only after it went up to the application. When both come in
    one piece, as over a slow link, the letter would be there first and be deleted.
    """
    action = _EDITING.get(event.key)
    return action is not None and line.call_later(line.run_action, action)
