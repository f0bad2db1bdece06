"""The board's rows as a person reads them, and what the state column said over time."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from support.terminal import Terminal

_ROW = r"^ *\S {check} +(up|stale|DOWN|DEGRADED|UNKNOWN)(?: +(.*))?$"


class Rows:
    """``said`` holds, per check, each word of the state column in order, told once per change.

    It grows with every `states`; asked inside `Terminal.wait_for` that is after every read.
    """

    def __init__(self, terminal: Terminal, *checks: str) -> None:
        self._terminal = terminal
        self._patterns = {check: re.compile(_ROW.format(check=re.escape(check)), re.MULTILINE) for check in checks}
        self.said: dict[str, list[str]] = {check: [] for check in checks}

    def states(self) -> dict[str, str]:
        """The word per check; a row that is hidden or half painted is left out."""
        text, states = self._terminal.screen_text(), {}
        for check, pattern in self._patterns.items():
            if row := pattern.search(text):
                states[check] = row[1]
                if self.said[check][-1:] != [row[1]]:
                    self.said[check].append(row[1])
        return states

    def rest(self, check: str) -> str:
        """What stands behind the state: reason, age, number, strip; "" while the row is not there."""
        row = self._patterns[check].search(self._terminal.screen_text())
        return (row[2] or "") if row else ""

    def all(self, word: str, *there: str) -> bool:
        """Whether every row says ``word``, with every text of ``there`` behind it."""
        return list(self.states().values()) == [word] * len(self._patterns) and all(
            text in self.rest(check) for check in self._patterns for text in there
        )


def changes(state: Path) -> list[tuple[str, str, str, str]]:
    """(check, from, to, reason) of every state change in the journal below ``state``, oldest first."""
    with sqlite3.connect(f"file:{state / 'artisan.db'}?mode=ro", uri=True) as db:
        return db.execute(
            "SELECT subject, body ->> 'from', body ->> 'to', body ->> 'reason'"
            " FROM event WHERE kind = 'check.state' ORDER BY seq"
        ).fetchall()
