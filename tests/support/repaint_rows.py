"""Which rows of a terminal a text paints."""

from __future__ import annotations

import re


def rows_painted(written: str) -> set[int]:
    """The lines (from 0) in which anything was painted; a move of the cursor alone paints nothing."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written)
    return {int(y) - 1 for y, text in re.findall(r"\x1b\[(\d+);\d+H([^\x1b]*)", plain) if text}
