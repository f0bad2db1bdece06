"""``artisan-tui mute | unmute | maintenance``: what is ordered for a while, given and read as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.domain.event import stamp
from artisan_tui.engine.commands import CommandRefused
from artisan_tui.engine.maintenance.offline import StoreError, give, in_force

maintenance = typer.Typer(no_args_is_help=True)
T = TypeVar("T")
_SPAN = "Duration, like 30m or 2h."
_WHY = "Reason; recorded in the journal."


def mute(
    context: typer.Context,
    check: Annotated[str, typer.Argument(help='The check, as "service.check".')],
    span: Annotated[str, typer.Option("--for", help=_SPAN)],
    reason: Annotated[str, typer.Option("--reason", help=_WHY)],
) -> None:
    _give(context, "check.mute", {"check": check, "for": span, "reason": reason})


def unmute(
    context: typer.Context, check: Annotated[str, typer.Argument(help='The check, as "service.check".')]
) -> None:
    _give(context, "check.unmute", {"check": check})


@maintenance.command("declare", help="Start a maintenance window now: nothing is counted or paged.")
def declare(
    context: typer.Context,
    covers: Annotated[list[str], typer.Argument(help="Services or checks; '*' for everything.")],
    span: Annotated[str, typer.Option("--for", help=_SPAN)],
    reason: Annotated[str, typer.Option("--reason", help=_WHY)],
) -> None:
    _give(context, "maintenance.declare", {"covers": " ".join(covers), "for": span, "reason": reason})


@maintenance.command("end", help="End a declared maintenance window early.")
def end(
    context: typer.Context, window: Annotated[str, typer.Argument(help=("The id of the window, as shown by `list`."))]
) -> None:
    _give(context, "maintenance.end", {"window": window})


@maintenance.command("list", help="List active maintenance windows, those within 7 days, and muted checks.")
def list_(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    found = _or_say(lambda: in_force(context.obj))
    if as_document:
        document = {
            "windows": [
                {
                    "id": w.id,
                    "covers": list(w.covers),
                    "reason": w.reason,
                    "start": stamp(w.start),
                    "end": stamp(w.end),
                    "active": w.active,
                    "declared": w.declared,
                }
                for w in found.windows
            ],
            "mutes": [
                {"check": name, "until": stamp(m.until), "reason": m.reason, "actor": m.actor}
                for name, m in found.mutes.items()
            ],
        }
        say_json(document)
        return
    for w in found.windows:
        when = f"{w.start:%Y-%m-%dT%H:%M}Z - {w.end:%Y-%m-%dT%H:%M}Z"
        say(f"{'now ' if w.active else 'next'}  {when}  {', '.join(w.covers) or '*'}: {w.reason}  ({w.id})")
    for name, m in found.mutes.items():
        say(f"muted until {m.until:%Y-%m-%dT%H:%M}Z  {name}: {m.reason}  ({m.actor})")


def _give(context: typer.Context, command_id: str, arguments: Mapping[str, str]) -> None:
    say(_or_say(lambda: give(context.obj, command_id, arguments)))


def _or_say(work: Callable[[], T]) -> T:
    try:
        return work()
    except (CommandRefused, StoreError) as error:
        say(f"artisan-tui: {error}", err=True)
        raise typer.Exit(1 if isinstance(error, CommandRefused) else 3) from None
