"""Markdown whose text cannot become markup: names, reasons and notes come from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from artisan_tui.domain.text.printable import printable

_SIGNS = re.compile(
    r"[\\`*\[\]<>|~&#!$@]"  # begin or end something inside a line, in CommonMark or GitHub's additions to it
    r"|(?<![^\W_])_|_(?![^\W_])"  # not between letters: there it begins nothing, and ids are full of them
    r"|^[-+=]"  # begin a list, or underline a heading
    r"|:(?=//)|(?i:(?<=\bwww))\.|(?i:(?<=\bmailto)):"  # what GitHub makes a link of without being asked
)
_ORDINAL = re.compile(r"^(\d+)([.)])")


def escaped(text: str, limit: int = 300) -> str:
    """``text`` in one line, read as it is wherever it stands, also in a cell of a table."""
    said = _SIGNS.sub(r"\\\g<0>", " ".join(printable(text, limit).split()))
    return _ORDINAL.sub(r"\1\\\2", said)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Cells are Markdown already."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(' --- ' for _cell in head)}|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
