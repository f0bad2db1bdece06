"""``artisan-tui drill run|join|end|report|score``: live drills."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artisan_tui.cli.board import open_
from artisan_tui.cli.out import say, say_json
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.drills.folders import DrillPlace, NoDrill, drill_place, drills_in
from artisan_tui.engine.drills.queries import keep_debrief
from artisan_tui.engine.drills.running import (
    FASTEST,
    SEED,
    SLOWEST,
    DrillRefused,
    begin_drill,
    conducted,
    drill_options,
    end_drill,
)
from artisan_tui.engine.drills.scenarios import scenario_named
from artisan_tui.engine.launch import GlobalOptions, config_places, state_dir
from artisan_tui.engine.settings import read
from artisan_tui.i18n import N_, _
from artisan_tui.reports.drills.debrief import debrief, score_document, score_lines

_FOLDER = N_("The folder of the drill; by default the newest.")


def register_live(app: typer.Typer) -> None:
    app.command("run", help=N_("Play a drill on a simulated stack, with the board; nothing leaves this machine."))(run)
    app.command("join", help=N_("Open a drill that runs on another terminal."))(join)
    app.command("end", help=N_("End a drill and write its debrief."))(end)
    app.command("report", help=N_("Print the debrief of a drill in Markdown."))(report)
    app.command("score", help=N_("Print the score of a drill: each objective, and the users that were saved."))(score)


def run(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help=N_("The id of the scenario."), show_default=False)],
    speed: Annotated[float, typer.Option("--speed", min=SLOWEST, max=FASTEST, help=N_("From 1 to 20."))] = SLOWEST,
    seed: Annotated[int, typer.Option("--seed", help=N_("Of the simulated traffic."))] = SEED,
    facilitate: Annotated[
        bool, typer.Option("--facilitate", help=N_("Open the facilitator's screen; players join."))
    ] = False,
    board: Annotated[
        bool, typer.Option("--board/--no-board", help=N_("Open the board, or only say where it is."))
    ] = True,
) -> None:
    options: GlobalOptions = context.obj
    try:
        place = start(options, scenario, speed=speed, seed=seed)
        if not board:
            say(str(place.path))
            raise typer.Exit(0)
        raise typer.Exit(open_drill(options, place, facilitates=facilitate))
    except (DrillRefused, NoDrill) as refused:
        _refuse(refused)


def start(options: GlobalOptions, scenario: str, *, speed: float = SLOWEST, seed: int = SEED) -> DrillPlace:
    """A new drill of a scenario. Raises ConfigError, DrillRefused and NoDrill."""
    config = next((each for each in config_places(options) if each.exists()), None)
    zone, language = "UTC", _language()
    if config is not None:
        found = read(config)
        zone, language = str(found.zone), found.artisan.language
    return begin_drill(
        scenario_named(scenario, config),
        state_dir(options),
        SystemClock().now(),
        real=options._replace(config=config.absolute() if config else None),
        seed=seed,
        speed=speed,
        zone=zone,
        language=language,
    )


def _language() -> str:
    from artisan_tui.i18n import language

    return language()


def open_drill(options: GlobalOptions, place: DrillPlace, *, facilitates: bool = False) -> int:
    """The board in the drill; the exit code. Says afterwards how it went, or how to come back."""
    conducted(place)
    code = open_(drill_options(options, place, facilitates=facilitates))
    if place.over:
        write_debrief(place)
        for line in _scored(place):
            say(line, err=True)
        said = _("DRILL over; the debrief is in {path}").format(path=place.path / "debrief.md")
        say(said, err=True)
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


def report(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER, show_default=False)] = None,
) -> None:
    try:
        place = _chosen(context.obj, folder, over=True)
        say(write_debrief(place).read_text(encoding="utf-8").rstrip("\n"))
    except (DrillRefused, NoDrill) as refused:
        _refuse(refused)


def score(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER, show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    try:
        place = _chosen(context.obj, folder, over=True)
        play = place.play
        assert play is not None
        if as_json:
            say_json(score_document(place.scenario, play))
        else:
            say(f"DRILL {place.path.name}")
            for line in _scored(place):
                say(line)
    except (DrillRefused, NoDrill) as refused:
        _refuse(refused)


def write_debrief(place: DrillPlace) -> Path:
    """Write the debrief into the folder; its path. Raises NoDrill while the drill is not over."""
    play = place.play
    if play is None:
        raise NoDrill(_("the drill in {path} is not over").format(path=place.path))
    return keep_debrief(place.path, debrief(place.scenario, play))


def _scored(place: DrillPlace) -> list[str]:
    play = place.play
    return [] if play is None else score_lines(place.scenario, play)


def _chosen(options: GlobalOptions, folder: Path | None, *, over: bool = False) -> DrillPlace:
    if folder is not None:
        place = drill_place(folder.expanduser().absolute())
        if over and place.play is None:
            raise NoDrill(_("the drill in {path} is not over").format(path=place.path))
        return place
    for place in drills_in(state_dir(options)):
        if place.over == over:
            return place
    raise NoDrill(_("there is no drill that is over") if over else _("there is no drill that is not over"))


def _refuse(refused: Exception) -> None:
    say(f"artisan-tui: {refused}", err=True)
    raise typer.Exit(1 if isinstance(refused, DrillRefused) else 2)
