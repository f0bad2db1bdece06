"""``artisan-tui oncall``: who is on call, the schedule, and its calendar files; the verbs that change it are declared."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from artisan_tui.cli import checklists, reviews
from artisan_tui.cli.handoff import register_handoff
from artisan_tui.cli.oncall_import import import_
from artisan_tui.cli.oncall_people import people
from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.verbs import or_say, verb
from artisan_tui.domain.event import stamp
from artisan_tui.domain.oncall.balance import balance, hours_by_person
from artisan_tui.domain.oncall.moments import parse_moment
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.when import NotOneMoment
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import N_, _
from artisan_tui.reports.moments import date_time_text, full_text

if TYPE_CHECKING:
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.oncall.reading import KnownSchedule

app = typer.Typer(no_args_is_help=True)
JSON_HELP = N_("One JSON document on stdout.")
AT_HELP = N_("A time: fri 17:00, 17:00, 2026-11-21T03:00, or with an offset; default: now.")
LEVEL_HELP = N_("Level of the ladder.")
#: Days of a schedule, and of a calendar file before and after today.
DAYS, FILE_BEFORE, FILE_AFTER, MOST_DAYS = 7, 28, 180, 732


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="oncall", help=N_("Who is on call: rotations, overrides, swaps, calendar files."))
    for name in ("override", "take", "swap", "accept", "decline", "undo"):
        command = COMMANDS[f"oncall.{name}"]
        app.command(name, help=command.help)(verb(command, _changed))
    app.command("import", help=N_("Read the calendar file of another tool as overrides; shows them first."))(import_)
    app.command("people", help=N_("List everybody of the configuration: what they do, and how they are reached."))(
        people
    )
    register_handoff(parent)
    checklists.register(parent)
    reviews.register(parent)


@app.command("who", help=N_("Say who is on call at every level. Exit 0 when the first level has somebody, 1 when not."))
def who(
    context: typer.Context,
    at: Annotated[str, typer.Option("--at", help=AT_HELP)] = "",
    level: Annotated[str, typer.Option("--level", help=LEVEL_HELP)] = "",
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    from artisan_tui.engine.oncall.reading import known_schedule
    from artisan_tui.engine.oncall.views import next_change

    known = or_say(lambda: known_schedule(context.obj))
    moment = _moment(at, known, "--at") or known.now
    levels = [_level(known, level)] if level else list(known.ladder)
    rows = []
    for each in levels:
        until = next_change(known.schedule, each, moment)
        following = () if until is None else known.people(each, until)
        rows.append((each, known.people(each, moment), until, following))
    if as_document:
        document = {
            "at": stamp(moment),
            "levels": [
                {
                    "level": each,
                    "people": [
                        {"id": person, "name": known.name_of(person), "contacts": known.contacts.get(person, {})}
                        for person in people
                    ],
                    "why": [shift.why.value for shift in known.schedule.shifts_at(each, moment)],
                    "until": None if until is None else stamp(until),
                    "next": list(following),
                }
                for each, people, until, following in rows
            ],
        }
        say_json(document)
    else:
        say(_when(moment, known))
        for each, people, until, following in rows:
            say(f"{each:<4}  {_people(people, known)}{_then(until, following, known)}")
            for person in people:
                reached = ", ".join(f"{kind} {at}" for kind, at in known.contacts.get(person, {}).items())
                say(f"      {person}: {reached}")
    raise typer.Exit(0 if rows[0][1] else 1)


def _people(people: tuple[str, ...], known: KnownSchedule) -> str:
    names = [f"{person} ({name})" if (name := known.name_of(person)) != person else person for person in people]
    return ", ".join(names) or _("NOBODY")


def _then(until: datetime | None, following: tuple[str, ...], known: KnownSchedule) -> str:
    if until is None:
        return ""
    when = date_time_text(until, known.zone, weekday=True)
    people = _people(following, known)
    return "  " + _("until {time}, then {people}").format(time=when, people=people)


def _when(moment: datetime, known: KnownSchedule) -> str:
    return f"{full_text(moment, known.zone)}  {moment.astimezone(UTC):%H:%M} UTC"


@app.command("schedule", help=N_("Show the schedule: shifts, gaps with their hours, overlaps, overrides and swaps."))
def schedule(
    context: typer.Context,
    start: Annotated[str, typer.Option("--from", help=N_("When it begins; default: now."))] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help=N_("How many days."))] = DAYS,
    level: Annotated[str, typer.Option("--level", help=LEVEL_HELP)] = "",
    as_document: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False,
) -> None:
    from artisan_tui.engine.oncall.reading import known_schedule

    known = or_say(lambda: known_schedule(context.obj))
    begin = _moment(start, known, "--from") or known.now
    wall = begin.astimezone(known.zone).replace(tzinfo=None) + timedelta(days=days)
    end = wall.replace(tzinfo=known.zone).astimezone(UTC)  # the same time of day, whatever the clocks do until then
    levels = [_level(known, level)] if level else list(known.ladder)
    if as_document:
        say_json(_document(known, levels, begin, end))
        return
    _say_schedule(known, levels, begin, end)


def _document(known: KnownSchedule, levels: list[str], begin: datetime, end: datetime) -> dict[str, object]:
    from artisan_tui.reports.oncall import documents

    plan, hidden = known.schedule, known.schedule.hidden()
    found = []
    for level in levels:
        shifts = plan.shifts(level, begin, end)
        hours = hours_by_person(shifts, (each for layer in plan.layers(level) for each in layer.people))
        gaps = plan.gaps(level, begin, end)
        found.append(
            {
                "level": level,
                "shifts": [documents.shift_document(each, known.name_of, plan.reachable) for each in shifts],
                "gaps": [documents.gap_document(each) for each in gaps],
                "uncovered_hours": round(sum(each.hours for each in gaps), 4),
                "overlaps": [documents.overlap_document(each) for each in plan.overlaps(level, begin, end)],
                "hours": {person: round(value, 4) for person, value in hours.items()},
                "balance": round(balance(hours), 4),
            }
        )
    return {
        "start": stamp(begin),
        "end": stamp(end),
        "levels": found,
        "overrides": [documents.override_document(each, hidden) for each in known.overrides if each.end > begin],
        "swaps": [documents.swap_document(each, hidden) for each in known.swaps if each.begins > begin],
    }


def _say_schedule(known: KnownSchedule, levels: list[str], begin: datetime, end: datetime) -> None:
    from artisan_tui.domain.oncall.shift import SwapState
    from artisan_tui.reports.oncall import text

    plan, zone, hidden = known.schedule, known.zone, known.schedule.hidden()
    say(f"{known.name}: {text.span_text(begin, end, zone)}  {zone}")
    for level in levels:
        say("")
        shifts = plan.shifts(level, begin, end)
        say(level)
        for line in text.shift_lines(shifts, zone, known.name_of, plan.reachable):
            say(f"  {line}")
        for line in text.gap_lines(plan.gaps(level, begin, end), zone, begin, end, known.name_of):
            say(f"  {line}")
        for line in text.overlap_lines(plan.overlaps(level, begin, end), zone):
            say(f"  {line}")
        hours = hours_by_person(shifts, (each for layer in plan.layers(level) for each in layer.people))
        for line in text.balance_lines(hours, known.name_of) if plan.layers(level) else ():
            say(f"  {line}")
    overrides = [each for each in known.overrides if each.end > begin and each.start < end]
    alive = (SwapState.ASKED, SwapState.ACCEPTED)
    swaps = [each for each in known.swaps if each.state in alive and max(each.edges) > begin]
    swaps = [each for each in swaps if each.state is SwapState.ACCEPTED or each.begins > known.now]
    if overrides or swaps:
        say("")
    for line in text.change_lines(overrides, hidden, zone, known.name_of):
        say(line)
    for line in text.swap_lines(swaps, hidden, zone, known.name_of):
        say(line)


@app.command(
    "ics", help=N_("Write the schedule as a calendar file: every shift in UTC, the same bytes while nothing changes.")
)
def ics(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=N_("The file; default: stdout."))] = None,
    level: Annotated[str, typer.Option("--level", help=N_("Level of the ladder; default: all."))] = "",
    person: Annotated[str, typer.Option("--person", help=N_("Only the shifts of this [[person]]."))] = "",
    start: Annotated[str, typer.Option("--from", help=N_("When it begins; default: four weeks ago."))] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help=N_("How many days."))] = FILE_BEFORE
    + FILE_AFTER,
) -> None:
    from artisan_tui.engine.oncall.reading import known_schedule, published
    from artisan_tui.reports.oncall.calendar import calendar_text

    known = or_say(lambda: known_schedule(context.obj))
    if person and person not in known.names:
        _refuse(_("there is no [[person]] {id}; there are: {known}").format(
            id=printable(person, 60), known=", ".join(known.names) or "-"
        ))  # fmt: skip
    begin = _moment(start, known, "--from") or _days_ago(known, FILE_BEFORE)
    end = begin + timedelta(days=days)
    wanted = [_level(known, level)] if level else list(known.ladder)
    known, slots = or_say(lambda: published(context.obj, lambda each: wanted, begin, end))
    data = calendar_text(slots, known.name, known.name_of, person=person)
    if output is None:
        typer.echo(data, nl=False)
    else:
        try:
            output.write_bytes(data)
        except OSError as error:
            _refuse(_("{file} cannot be written: {why}").format(file=output, why=error.strerror or error))
    always = sorted({name for each in wanted for name in known.schedule.levels.get(each, ())} - _rotations(known))
    if always:
        said = _("not in the file, because their level names them for all time: {people}")
        say(said.format(people=", ".join(always)), err=True)


def _rotations(known: KnownSchedule) -> set[str]:
    return {each.id for each in known.schedule.rotations}


def _days_ago(known: KnownSchedule, days: int) -> datetime:
    """Local midnight some days ago: two files of one day have the same window."""
    day = known.now.astimezone(known.zone).date() - timedelta(days=days)
    return datetime.combine(day, time(), known.zone).astimezone(UTC)


def _changed(options: GlobalOptions, subject: str) -> object:
    """The override or swap that was written."""
    from artisan_tui.engine.oncall.reading import known_schedule
    from artisan_tui.reports.oncall.documents import override_document, swap_document

    known = known_schedule(options)
    hidden = known.schedule.hidden()
    override = next((each for each in known.overrides if each.id == subject), None)
    if override is not None:
        return override_document(override, hidden)
    swap = next((each for each in known.swaps if each.id == subject), None)
    return {"id": subject} if swap is None else swap_document(swap, hidden)


def _moment(text: str, known: KnownSchedule, option: str) -> datetime | None:
    """The moment of an option; exit 2 for what is none, or not exactly one."""
    if not text:
        return None
    try:
        return parse_moment(text, known.now, known.zone)
    except NotOneMoment as several:
        _refuse(f"{option}: {several.said(_)}")
    except ValueError:
        said = _("{option} {text!r} is no time: write it like fri 17:00, 17:00 or 2026-11-21T03:00:00+09:00")
        _refuse(said.format(option=option, text=printable(text, 40)))


def _level(known: KnownSchedule, wanted: str) -> str:
    try:
        return known.level(wanted)
    except CommandRefused as refused:
        _refuse(str(refused))


def _refuse(said: str) -> NoReturn:
    say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(2)
