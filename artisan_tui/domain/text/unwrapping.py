"""Text without its escapes, such as %2F, &amp;, \\u0026, with the places that its characters have in the text.

A secret may come back escaped several times, each time in another way. The readings of a text are searched instead of
every way to write a secret. Imported with the first such text.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: Readings of one text at most. Three ways of escaping, each twice, in any order.
_MOST = 24
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#[xX][0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,10});")
_BACKSLASH = re.compile(
    r"\\(?:u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^\sux])"
)
#: An escape that was cut in its middle.
_UNFINISHED = re.compile(r"(?:%[0-9A-Fa-f]?|&#?[A-Za-z0-9]{0,10}|\\(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?)\Z")
#: What shows that a text has escapes.
ESCAPED = re.compile(r"[%&\\]")


@dataclass(frozen=True, slots=True)
class Reading:
    """``text`` with the escapes of one kind read.

    ``at`` are the indexes of the characters that were escaped, ``spans`` their places in the text they were read from,
    which is the one of ``outer``, or the whole text if that is None.
    """

    text: str
    at: tuple[int, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    outer: Reading | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from ``start`` to before ``end`` are in the whole text."""
        if self.outer is None:
            return start, end
        return self.outer.place(self._span(start)[0], self._span(end - 1)[1])

    def _span(self, index: int) -> tuple[int, int]:
        before = bisect_right(self.at, index) - 1
        if before < 0:
            return index, index + 1
        at, (start, end) = self.at[before], self.spans[before]
        return (start, end) if at == index else (end + index - at - 1, end + index - at)


def readings(text: str, *, cut: bool = False) -> Iterator[Reading]:
    """``text``, and what it says when its escapes are read, again and again. With ``cut``, without the escape that was
    cut at its end.
    """
    waiting, known = [Reading(text)], {text}
    while waiting and len(known) <= _MOST:
        reading = waiting.pop(0)
        yield reading
        if cut and (unfinished := _UNFINISHED.search(reading.text, max(0, len(reading.text) - 12))):
            yield Reading(reading.text[: unfinished.start()], reading.at, reading.spans, reading.outer)
        for pattern, read in _WAYS:
            inner = _read(reading, pattern, read)
            if inner.text not in known:
                known.add(inner.text)
                waiting.append(inner)
    yield from waiting


def _read(reading: Reading, pattern: re.Pattern[str], read: Callable[[str], Iterator[tuple[str, int]]]) -> Reading:
    parts: list[str] = []
    at: list[int] = []
    spans: list[tuple[int, int]] = []
    taken = length = 0
    for found in pattern.finditer(reading.text):
        start = found.start()
        parts.append(reading.text[taken:start])
        length += start - taken
        for char, width in read(found[0]):
            parts.append(char)
            at.append(length)
            spans.append((start, start + width))
            length, start = length + 1, start + width
        taken = found.end()
    parts.append(reading.text[taken:])
    return Reading("".join(parts), tuple(at), tuple(spans), reading)


def _percent(run: str) -> Iterator[tuple[str, int]]:
    data = bytes.fromhex(run.replace("%", ""))
    try:
        text = data.decode()
    except UnicodeDecodeError:  # cut, or another encoding
        return ((char, 3) for char in data.decode("latin-1"))
    return ((char, 3 * len(char.encode())) for char in text)


def _entity(run: str) -> Iterator[tuple[str, int]]:
    char = html.unescape(run)
    yield (char if len(char) == 1 else run[0], len(run) if len(char) == 1 else 1)
    if len(char) != 1:
        yield from ((each, 1) for each in run[1:])


def _backslash(run: str) -> Iterator[tuple[str, int]]:
    if run[1] == "x":
        yield bytes.fromhex(run[2:]).decode("latin-1"), len(run)
    elif run[1] in 'ubfnrt"\\/':
        yield json.loads(f'"{run}"'), len(run)
    else:
        yield run[1], len(run)


_WAYS = ((_PERCENT, _percent), (_ENTITY, _entity), (_BACKSLASH, _backslash))
