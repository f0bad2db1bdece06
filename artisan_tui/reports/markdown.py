"""Markdown with escaped text. Names, reasons and notes are untrusted and must not become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from artisan_tui.domain.text.printable import printable

_SIGNS = re.compile(
    r"[\\`*\[\]<>|~&#!$@]"  # inline markup of CommonMark and GitHub
    r"|(?<![^\W_])_|_(?![^\W_])"  # not between letters, where an underscore is not markup and ids have many
    r"|^[-+=]"  # a list or the underline of a heading
    r"|:(?=//)|(?i:(?<=\bwww))\.|(?i:(?<=\bmailto)):"  # autolinks of GitHub
)
_ORDINAL = re.compile(r"^(\d+)([.)])(?=\s|$)")


def escaped(text: str, limit: int = 300) -> str:
    """``text`` on one line, escaped so that it is literal text, also in a table cell."""
    literal = _SIGNS.sub(r"\\\g<0>", " ".join(printable(text, limit).split()))
    return _ORDINAL.sub(r"\1\\\2", literal)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table. The cells must be Markdown already."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(' --- ' for _cell in head)}|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
