"""The front door: decides between the board and its plain-text twin, and wires the rooms.

Kept light. Opening the board must not pay for the command line's parser: the few global
options are declared once in `cli.options` and read here without it.
"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial

# Importing makes objects that stay: looking through them for garbage, again and again, is
# a tenth of the time to the first frame. Whoever runs long enough to make garbage turns it
# back on: `engine.garbage`.
gc.disable()

from artisan_tui.cli.options import COMPLETE, read_globals
from artisan_tui.engine.garbage import GARBAGE
from artisan_tui.engine.launch import Options, config_places, options_of
from artisan_tui.process_exit import ProcessExit


def main() -> None:
    process_exit = ProcessExit()
    process_exit.leave(_run())


def _run() -> int:
    """Open the board or do what the command line says; the exit code of the program."""
    global_options = read_globals(sys.argv[1:])
    completes = COMPLETE in os.environ
    if global_options is not None and not completes and any(place.exists() for place in config_places(global_options)):
        return open_board(options_of(global_options))
    GARBAGE.begin()
    from artisan_tui.cli.app import run  # the twin's parser is not for the board to load

    return run(open_board)


def open_board(options: Options) -> int:
    """Open the dashboard, or say why not, probe once and print the results; return the exit code of the program."""
    from artisan_tui.tui.terminal import undrawable

    term = undrawable(os.environ)
    if term and sys.stdin.isatty() and sys.stdout.isatty():
        return probe_in_plain_text(options, term)
    from artisan_tui.tui.run import run_board

    return run_board(options)


def probe_in_plain_text(options: Options, term: str) -> int:
    """What `artisan-tui check` prints, and its exit code: for a terminal that cannot draw the board."""
    GARBAGE.begin()
    from artisan_tui.cli.checks import lines
    from artisan_tui.engine.checks.once import probe_once
    from artisan_tui.engine.clock import SystemClock
    from artisan_tui.engine.settings import ConfigError, place_of, read
    from artisan_tui.engine.spoken import spoken_language
    from artisan_tui.engine.threads import run
    from artisan_tui.i18n import _, use_language
    from artisan_tui.reports.config_problem import problem_text

    use_language(spoken_language(sys.argv[1:], options.environ))
    said = _(
        "this terminal cannot show the board (TERM={term}); every check runs once instead, like `artisan-tui check`"
    )
    print(f"artisan-tui: {said.format(term=term)}", file=sys.stderr)
    try:
        config = read(options.config_path, options.overlay)
        # The calls of jobs are in the store: without it, every heartbeat would read as never heard.
        place = partial(place_of, config, options.place.state_dir, options.environ)
        probe_round = run(probe_once(config, [], SystemClock(), options.environ, place))
    except ConfigError as error:
        for problem in error.problems:
            print(f"artisan-tui: {problem_text(str(problem))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    for line in lines(probe_round):
        print(line)
    return probe_round.exit_code
