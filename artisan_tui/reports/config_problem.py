"""An error in the configuration, in the reader's language.

It is English where it is found, in the journal and in JSON. Whoever shows it to a person reads it back here. Keys,
values and names of files stay as they are written in the file.
"""

from __future__ import annotations

import re

from artisan_tui.i18n import language
from artisan_tui.reports.read_back import read_back

#: ``FILE:LINE: KEY: WHAT``; line and key may be absent.
_PLACE = re.compile(r"(.+?(?::\d+)?): (?:([^\s:]+): )?(.+)", re.DOTALL)
_LINE = re.compile(r".+?:\d+: ")
_MEND = " — "


def problem_text(problem: str) -> str:
    """``FILE:LINE: KEY: WHAT — MEND`` with what is wrong and how to correct it in the reader's language."""
    if language() == "en":
        return problem
    head, sign, mend = problem.rpartition(_MEND) if _MEND in problem else (problem, "", "")
    found = _PLACE.fullmatch(head) if sign or _LINE.match(head) else None
    if found is None:
        return read_back(problem)
    file, key, what = found.groups()
    place = f"{file}: {key}" if key else file
    return f"{place}: {read_back(what)}{sign}{read_back(mend)}"
