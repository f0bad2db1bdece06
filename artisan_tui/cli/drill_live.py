"""Live drills on the command line: ``artisan-tui drill run``, ``join`` and ``end``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from artisan_tui.cli.board import open_
from artisan_tui.cli.out import say
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.drills.folders import DrillPlace, NoDrill, drill_place, drills_in
from artisan_tui.engine.drills.queries import keep_debrief
from artisan_tui.engine.drills.running import (
    DrillRefused,
    begin_drill,
    conducted,
    drill_options,
    end_drill,
)
from artisan_tui.engine.launch import GlobalOptions, config_path, state_dir
from artisan_tui.engine.settings import read
from artisan_tui.i18n import N_, _

if TYPE_CHECKING:
    from artisan_tui.domain.drills.record import PlayRecord
    from artisan_tui.domain.drills.scenario import Scenario

_FOLDER = N_("The folder of the drill; by default the newest.")


def register_live(app: typer.Typer) -> None:
    app.command("join", help=N_("Open a drill that runs on another terminal."))(join)
    app.command("end", help=N_("End a drill and write its debrief."))(end)


def run_live(
    options: GlobalOptions, scenario: Scenario, *, seed: int, speed: float, facilitate: bool, board: bool
) -> NoReturn:
    """Begin a drill and open the board in it; without the board, say where it is."""
    path = config_path(options)
    config = read(path)
    if board and not (sys.stdin.isatty() and sys.stdout.isatty()):
        _refuse(NoDrill(_("the board needs a terminal; --no-board begins the drill without it")))
    try:
        place = begin_drill(
            scenario,
            state_dir(options),
            SystemClock().now(),
            real=options._replace(config=path.absolute()),
            seed=seed,
            speed=speed,
            zone=str(config.zone),
            language=config.artisan.language,
        )
        if not board:
            say(str(place.path))
            raise typer.Exit(0)
        raise typer.Exit(open_drill(options, place, facilitates=facilitate))
    except (DrillRefused, NoDrill) as refused:
        _refuse(refused)


def open_drill(options: GlobalOptions, place: DrillPlace, *, facilitates: bool = False) -> int:
    """The board in the drill; the exit code. Says afterwards how it went, or how to come back."""
    conducted(place)
    code = open_(drill_options(options, place, facilitates=facilitates))
    if place.over:
        path = write_debrief(place)
        say(_("DRILL over; its debrief is {path}").format(path=path), err=True)
    elif code == 0:
        said = _(
            "the drill goes on; come back with `artisan-tui drill join {path}`, end it with `artisan-tui drill end {path}`"
        )
        say(said.format(path=place.path), err=True)
    return code


def join(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER, show_default=False)] = None,
    facilitate: Annotated[bool, typer.Option("--facilitate", help=N_("Open the facilitator's screen."))] = False,
) -> None:
    try:
        raise typer.Exit(open_drill(context.obj, _chosen(context.obj, folder), facilitates=facilitate))
    except (DrillRefused, NoDrill) as refused:
        _refuse(refused)


def end(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER, show_default=False)] = None,
) -> None:
    try:
        place = _chosen(context.obj, folder)
        end_drill(place)
        say(str(write_debrief(place)))
    except (DrillRefused, NoDrill) as refused:
        _refuse(refused)


def write_debrief(place: DrillPlace) -> Path:
    """Write the debrief into the folder; its path. Raises NoDrill while the drill is not over."""
    from artisan_tui.domain.drills.score import score
    from artisan_tui.reports.drills.debrief import debrief

    scenario, play = _play(place)
    return keep_debrief(place.path, debrief(scenario, play, score(scenario, play)))


def play_of(options: GlobalOptions, folder: Path | None) -> tuple[Scenario, PlayRecord]:
    """The play of a drill that is over, with its scenario as it was then."""
    try:
        return _play(_chosen(options, folder, over=True))
    except NoDrill as refused:
        _refuse(refused)


def _play(place: DrillPlace) -> tuple[Scenario, PlayRecord]:
    play = place.play
    if play is None:
        raise NoDrill(_("the drill in {path} is not over").format(path=place.path))
    return place.scenario, play


def _chosen(options: GlobalOptions, folder: Path | None, *, over: bool = False) -> DrillPlace:
    if folder is not None:
        return drill_place(folder.expanduser().absolute())
    for place in drills_in(state_dir(options)):
        if place.over == over:
            return place
    raise NoDrill(_("there is no drill that is over") if over else _("there is no drill that is not over"))


def _refuse(refused: Exception) -> NoReturn:
    say(f"artisan-tui: {refused}", err=True)
    raise typer.Exit(1 if isinstance(refused, DrillRefused) else 2)
