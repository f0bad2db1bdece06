"""``artisan-tui checklist list|run|init``; the other verbs are made from the commands."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from artisan_tui.cli.out import say, say_json
from artisan_tui.cli.slo_arguments import instant_of_option
from artisan_tui.cli.verbs import or_say
from artisan_tui.domain.event import stamp
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.launch import config_path
from artisan_tui.engine.oncall import checklist_runs
from artisan_tui.engine.settings import read, reference
from artisan_tui.i18n import N_, _
from artisan_tui.reports.oncall.checklists import (
    checklist_json,
    checklist_lines,
    definitions_json,
    in_language,
    mark_text,
    needs_text,
    one_checklist_lines,
    when_text,
)
from artisan_tui.reports.read_back import read_reply

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from artisan_tui.domain.oncall.checklists import ChecklistState, ItemState
    from artisan_tui.engine.launch import GlobalOptions

app = typer.Typer(no_args_is_help=True)
_JSON = Annotated[bool, typer.Option("--json", help=N_("One JSON document on stdout."))]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="checklist", help=N_("Checklists: what is due, and working through them."))


@app.command("list", help=N_("List the checklists: open, overdue, done. Exit 1 when one is overdue."))
def list_(
    context: typer.Context,
    checklist: Annotated[
        str | None, typer.Argument(help=N_("Its id or ID/KEY: show its items, too."), metavar="[CHECKLIST]")
    ] = None,
    at: Annotated[
        str, typer.Option("--at", help=N_("As they stood then: ISO 8601 with a zone, like 2026-11-21T03:00:00+09:00."))
    ] = "",
    as_document: _JSON = False,
) -> None:
    found = or_say(lambda: checklist_runs.listed(context.obj, instant_of_option(at)))
    states: Sequence[ChecklistState] = found.states
    if checklist is not None:
        states = [each for each in states if checklist in (each.id, each.subject)]
        if not states and all(each.id != checklist for each in found.checklists):
            known = ", ".join(each.id for each in found.checklists) or "-"
            _refuse(_("there is no checklist {id}; known: {known}").format(id=checklist[:80], known=known))
    if as_document:
        say_json(
            {
                "at": stamp(found.at),
                "checklists": [checklist_json(each, found.at) for each in states],
                "defined": definitions_json(found.checklists),
            }
        )
    else:
        zone = _zone(context.obj)
        lines = checklist_lines(states, found.at, zone)
        if checklist is not None:
            lines = (line for each in states for line in one_checklist_lines(each, found.at, zone))
        for line in lines:
            say(line)
        _say_what_waits(found, checklist)
    raise typer.Exit(1 if any(each.overdue(found.at) for each in states) else 0)


def _say_what_waits(found: checklist_runs.ListedChecklists, wanted: str | None) -> None:
    """Those that nothing opened yet, on stderr; and how to get some where there are none."""
    open_ = {each.id for each in found.states}
    for each in found.checklists:
        if each.id not in open_ and wanted in (None, each.id):
            title = in_language(each.title, each.title_ko)
            say(_("{id}  {title}: opens {when}").format(id=each.id, title=title, when=when_text(each)), err=True)
    if not found.checklists:
        said = _("there is no checklist: `artisan-tui checklist init` writes those of the operations documents")
        say(f"artisan-tui: {said}", err=True)


@app.command(
    "run", help=N_("Work through a checklist, item by item. Exit 0 done, 1 an item is not so, 4 waiting for a person.")
)
def run(
    context: typer.Context,
    checklist: Annotated[str, typer.Argument(help=N_("Its id, or ID/KEY for one of several."))],
    tick: Annotated[
        list[str] | None, typer.Option("--tick", help=N_("ITEM or ITEM=EVIDENCE: it is done."), metavar="ITEM")
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", help=N_("ITEM=REASON: left out this time."), metavar="ITEM=REASON")
    ] = None,
    fail: Annotated[
        list[str] | None, typer.Option("--fail", help=N_("ITEM=FOUND: it is not so."), metavar="ITEM=FOUND")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify/--no-verify", help=N_("Let the program look at what it can, by reads alone."))
    ] = True,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help=N_("Ask item by item; only at a terminal, and not with --json."))
    ] = True,
    as_document: _JSON = False,
) -> None:
    ticks, skips, fails = _pairs(tick), _pairs(skip, needed=True), _pairs(fail, needed=True)
    options, zone = context.obj, _zone(context.obj)
    state = or_say(lambda: checklist_runs.begun(options, checklist))
    subject = state.subject
    if ticks or skips or fails:
        state = or_say(lambda: checklist_runs.ticked(options, subject, ticks, fails, skips))
    if verify:
        say(_("looking at what can be verified"), err=True)
        state = or_say(lambda: checklist_runs.verified(options, subject))
    if ask and not as_document and sys.stdin.isatty():
        state = _ask_for_all(options, state, zone)
    now = _now()
    if as_document:
        say_json({"at": stamp(now), **checklist_json(state, now)})
    else:
        for line in one_checklist_lines(state, now, zone):
            say(line)
    raise typer.Exit(exit_code(state))


def exit_code(state: ChecklistState) -> int:
    """0 done, 1 an item is not so, 4 a person is waited for."""
    return 0 if state.complete else 1 if state.failed else 4


def _ask_for_all(options: GlobalOptions, state: ChecklistState, zone: ZoneInfo) -> ChecklistState:
    """Every item that is not settled. The end of the input leaves the rest as it is."""
    say(_("y done, n not so, s leave out, Enter later, q end; words behind it are the evidence"), err=True)
    for number, known in enumerate(state.items, 1):
        item = state.item(known.id)
        if item is None or item.settled:
            continue
        while True:
            answer = _answer(number, state, item, zone)
            if answer is None:
                return state
            if not answer:
                break
            changed = _act_on(options, state, item, answer)
            if changed is not None:
                state = changed
                break
    return state


def _answer(number: int, state: ChecklistState, item: ItemState, zone: ZoneInfo) -> str | None:
    """What the person typed; "" for later, None to end."""
    said = mark_text(item, _now(), zone) or needs_text(item)
    say(f"{number}/{state.total} {in_language(item.title, item.title_ko)}" + (f"  ({said})" if said else ""))
    note = in_language(item.item.note, item.item.note_ko, 2000)
    if note:
        say(f"    {note}")
    try:
        typed = input("    y/n/s/q> ").strip()
    except EOFError:
        return None
    return None if typed.lower() == "q" else typed


def _act_on(options: GlobalOptions, state: ChecklistState, item: ItemState, answer: str) -> ChecklistState | None:
    """The checklist after the answer, None where it was not understood or is refused."""
    word, _blank, rest = answer.partition(" ")
    kinds = {"y": "ticks", "n": "failed", "s": "skipped"}
    how = kinds.get(word.lower())
    if how is None:
        say(f"    {_('write y, n, s or q, and words behind it')}", err=True)
        return None
    if how != "ticks" and not rest.strip():
        say(f"    {_('write what was found, or why, behind it: n 3 dead letters')}", err=True)
        return None
    marks: dict[str, dict[str, str]] = {"ticks": {}, "failed": {}, "skipped": {}}
    marks[how][item.id] = rest.strip()
    try:
        return checklist_runs.ticked(options, state.subject, **marks)
    except CommandRefused as refused:
        say(f"    {read_reply(str(refused))}", err=True)
        return None


@app.command("init", help=N_("Write the shipped checklists into a folder. An existing file is never overwritten."))
def init(
    folder: Annotated[Path, typer.Argument(help=N_("The folder: checklists beside artisan.toml is read."))] = Path(
        "checklists"
    ),
) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted(reference("checklists").glob("*.toml")):
            target = folder / source.name
            if target.exists():
                _refuse(_("{file} exists and was not overwritten; use another folder").format(file=target))
            shutil.copyfile(source, target)
            say(_("wrote {file}").format(file=target), err=True)
    except OSError as error:
        _refuse(_("{file} cannot be written: {why}").format(file=folder, why=error.strerror))


def _pairs(given: Sequence[str] | None, *, needed: bool = False) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given or ():
        item, _equals, text = each.partition("=")
        if needed and not text.strip():
            _refuse(_("{text!r} says no reason: write ITEM=REASON").format(text=each[:80]))
        found[item.strip()] = text.strip()
    return found


def _refuse(said: str) -> NoReturn:
    say(f"artisan-tui: {said}", err=True)
    raise typer.Exit(2)


def _zone(options: GlobalOptions) -> ZoneInfo:
    return read(config_path(options), options.overlay).zone


def _now() -> datetime:
    from artisan_tui.engine.clock import SystemClock

    return SystemClock().now()
