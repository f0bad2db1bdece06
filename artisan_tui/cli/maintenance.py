"""``artisan-tui maintenance list``; the other verbs of maintenance are made from their declarations."""

from __future__ import annotations

from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.event import stamp
from artisan_tui.engine.maintenance.listing import in_force
from artisan_tui.i18n import N_, _

app = typer.Typer(no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="maintenance", help=N_("Maintenance windows: nothing is counted or paged in them."))


@app.command("list", help=N_("List active maintenance windows, those within 7 days, and muted checks."))
def list_(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    found = or_say(lambda: in_force(context.obj))
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
        begins = _("now") if w.active else _("next")
        say(f"{begins:<4}  {when}  {', '.join(w.covers) or '*'}: {w.reason}  ({w.id})")
    for name, m in found.mutes.items():
        until = _("muted until {time}").format(time=f"{m.until:%Y-%m-%dT%H:%M}Z")
        say(f"{until}  {name}: {m.reason}  ({m.actor})")
