"""A drill between two times of the board: begun, played on a board of its own, and its debrief written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from artisan_tui.domain.drills.score import score
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.drills.folders import NoDrill, drill_place
from artisan_tui.engine.drills.queries import keep_debrief
from artisan_tui.engine.drills.running import DrillRefused, begin_here, conducted, drill_options, end_drill
from artisan_tui.engine.launch import GlobalOptions, Options
from artisan_tui.engine.settings import ConfigError
from artisan_tui.i18n import _
from artisan_tui.reports.drills.debrief import debrief


def play_drill(options: Options, drill: str | Path, run: Callable[[Options], int]) -> None:
    """Play a new drill of a scenario, or go on with the drill of a folder.

    What keeps it from beginning is said, and waits until it was read.
    """
    try:
        if isinstance(drill, Path):
            place = drill_place(drill)
            conducted(place)
        else:
            place = begin_here(options, drill, SystemClock().now())
        run(drill_options(GlobalOptions(), place))
        if options.session.demo and not place.over:
            end_drill(place)  # its folder goes with the demo
        play = place.play
        if play is not None:
            keep_debrief(place.path, debrief(place.scenario, play, score(place.scenario, play)))
    except (DrillRefused, NoDrill, ConfigError, OSError) as error:
        print(f"artisan-tui: {printable(str(error), 1000)}", file=sys.stderr)
        print(_("press Enter to go back to the board"), file=sys.stderr, flush=True)
        sys.stdin.readline()
