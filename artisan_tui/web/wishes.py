"""What a browser asks for, read from a message that anybody with the link may have made by hand."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import NamedTuple

#: Bytes of the longest message that is read. A longer one ends the connection.
LONGEST = 64 * 1024
#: The smallest and the largest window, in cells.
SMALLEST, LARGEST = (20, 5), (500, 200)
#: Characters of the longest text that is passed on, of which the board keeps less, and keys of one message. Nobody
#: types so much at once.
_LONGEST_TEXT, _MOST_KEYS = 16 * 1024, 500
_PASTE = "\x1b[200~"
#: What becomes one key or one report of the mouse.
_EVENT = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b?.", re.DOTALL)
#: Characters of a pasted text that cost as much as a key.
_PASTED_AT_ONCE = 256


class Typed(NamedTuple):
    """Keys, a paste or reports of the mouse, as a terminal sends them. ``events`` is about how many."""

    data: bytes
    events: int


class Resized(NamedTuple):
    """A window of ``columns`` and ``rows`` cells, within the limits."""

    columns: int
    rows: int


class Pinged(NamedTuple):
    """The browser asks whether anybody is there."""


def wish_of(text: str) -> Typed | Resized | Pinged | None:
    """None for what is not known, malformed or too long: it has no effect."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, list) or not message:
        return None
    kind, content = message[0], message[1] if len(message) > 1 else None
    if kind == "stdin" and isinstance(content, str) and 0 < len(content) <= _LONGEST_TEXT:
        pasted = content.startswith(_PASTE)
        events = 1 + len(content) // _PASTED_AT_ONCE if pasted else len(_EVENT.findall(content))
        return Typed(content.encode("utf-8", "replace"), events) if events <= _MOST_KEYS else None
    if kind == "resize" and isinstance(content, dict):
        return window_of(content.get("width"), content.get("height"))
    return Pinged() if kind == "ping" else None


def window_of(columns: object, rows: object) -> Resized | None:
    """A window within the limits; None for what are no numbers. Takes the text of an address, too."""
    numbers = [_number(each) for each in (columns, rows)]
    if None in numbers:
        return None
    bounded = [
        min(max(number or 0, least), most) for number, least, most in zip(numbers, SMALLEST, LARGEST, strict=True)
    ]
    return Resized(*bounded)


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) else None


class Pace:
    """Lets ``rate`` events a second pass, and ``burst`` at once after a rest."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._at = burst, clock()

    def take(self, events: float) -> float:
        """Seconds to wait before ``events`` more are passed on."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - events
        self._at = now
        return max(0.0, -self._left / self._rate)
