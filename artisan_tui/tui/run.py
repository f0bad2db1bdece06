"""Runs the board in a terminal, and leaves the terminal usable however the board ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.host import EngineHost
from artisan_tui.engine.launch import Options
from artisan_tui.engine.spoken import spoken_language
from artisan_tui.i18n import _, use_language
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.driver import paint_soon, without_kitty_keys
from artisan_tui.tui.ending import Ending
from artisan_tui.tui.terminal import IN_BROWSER, Terminal, in_browser, terminal_of, wishes_in

#: Seconds that the engine gets to save what waits before the process ends without it.
GRACE = 0.8
#: Seconds for which another thread may compute while the screen's waits for its turn. A key takes several turns, and
#: with Python's 5 ms the engine, busy with a run, made a tenth of a second of them.
SWITCH = 0.001
#: Seconds that it gets where the program goes on with a drill: nobody waits for a shell then.
BETWEEN = 15.0


def run_board(options: Options, environ: Mapping[str, str] = os.environ) -> int:
    """Run until the person leaves, the terminal closes or a signal comes; the program's exit code.

    Where the person leaves for a drill, the drill's board is run, and then this one again.
    """
    while True:
        code, drill = _run_once(options, environ)
        if not drill:
            return code
        from artisan_tui.tui.drills.interlude import play_drill

        play_drill(options, drill, lambda inside: _run_once(inside, environ)[0])


def _run_once(options: Options, environ: Mapping[str, str]) -> tuple[int, str | Path]:
    """The exit code, and the drill that the board was left for: a scenario, or the folder of one that is not over."""
    if options.at and not is_past(options.at):
        use_language(spoken_language(sys.argv[1:], environ))
        problem = _("--at {text}: write a moment that is over, like 2026-11-21T09:42:00Z, yesterday or 2h")
        print(f"artisan-tui: {problem.format(text=printable(options.at, 60))}", file=sys.stderr)
        return 2, ""
    browser = in_browser(environ)
    os.environ.pop(IN_BROWSER, None)  # not for the programs that a runbook starts
    if not browser and not (sys.stdin.isatty() and sys.stdout.isatty()):
        use_language(spoken_language(sys.argv[1:], environ))
        problem = _("the board needs a terminal; in scripts use `artisan-tui check` or `artisan-tui watch`")
        print(f"artisan-tui: {problem}", file=sys.stderr)
        return 2, ""
    terminal = Terminal(browser=True) if browser else terminal_of(environ, sys.stderr.encoding)
    if not terminal.kitty:
        without_kitty_keys()
    paint_soon()
    app = ArtisanApp(
        options.session,
        terminal=terminal,
        wishes=wishes_in(options.config_path),
        crash_dir=options.place.state_dir,
    )
    app.opens_at = options.at
    app.host = EngineHost(options, app.receive, app.engine_failed)
    sys.setswitchinterval(SWITCH)
    with Ending(app, app.host, GRACE) as ending:
        error = app.run(mouse=app.wants_mouse)
        stopped = app.host.stop(BETWEEN if app.leaves_for else GRACE)
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
    if not stopped and not (app.leaves_for and code == 0):
        # A thread still waits in a socket. Everything of ours is saved; do not wait for it.
        os._exit(code)
    return code, app.leaves_for if code == 0 else ""


def is_past(text: str) -> bool:
    """Whether this names a moment that is over, whatever the zone of the configuration is."""
    from artisan_tui.domain.when import parse_when  # few open the board at a moment

    if text.startswith("+"):
        from artisan_tui.engine.drills.moments import tick_of

        return tick_of(text) is not None
    now = datetime.now(UTC)
    try:
        return parse_when(text, now, UTC) < now + timedelta(days=1)
    except ValueError:
        return False


def error_text(error: BaseException) -> str:
    """An error that ended the engine, as text for the terminal."""
    problems = getattr(error, "problems", None)
    if problems:
        return "\n  ".join([_("the configuration is invalid:"), *(problem_text(str(problem)) for problem in problems)])
    return f"{type(error).__name__}: {error}"
