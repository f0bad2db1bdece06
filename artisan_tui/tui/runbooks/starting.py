"""Starting a runbook: which one is meant, and the form with its place, mode and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import Command, Parameter
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.runbooks.before_run import PREFLIGHT_FAILED
from artisan_tui.engine.runbooks.commands import DESPITE
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.runbooks.watching import Catalogue
from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.words import evidence_text, title
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.runbooks.about import default_text, parameter_title
from artisan_tui.tui.runbooks.suggested import goes_on, weighed

if TYPE_CHECKING:
    from artisan_tui.engine.runbooks.slice import SuggestedRun
    from artisan_tui.engine.runbooks.watching import CatalogueEntry
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell

_RUN_ID = re.compile(r"RUN-\d{8}-\d{6}(?:-\d+)?", re.ASCII)
#: What a name in a form begins with, so that a parameter called "target" is another line than the target.
_PARAM = "param."


async def start_here(shell: Shell) -> None:
    """Open the form of the runbook that is selected, or that is suggested for what is selected."""
    chosen = shell.selection.get("runbook", "")
    suggested = suggested_here(shell)
    if not chosen:
        names = list(dict.fromkeys(each.runbook for each in suggested))
        if not names:
            shell.say(_("no runbook is suggested for what is selected: 4 lists them all"))
            return
        if len(names) > 1:
            await shell.open("runbooks")  # a person chooses; those that are suggested are the first
            return
        chosen = names[0]
    await open_form(shell, chosen)


def suggested_here(shell: Shell) -> list[SuggestedRun]:
    """What is suggested for the check or alert under the cursor; elsewhere everything that is suggested.

    The board has lines that offer the key for whatever is suggested: they hold where nothing is for what is selected.
    A runbook that ran already gives way to what goes on from it.
    """
    snapshot, selection = shell.snapshot, shell.selection
    if snapshot is None:
        return []
    suggested = weighed(snapshot[RunSlice].suggested, snapshot)
    causes = causes_of(snapshot, selection)
    if not causes:
        return list(suggested)
    found = goes_on(suggested, [each for each in suggested if each.cause in causes])
    offered = selection.get("suggested", "").split()
    return found or [each for each in suggested if each.runbook in offered]


def causes_of(snapshot: Snapshot, selection: Mapping[str, str]) -> set[str]:
    """The names under which what is selected may suggest something, as in ``suggest_on``."""
    from artisan_tui.engine.alerts.slice import AlertSlice
    from artisan_tui.engine.checks.slice import CheckSlice

    causes: set[str] = set()
    if "check" in selection:
        causes.add(f"check:{selection['check']}")
        chosen = (each for each in snapshot[CheckSlice].views if each.id == selection["check"])
        causes |= {f"check:{each.root_cause}" for each in chosen if each.root_cause}
    if "service" in selection:
        service = selection["service"]
        causes |= {f"check:{each.id}" for each in snapshot[CheckSlice].views if each.id.startswith(f"{service}.")}
    for row in snapshot[AlertSlice].listed:
        if row.fingerprint == selection.get("alert", "") or row.name == selection.get("alert_name", ""):
            causes.add(f"alert:{row.name}")
    if "slo" in selection:
        causes.add(f"slo:{selection['slo']}")
    return causes


async def open_form(shell: Shell, runbook_id: str) -> None:
    """Ask for the place, the mode and the parameters; the run opens when it was started."""
    try:
        found = await shell.ask(Catalogue())
    except LookupError as error:
        shell.say(str(error.args[0]) if error.args else _("the runbooks cannot be read"))
        return
    entry = next((each for each in found if each.runbook.id == runbook_id), None)
    if entry is None:
        shell.say(_("there is no runbook {id}").format(id=runbook_id))
        return
    snapshot = shell.snapshot
    suggested = () if snapshot is None else weighed(snapshot[RunSlice].suggested, snapshot)
    evidence = next((each.evidence for each in suggested if each.runbook == runbook_id), "")
    await show_form(shell, entry, evidence, _incident(shell))


async def show_form(shell: Shell, entry: CatalogueEntry, evidence: str, incident: str) -> None:
    runbook = entry.runbook
    known = {"runbook": runbook.id} | ({"evidence": evidence} if evidence else {})
    offered = {"target": entry.target, "mode": "live", "incident": incident}
    offered |= {_PARAM + each.id: default_text(each) for each in runbook.params}
    about = f"{title(runbook)}  {runbook.id}"
    if evidence:
        about += "\n" + _("suggested: {evidence}").format(evidence=evidence_text(evidence))

    production = shell.snapshot is not None and shell.snapshot[SessionStatus].environment == "production"
    refused: list[dict[str, str]] = []

    async def submit(given: Mapping[str, str]) -> Reply:
        arguments = arguments_of(given)
        name = arguments.get("target") or entry.target or "production"
        if production and arguments.get("mode") != "dry" and arguments.get("typed") != name:
            return Reply(False, _("type {name} to confirm").format(name=printable(name, 200)))
        shell.say(_("looking at every step before it starts"))
        reply = await shell.run_command("runbook.start", arguments)
        if not reply.ok and reply.text.startswith(PREFLIGHT_FAILED) and not refused:
            refused.append(arguments)
            return Reply(True, reply.text)  # the form gives way to what was found
        return reply

    def done(reply: Reply | None) -> None:
        if reply is None:
            return
        if refused and reply.text.startswith(PREFLIGHT_FAILED):
            insist(refused[0], reply.text)
            return
        shell.told("runbook.start", reply)
        started = _RUN_ID.search(reply.text)
        if started is not None:
            shell.open("run", run_id=started[0])

    def insist(arguments: Mapping[str, str], found: str) -> None:
        """What would fail, in full; whoever insists says why."""
        command = COMMANDS["runbook.start"]
        known = {name: value for name, value in arguments.items() if name != "typed"}
        lines = (DESPITE._replace(required=True), *([_typed(entry)] if production else []))
        form = Form(
            Command(command.id, command.title, N_("A step would fail: mend it, or say why it starts"), lines),
            known,
            {"typed": ""},
            read_back(found),
            submit,
        )
        shell.show_dialog(form, done)

    await shell.show_dialog(Form(form_of(entry, production), known, offered, about, submit), done)


def _typed(entry: CatalogueEntry) -> Parameter:
    """The name of the place, typed out: as the command line takes it."""
    several = entry.targets and not entry.target
    title = N_("Type the name of the place to confirm")
    if not several:
        name = printable(entry.target or "production", 200)
        title = _("Type {environment} to confirm").format(environment=name)
    return Parameter("typed", title, required=False, max_length=300)


def _titled(title: str, choices: Sequence[str]) -> str:
    """With what may be typed. These are ids, and no words of ours: a place "drill" is not translated."""
    if not choices:
        return title
    return _("{title}: {choices}").format(title=title, choices=printable(", ".join(choices), 200))


def form_of(entry: CatalogueEntry, production: bool = False) -> Command:
    """The lines of the form: the parameters of the runbook first, the usual answers last."""
    runbook = entry.runbook
    lines = [
        Parameter(
            _PARAM + each.id,
            _titled(parameter_title(each), ("true", "false") if each.kind == "bool" else each.choices),
            required=each.default is None,
            max_length=4000,
        )
        for each in runbook.params
    ]
    several = len(entry.targets) > 0
    target = Parameter(
        "target", _titled(_("Place"), entry.targets), required=several and not entry.target, max_length=300
    )
    usual = [
        *([target] if several else []),
        Parameter("mode", _titled(_("Mode"), ("live", "dry", "drill")), required=False),
        Parameter("incident", N_("Incident"), required=False, max_length=40),
    ]
    if production:
        usual.append(_typed(entry))
    command = COMMANDS["runbook.start"]
    # Of the place that is offered: steps of other places do not run there.
    there = runbook.at(entry.target) if entry.target else runbook
    unasked = [each.id for each in there.steps if each.mutates and each.confirm == "none" and not each.approval]
    help_ = N_("Step by step; what it changes is asked about first")
    if unasked:
        steps, place = printable(", ".join(unasked), 200), printable(entry.target, 80)
        help_ = _("Step by step. These change something and run unasked: {steps}").format(steps=steps)
        if several and place:
            said = _("Step by step. At {place}, these change something and run unasked: {steps}")
            help_ = said.format(place=place, steps=steps)
    # In its frame: where the form is longer than the screen, what stands above its lines is out of sight.
    framed = f"{_(command.title)}: {title(runbook)}"
    return Command(command.id, framed, help_, (*lines, *usual))


def arguments_of(given: Mapping[str, str]) -> dict[str, str]:
    """What a form gave, as the arguments of ``runbook.start``. A line that was emptied leaves the default."""
    params = {name.removeprefix(_PARAM): value for name, value in given.items() if name.startswith(_PARAM)}
    found: dict[str, Any] = {name: value.strip() for name, value in given.items() if not name.startswith(_PARAM)}
    if params:
        found["params"] = json.dumps(params, ensure_ascii=False)
    return {name: value for name, value in found.items() if value}


def _incident(shell: Shell) -> str:
    """The selected incident where an incident is in front, else the only one that is open."""
    if shell.place in ("incident", "incidents") and "incident" in shell.selection:
        return shell.selection["incident"]
    snapshot = shell.snapshot
    opened = [] if snapshot is None else [each for each in snapshot[IncidentSlice].open if each.incident.active]
    return opened[0].id if len(opened) == 1 else ""
