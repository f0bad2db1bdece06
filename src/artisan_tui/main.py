"""The front door: decides between the board and its plain-text twin, and wires the rooms.

Kept light. Opening the board must not pay for the command line's parser: the few global
options are declared once in `cli.options` and read here without it.
"""

from __future__ import annotations

import gc
import sys

# Importing makes objects that stay: looking through them for garbage, again and again, is
# a tenth of the time to the first frame. Whoever runs long enough to make garbage turns it
# back on: `awake`.
gc.disable()

from artisan_tui.cli.options import read_globals
from artisan_tui.engine.launch import Options, awake, config_places, options_of


def main() -> None:
    asked = read_globals(sys.argv[1:])
    if asked is not None and any(place.exists() for place in config_places(asked)):
        raise SystemExit(open_board(options_of(asked)))
    awake()
    from artisan_tui.cli.app import run  # the twin's parser is not for the board to load

    raise SystemExit(run(open_board))


def open_board(options: Options) -> int:
    """Open the dashboard; the exit code of the program."""
    from artisan_tui.tui.run import run_board

    return run_board(options)
