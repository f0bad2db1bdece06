"""``python -m artisan_tui.engine.runbooks.step_program FOLDER``: `steps.runbook_step`, with what only the engine can lend.

This is the program that attempts of steps are started with. Nothing is imported before a step needs it.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

from artisan_tui.steps.runbook_step import main


def _measures() -> Any:
    from artisan_tui.engine.runbooks.step_measures import StepMeasures

    return StepMeasures()


def _journal() -> Any:
    from artisan_tui.engine.runbooks.step_journal import StepJournal

    return StepJournal()


class _Lent(dict[str, Any]):
    """Made when it is asked for first, and the same from then on."""

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            made = {"measure": _measures, "journal": _journal}.get(name)
            if made is None:
                return default
            self[name] = made()
        return self[name]

    def close(self) -> None:
        for each in self.values():
            if hasattr(each, "close"):
                each.close()


if __name__ == "__main__":
    with closing(_Lent()) as lent:
        code = main(sys.argv[1:], lent)
    sys.exit(code)
