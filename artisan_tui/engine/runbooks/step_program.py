"""``python -m artisan_tui.engine.runbooks.step_program FOLDER``: `steps.runbook_step` with what other rooms lend."""

from __future__ import annotations

import sys

from artisan_tui.engine.runbooks.lending import LENT
from artisan_tui.steps.runbook_step import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], LENT))
