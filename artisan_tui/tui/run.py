"""Runs the board in a terminal, and leaves the terminal usable however the board ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.host import EngineHost
from artisan_tui.engine.launch import Options
from artisan_tui.engine.spoken import spoken_language
from artisan_tui.i18n import _, use_language
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.driver import without_kitty_keys
from artisan_tui.tui.ending import Ending
from artisan_tui.tui.terminal import terminal_of, wishes_in

#: Seconds that the engine gets to save what waits before the process ends without it.
GRACE = 0.8


def run_board(options: Options, environ: Mapping[str, str] = os.environ) -> int:
    """Run until the person leaves, the terminal closes or a signal comes; the program's exit code.

    Where the person leaves for a drill, the drill's board is run, and then this one again.
    """
    while True:
        code, scenario = _run_once(options, environ)
        if not scenario:
            return code
        from artisan_tui.tui.drills.interlude import play_drill

        play_drill(options, scenario, lambda inside: _run_once(inside, environ)[0])


def _run_once(options: Options, environ: Mapping[str, str]) -> tuple[int, str]:
    """The exit code, and the scenario that the board was left for."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        use_language(spoken_language(sys.argv[1:], environ))
        problem = _("the board needs a terminal; in scripts use `artisan-tui check` or `artisan-tui watch`")
        print(f"artisan-tui: {problem}", file=sys.stderr)
        return 2, ""
    terminal = terminal_of(environ, sys.stderr.encoding)
    if not terminal.kitty:
        without_kitty_keys()
    app = ArtisanApp(
        options.session,
        terminal=terminal,
        wishes=wishes_in(options.config_path),
        crash_dir=options.place.state_dir,
    )
    app.host = EngineHost(options, app.receive, app.engine_failed)
    with Ending(app, app.host, GRACE) as ending:
        error = app.run(mouse=app.wants_mouse)
        stopped = app.host.stop(GRACE)
    code = ending.code
    if error is not None:
        use_language(spoken_language(sys.argv[1:], environ))
        print(f"artisan-tui: {printable(error_text(error), 20_000, lines=True)}", file=sys.stderr)
        code = 2 if type(error).__name__ == "ConfigError" else 1
    elif app.crash_note:
        print(f"artisan-tui: {app.crash_note}", file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    if not stopped:
        # A thread still waits in a socket. Everything of ours is saved; do not wait for it.
        os._exit(code)
    return code, app.leaves_for if code == 0 else ""


def error_text(error: BaseException) -> str:
    """An error that ended the engine, as text for the terminal."""
    problems = getattr(error, "problems", None)
    if problems:
        return "\n  ".join([_("the configuration is invalid:"), *(problem_text(str(problem)) for problem in problems)])
    return f"{type(error).__name__}: {error}"
