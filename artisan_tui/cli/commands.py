"""``artisan-tui commands``: what an operator can do, as the program declares it."""

from __future__ import annotations

from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import registry
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import N_, _


def commands(
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    if as_document:
        say_json({"commands": registry()})
        return
    width = max(len(command_id) for command_id in COMMANDS)
    for command in COMMANDS.values():
        say(f"{command.id:<{width}}  {command.key or '-':<3} {command.verb or '-':<20} {_(command.help)}")
