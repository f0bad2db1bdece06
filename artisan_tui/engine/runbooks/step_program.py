"""``python -m artisan_tui.engine.runbooks.step_program FOLDER``: `steps.runbook_step`, with what only the engine can lend.

This is the program that attempts of steps are started with. Nothing is imported before a step needs it.
"""

from __future__ import annotations

import sys
from typing import Any

from artisan_tui.steps.runbook_step import main


def _measures() -> Any:
    from artisan_tui.engine.runbooks.step_measures import StepMeasures

    return StepMeasures()


def _journal() -> Any:
    from artisan_tui.engine.runbooks.step_journal import StepJournal

    return StepJournal()


class _Lent(dict[str, Any]):
    """Made when it is asked for."""

    def get(self, name: str, default: Any = None) -> Any:
        made = {"measure": _measures, "journal": _journal}.get(name)
        return default if made is None else made()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], _Lent()))
