"""``artisan-tui drill``: the scenarios, what playing them shows, scores and debriefs."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from artisan_tui.cli.drill_live import play_of, register_live, run_live
from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.drills.plays import (
    DEFAULT_SEED,
    PlayFailed,
    lint_by_playing,
    play_dry,
    read_record,
    record_text,
)
from artisan_tui.engine.drills.running import FASTEST, SLOWEST
from artisan_tui.engine.launch import config_path
from artisan_tui.engine.settings import read
from artisan_tui.i18n import N_, _, ngettext, use_language
from artisan_tui.reports.config_problem import problem_text

if TYPE_CHECKING:
    from artisan_tui.domain.drills.record import PlayRecord
    from artisan_tui.domain.drills.scenario import Scenario
    from artisan_tui.domain.drills.wheel import WheelWeight
    from artisan_tui.engine.drills.library import ScenarioLibrary

app = typer.Typer(no_args_is_help=True)
_JSON = typer.Option("--json", help=N_("One JSON document on stdout."))
_SEED = typer.Option("--seed", min=0, max=2**63 - 1, help=N_("Of everything that is random in the play."))
_RECORD = typer.Argument(
    help=N_("What drill run --save wrote, or the folder of a drill; by default the newest."), metavar="[FILE]"
)


def register(parent: typer.Typer) -> None:
    register_live(app)
    said = N_("Drills: the same screens and runbooks, on a stack that answers back; scores and debriefs.")
    parent.add_typer(app, name="drill", help=said)


@app.command("list", help=N_("List the scenarios, when each was drilled, and how likely --random draws it."))
def list_(context: typer.Context, as_document: Annotated[bool, _JSON] = False) -> None:
    from artisan_tui.reports.drills.listing import list_json, list_lines

    found = _library(context)
    weights = {each.scenario: each for each in _weights(context, found)}
    if as_document:
        say_json({"scenarios": list_json(found, weights)})
        return
    for line in list_lines(found, weights):
        say(line)
    if not found.files:
        say(_("there are no scenarios"), err=True)


@app.command("lint", help=N_("Play each scenario, and report what makes it no drill. Exit 1 when something does."))
def lint(
    context: typer.Context,
    scenarios: Annotated[
        list[str] | None, typer.Argument(help=N_("Scenario ids; all without them."), metavar="[ID]...")
    ] = None,
    seed: Annotated[int, _SEED] = DEFAULT_SEED,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    found = _library(context)
    wanted = _known(found, scenarios or list(found.files))
    try:
        problems = lint_by_playing([found.files[each.id] for each in wanted], seed)
    except PlayFailed as failed:
        _refuse(str(failed), 1)
    failed_ones = sum(bool(each) for each in problems.values())
    if as_document:
        findings = [
            {"scenario": name, "file": p.file, "line": p.line, "key": p.key, "what": p.what, "mend": p.mend}
            for name, listed in problems.items()
            for p in listed
        ]
        say_json({"ok": not failed_ones, "scenarios": len(problems), "findings": findings})
    else:
        for name, listed in problems.items():
            for problem in listed:
                say(f"{name}: {problem_text(str(problem))}")
        said = ngettext(
            "{n} scenario played, {bad} are no drill", "{n} scenarios played, {bad} are no drill", len(problems)
        )
        say(said.format(n=len(problems), bad=failed_ones), err=True)
    raise typer.Exit(1 if failed_ones else 0)


@app.command(
    "run",
    help=N_(
        "Play a drill on a simulated stack, with the board; nothing leaves this machine. With --dry, play it without a "
        "clock and score it: exit 1 when an objective is not reached."
    ),
)
def run(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help=N_("Scenario id."), metavar="[ID]")] = "",
    dry: Annotated[bool, typer.Option("--dry", help=N_("Without a clock: the acts are known before."))] = False,
    everything: Annotated[bool, typer.Option("--all", help=N_("All scenarios."))] = False,
    random: Annotated[bool, typer.Option("--random", help=N_("The one that the wheel of misfortune draws."))] = False,
    seed: Annotated[int | None, _SEED] = None,
    play: Annotated[str, typer.Option("--play", help=N_("Which acts: reference, wrong or nothing."))] = "reference",
    acts: Annotated[Path | None, typer.Option("--acts", help=N_("A file with [[act]] tables instead."))] = None,
    save: Annotated[Path | None, typer.Option("--save", help=N_("Write the record of the play to this file."))] = None,
    speed: Annotated[float, typer.Option("--speed", min=SLOWEST, max=FASTEST, help=N_("From 1 to 20."))] = SLOWEST,
    facilitate: Annotated[
        bool, typer.Option("--facilitate", help=N_("Open the facilitator's screen; players join."))
    ] = False,
    board: Annotated[
        bool, typer.Option("--board/--no-board", help=N_("Open the board, or only say where the drill is."))
    ] = True,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    if sum((bool(scenario), everything, random)) != 1:
        _refuse(_("name one scenario, or say --all or --random"))
    if play not in ("reference", "wrong", "nothing"):
        _refuse(_("--play is reference, wrong or nothing, not {play}").format(play=printable(play, 60)))
    found = _library(context)
    if random:
        if not found.files:
            _refuse(_("there are no scenarios"))
        scenario = drawn(_weights(context, found), seed)
    seed = DEFAULT_SEED if seed is None else seed
    wanted = list(found) if everything else _known(found, [scenario])
    if not dry:
        if everything or acts is not None or save is not None or as_document or play != "reference":
            _refuse(_("--all, --play, --acts, --save and --json are for plays without a clock: say --dry"))
        run_live(context.obj, wanted[0], seed=seed, speed=speed, facilitate=facilitate, board=board)
    if save is not None and len(wanted) != 1:
        _refuse(_("--save is for one scenario"))
    _play(found, wanted, play, acts, seed, save, as_document=as_document)


def drawn(weights: list[WheelWeight], seed: int | None) -> str:
    """The id of the scenario that the wheel draws; without a ``seed``, another one each time."""
    from artisan_tui.domain.drills.wheel import draw

    return draw(weights, secrets.randbelow(2**63) if seed is None else seed)


def _play(
    found: ScenarioLibrary,
    wanted: list[Scenario],
    play: str,
    acts: Path | None,
    seed: int,
    save: Path | None,
    *,
    as_document: bool,
) -> NoReturn:
    from artisan_tui.engine.drills.library import load_acts

    given = load_acts(acts) if acts is not None else ()
    for scenario in wanted:
        late = next((each for each in given if each.at >= scenario.ends), None)
        if late is not None:
            said = _("{id} is over after {seconds} s: `{act}` at {at} s would never be done")
            _refuse(said.format(id=scenario.id, seconds=scenario.ends, act=printable(late.text, 100), at=late.at))
    try:
        records = play_dry(wanted, given if acts is not None else play, seed)
    except PlayFailed as failed:
        _refuse(str(failed), 1)
    if save is not None:
        try:
            save.write_text(record_text(records[0]), "utf-8")
        except OSError as error:
            _refuse(_("{file} cannot be written: {why}").format(file=save, why=error.strerror or error))
    _scores(found, records, as_document=as_document, with_lines=acts is not None)


@app.command("score", help=N_("The score of a play that was saved. Exit 1 when an objective is not reached."))
def score(
    context: typer.Context,
    file: Annotated[Path | None, _RECORD] = None,
    as_document: Annotated[bool, _JSON] = False,
) -> None:
    scenario, record = _record(context, file)
    _said([(scenario, record)], as_document=as_document, with_lines=True)


@app.command("report", help=N_("The debrief of a play that was saved, as Markdown. It tells what really happened."))
def report(context: typer.Context, file: Annotated[Path | None, _RECORD] = None) -> None:
    from artisan_tui.domain.drills.score import score as score_of
    from artisan_tui.reports.drills.debrief import debrief

    scenario, record = _record(context, file)
    say(debrief(scenario, record, score_of(scenario, record)).rstrip("\n"))


def _scores(found: ScenarioLibrary, records: list[PlayRecord], *, as_document: bool, with_lines: bool) -> NoReturn:
    scored = [(found.files[each.scenario].scenario, each) for each in records]
    _said(scored, as_document=as_document, with_lines=with_lines)


def _said(scored: list[tuple[Scenario, PlayRecord]], *, as_document: bool, with_lines: bool) -> NoReturn:
    from artisan_tui.domain.drills.score import score as score_of
    from artisan_tui.reports.drills.scores import score_json, score_lines

    for scenario, record in scored:
        if scenario.digest != record.digest:
            said = _("{id} was changed since this play: its score is that of another scenario").format(id=scenario.id)
            say(f"artisan-tui: {said}", err=True)
    made = [(scenario, record, score_of(scenario, record)) for scenario, record in scored]
    if as_document:
        say_json({"plays": [score_json(*each, with_lines=with_lines) for each in made]})
    else:
        for each in made:
            for line in score_lines(*each):
                say(line)
    missed = any(objective.level == "U" for _scenario, _record_, one in made for objective in one.objectives)
    raise typer.Exit(1 if missed else 0)


def _library(context: typer.Context) -> ScenarioLibrary:
    from artisan_tui.engine.drills.library import scenarios

    config = read(config_path(context.obj))
    use_language(config.artisan.language)
    return scenarios(config)


def _weights(context: typer.Context, found: ScenarioLibrary) -> list[WheelWeight]:
    from artisan_tui.engine.drills.wheel import weights_without_store, wheel_weights
    from artisan_tui.engine.offline import StoreError
    from artisan_tui.reports.read_back import read_back

    try:
        return wheel_weights(context.obj, found)
    except StoreError as error:
        said = _("incidents are not counted: {why}").format(why=read_back(str(error)))
        say(f"artisan-tui: {said}", err=True)
        return weights_without_store(found)


def _known(found: ScenarioLibrary, wanted: list[str]) -> list[Scenario]:
    """The scenarios of these ids. Refuses one that is not there."""
    for each in wanted:
        if each not in found.files:
            known = ", ".join(found.files) or "-"
            _refuse(_("no scenario {id!r}; known: {known}").format(id=printable(each, 80), known=known))
    return [found.files[each].scenario for each in dict.fromkeys(wanted)]


def _record(context: typer.Context, file: Path | None) -> tuple[Scenario, PlayRecord]:
    """The play of a file, with the scenario of that id; or of a drill's folder, with the scenario as it was then."""
    if file is None or file.is_dir():
        return play_of(context.obj, file)
    found = _library(context)
    try:
        record = read_record(file)
    except PlayFailed as failed:
        _refuse(str(failed))
    return _known(found, [record.scenario])[0], record


def _refuse(said: str, code: int = 2) -> NoReturn:
    from artisan_tui.reports.read_back import read_back

    say(f"artisan-tui: {read_back(said)}", err=True)
    raise typer.Exit(code)
