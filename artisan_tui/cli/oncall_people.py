"""``artisan-tui oncall people``: everybody of the configuration, what they do and how they are reached."""

from __future__ import annotations

from typing import Annotated

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.event import stamp
from artisan_tui.i18n import N_, _


def people(
    context: typer.Context,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    from artisan_tui.engine.oncall.reading import known_schedule

    known = or_say(lambda: known_schedule(context.obj))
    levels: dict[str, list[str]] = {}
    for level in known.ladder:
        for person in known.people(level, known.now):
            levels.setdefault(person, []).append(level)
    if as_document:
        found = [
            {
                "id": each.id,
                "name": each.name,
                "role": each.role,
                "contacts": dict(each.contacts),
                "levels": levels.get(each.id, []),
            }
            for each in known.everybody
        ]
        say_json({"at": stamp(known.now), "people": found})
        return
    if not known.everybody:
        say(_("nobody is named: add [[person]] tables to the configuration"))
    from rich.cells import cell_len, set_cell_size  # a Korean letter has two cells

    wide = max((cell_len(each.name) for each in known.everybody), default=0)
    wider = max((cell_len(each.role) for each in known.everybody), default=0)
    for each in known.everybody:
        now = ",".join(levels.get(each.id, ()))
        reached = ", ".join(f"{kind} {at}" for kind, at in each.contacts) or _("no contact")
        say(f"{now:<4}  {set_cell_size(each.name, wide)}  {set_cell_size(each.role, wider)}  {reached}".rstrip())
