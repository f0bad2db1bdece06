"""``python -m artisan_tui.engine.runbooks.step_program FOLDER``: `steps.runbook_step` with the readers of other rooms."""

from __future__ import annotations

import sys

from artisan_tui.steps.runbook_step import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
