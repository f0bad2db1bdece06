"""``artisan-tui oncall import``: the calendar file of another tool, shown first, and then written down as overrides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from artisan_tui.cli.language import to_person
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=N_("The file (.ics) of PagerDuty, Grafana OnCall or Google."))],
    level: Annotated[str, typer.Option("--level", help=N_("Level of the ladder; default: the first."))] = "",
    map_: Annotated[
        list[str] | None, typer.Option("--map", help=N_('Who a text of the file is: "Alice Kim=alice"; repeat it.'))
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help=N_("How many days from now."))] = 90,
    name: Annotated[
        str,
        typer.Option("--calendar", help=N_("A name for this calendar, where its program writes several alike.")),
    ] = "",
    same: Annotated[
        bool,
        typer.Option("--same-calendar", help=N_("Take it although it has none of the shifts that were imported.")),
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help=N_("Write it down; without it nothing changes."))] = False,
    as_document: Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))] = False,
) -> None:
    from artisan_tui.engine.oncall.importing import CalendarUnreadable, calendar_of, import_calendar
    from artisan_tui.engine.oncall.reading import known_schedule
    from artisan_tui.reports.oncall import documents, text

    now = datetime.now(UTC)
    end = now + timedelta(days=days)
    try:
        calendar = calendar_of(file, now - timedelta(days=7), end).named(name.strip())
    except OSError as error:
        _refuse(_("{file} cannot be read: {why}").format(file=printable(str(file), 200), why=error.strerror or error))
    except CalendarUnreadable as error:
        with to_person():
            _refuse(f"{printable(str(file), 200)}: {read_back(str(error))}")
    mapped = _mapped(map_ or [])
    plan = or_say(lambda: import_calendar(context.obj, calendar, level, mapped, end, write=apply, same=same))
    written = apply and not plan.problems
    if as_document:
        say_json(
            {
                "written": written,
                "put": [documents.override_document(each) for each in plan.put],
                "kept": [documents.override_document(each) for each in plan.kept],
                "gone": [documents.override_document(each) for each in plan.gone],
                "over": plan.over,
                "problems": list(plan.problems),
                "notes": list(plan.notes),
            }
        )
    else:
        known = or_say(lambda: known_schedule(context.obj))
        for sign, rows in (("+", plan.put), ("=", plan.kept), ("-", plan.gone)):
            for each in rows:
                when = text.span_text(each.start, each.end, known.zone)
                say(f"{sign} {each.level}  {when}  {text.lasted(each.start, each.end)} h  {known.name_of(each.person)}")
        with to_person():
            for note in plan.notes:
                say(_("note: {text}").format(text=read_back(note)), err=True)
            for problem in plan.problems:
                say(f"artisan-tui: {printable(str(file), 200)}: {read_back(problem)}", err=True)
        if plan.problems:
            say(_("nothing was changed"), err=True)
        elif not written and (plan.put or plan.gone):
            say(_("nothing was changed; to write it down, add --apply"), err=True)
    raise typer.Exit(1 if plan.problems else 0)


def _mapped(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        text, sign, person = pair.rpartition("=")
        if not sign or not text.strip() or not person.strip():
            _refuse(_("--map {text!r}: write it like 'Alice Kim=alice'").format(text=printable(pair, 80)))
        found[text.strip()] = person.strip()
    return found


def _refuse(said: str) -> NoReturn:
    say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(2)
