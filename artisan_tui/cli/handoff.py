"""``artisan-tui handoff``: the review of the shift; signing, accepting, classes and notes are made from their declarations."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say, verb
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.oncall.handoff_offline import NoMoment, handoff_review
from artisan_tui.i18n import N_
from artisan_tui.reports.oncall.handoff_json import handoff_json
from artisan_tui.reports.wording import use_zone

app = typer.Typer(no_args_is_help=True)


class Format(StrEnum):
    """How the review is written."""

    MARKDOWN = "md"
    HTML = "html"


def register_handoff(parent: typer.Typer) -> None:
    for command in COMMANDS.values():
        words = command.verb.split()
        if words[:1] == ["handoff"]:
            app.command(words[1], help=command.help)(verb(command, _document))
    said = N_("The hand-over of on-call: review the shift, sign it, accept it.")
    parent.add_typer(app, name="handoff", help=said)


@app.command("report", help=N_("The review of the shift, as Markdown or as one HTML file."))
def report(
    context: typer.Context,
    format_: Annotated[Format, typer.Option("--format", help=N_("md or html."))] = Format.MARKDOWN,
    back: Annotated[int, typer.Option("--back", min=0, max=520, help=N_("How many hand-overs back."))] = 0,
    weeks: Annotated[int, typer.Option("--weeks", min=2, max=52, help=N_("Weeks of load that are compared."))] = 8,
    at: Annotated[str, typer.Option("--at", help=N_("As it was then: a moment, or how long ago, like 2h."))] = "",
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    try:
        review = or_say(lambda: handoff_review(context.obj, at, back, weeks))
    except NoMoment as error:
        say(f"artisan-tui: --at: {error}", err=True)
        raise typer.Exit(2) from None
    use_zone(review.zone)  # every moment of the document is said in it
    if as_document:
        say_json(handoff_json(review))
    elif format_ is Format.HTML:
        from artisan_tui.reports.oncall.handoff_html import handoff_html

        say(handoff_html(review))
    else:
        from artisan_tui.reports.oncall.handoff_markdown import handoff_markdown

        say(handoff_markdown(review))


def _document(options: GlobalOptions, subject: str) -> dict[str, object]:
    """The hand-over after an act."""
    review = or_say(lambda: handoff_review(options, "", 0, 2))
    found = handoff_json(review)
    return {"subject": subject, "at": found["at"], "shift": found["shift"], "handoff": found["handoff"]}
