"""What the command line says: nothing that a terminal would act on, and no secret, whoever said it first."""

from __future__ import annotations

import typer

from artisan_tui.domain.text.printable import json_text, printable

#: Characters of one saying; longer ones are nobody's to read.
_LONGEST = 1 << 20


def say(text: str = "", *, err: bool = False) -> None:
    """Print ``text``, its line ends kept."""
    typer.echo(printable(text, _LONGEST, lines=True), err=err)


def say_json(document: object, *, indent: int | None = 2) -> None:
    """Print one JSON document on stdout."""
    typer.echo(json_text(document, indent=indent))
