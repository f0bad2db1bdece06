"""Heads of the journal's hash chain that were kept elsewhere, and the chain held against them.

Who may write the store can change an event and hash everything after it anew: such a chain is whole in itself. It
differs from every head that was written down elsewhere after that event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from artisan_tui.domain.event import GENESIS, StoredRow

_HEAD = re.compile(r"(0|[1-9][0-9]{0,17}):([0-9a-f]{64})")


class Head(NamedTuple):
    """So many events, and the hash of the last of them."""

    events: int
    digest: str

    def __str__(self) -> str:
        return f"{self.events}:{self.digest}"


class Strayed(NamedTuple):
    """The chain is not that of ``expected``. ``after`` is the last event up to which a kept head agrees, 0 for none.

    ``missing``: the event of the head is not there any more.
    """

    after: int
    expected: Head
    missing: bool


def head_of(text: str) -> Head:
    """``N:HASH`` as `audit head` prints it. Raises ValueError."""
    found = _HEAD.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"not a head: {text.strip()[:80]!r}")
    return Head(int(found[1]), found[2])


def heads_in(lines: Iterable[str]) -> Iterator[Head]:
    """The heads of a file: each line ends with one. Empty lines and those that begin with # are left out.

    Raises ValueError, which names the line.
    """
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words and not line.startswith("#"):
            try:
                yield head_of(words[-1])
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from None


class KeptHeads:
    """Compares rows that pass by with heads, and remembers the first that differs."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self._expected: dict[int, set[str]] = {}
        for head in heads:
            self._expected.setdefault(head.events, set()).add(head.digest)
        self._agreed = 0
        self._found: Strayed | None = None
        self._left = sorted(self._expected, reverse=True)
        self._compare(0, GENESIS)

    def passing(self, rows: Iterable[StoredRow]) -> Iterator[StoredRow]:
        for row in rows:
            self._compare(row.seq, row.hash)
            yield row

    def _compare(self, seq: int, digest: object) -> None:
        if not self._left or self._left[-1] != seq:
            return
        self._left.pop()
        # Two heads for one event cannot both be of this chain.
        wrong = sorted(self._expected[seq] - {digest})
        if not wrong:
            self._agreed = seq if self._found is None else self._agreed
        elif self._found is None:
            self._found = Strayed(self._agreed, Head(seq, wrong[0]), missing=False)

    def strayed(self, *, whole: bool) -> Strayed | None:
        """What is wrong, None when every head is one of this chain. ``whole``: all rows have passed."""
        if self._found is None and self._left and whole:
            seq = self._left[-1]
            return Strayed(self._agreed, Head(seq, min(self._expected[seq])), missing=True)
        return self._found
