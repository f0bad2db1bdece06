"""``artisan-tui check``: probe every check once."""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated
from unicodedata import east_asian_width

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.state import RANK, State
from artisan_tui.engine.checks.once import ProbeRound, as_json, probe_once, unknown_ids
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.launch import config_path, state_dir
from artisan_tui.engine.settings import place_of, read
from artisan_tui.engine.threads import run
from artisan_tui.i18n import N_, _
from artisan_tui.reports.checks.words import counted, state_word, why


def register(parent: typer.Typer) -> None:
    said = N_("Run the checks once. Exit 0 all up, 1 something is down or degraded, 3 unknown.")
    parent.command("check", help=said)(check)


def check(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(help=N_("Checks (api.health) or services (api); default: all."))
    ] = None,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    config = read(config_path(context.obj))
    wanted = ids or []
    unknown = unknown_ids(config, wanted)
    if unknown:
        known = ", ".join(check_id for check_id, _service, _spec in config.checks())
        said = _("no check or service {id!r}; known: {known}").format(id=unknown[0], known=known)
        say(f"artisan-tui: {said}", err=True)
        raise typer.Exit(2)
    folder = state_dir(context.obj)
    place = partial(place_of, config, folder, os.environ)
    probe_round = run(probe_once(config, wanted, SystemClock(), os.environ, place))
    if as_document:
        say_json(as_json(probe_round))
    else:
        for line in lines(probe_round):
            say(line)
        if probe_round.unreached:
            said = _("nearly no target could be reached; check this machine's network first")
            say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(probe_round.exit_code)


def lines(probe_round: ProbeRound) -> list[str]:
    """A table worst first, then the count."""
    width = max((len(answer.id) for answer in probe_round.answers), default=0)
    rows = []
    for answer in sorted(probe_round.answers, key=lambda a: RANK[a.outcome.verdict]):
        outcome = answer.outcome
        latency = "" if answer.latency is None else f"{answer.latency * 1000:.0f} ms"
        said = why(outcome.reason, outcome.detail)
        if answer.cause:
            said = "  ".join((_("caused by {cause}").format(cause=answer.cause), said))
        rows.append(f"{answer.id:<{width}}  {_padded(state_word(outcome.verdict), 9)} {latency:>8}  {said}".rstrip())
    counts = ", ".join(
        counted(number, state_word(State(state))) for state, number in probe_round.summary.items() if number
    )
    return [*rows, counts or _("no checks")]


def _padded(word: str, width: int) -> str:
    """Filled up to ``width`` cells: a Korean letter has two."""
    return word + " " * max(0, width - sum(2 if east_asian_width(letter) in "WF" else 1 for letter in word))
