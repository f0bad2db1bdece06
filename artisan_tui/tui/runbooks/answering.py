"""What the buttons of a run do: commands at once, or a form that says what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.acting import typed_name
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import Command, Parameter
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.i18n import N_, _
from artisan_tui.tui.kit.form import Form

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.runbooks.definition import Step
    from artisan_tui.engine.runbooks.records import RunRecord
    from artisan_tui.engine.runbooks.watching import ShownRun
    from artisan_tui.tui.kit.shell import Shell

_VALUE = "value."


async def go(shell: Shell) -> None:
    """Agree to what the selected run asks; in the catalogue the run is opened, so that it is seen first."""
    await _open(shell)


async def roll_back(shell: Shell) -> None:
    await _open(shell)


async def _open(shell: Shell) -> None:
    wanted = shell.selection.get("run", "")
    if wanted:
        await shell.open("run", run_id=wanted)
    else:
        shell.say_unselected("run")


def ask(
    shell: Shell,
    command_id: str,
    known: Mapping[str, str],
    asks: Sequence[str],
    about: str,
    offered: Mapping[str, str] | None = None,
    lines: Sequence[Parameter] = (),
) -> AwaitMount:
    """A form for these parameters of a command; ``lines`` are parameters of another kind, or with choices of their own."""
    declared = COMMANDS[command_id]
    own = {each.name: each for each in lines}
    parameters = [own.pop(each.name, each) for each in declared.parameters]
    command = Command(declared.id, declared.title, declared.help, (*own.values(), *parameters))

    async def submit(given: Mapping[str, str]) -> Reply:
        return await shell.run_command(command_id, arguments_of(given))

    def done(reply: Reply | None) -> None:
        if reply is not None:
            shell.told(command_id, reply)

    form = Form(command, known, offered or {}, about, submit, asks=(*own, *asks))
    return shell.show_dialog(form, done)


def arguments_of(given: Mapping[str, str]) -> dict[str, str]:
    """Lines for values become the JSON object of ``values``."""
    import json

    values = {name.removeprefix(_VALUE): text for name, text in given.items() if name.startswith(_VALUE)}
    found = {name: text for name, text in given.items() if not name.startswith(_VALUE)}
    return found | ({"values": json.dumps(values, ensure_ascii=False)} if values else {})


def agree(shell: Shell, shown: ShownRun) -> AwaitMount | None:
    """The first button: what it does depends on what is asked. Only what is on the screen is agreed to."""
    record = shown.record
    run, asked = record.run, record.run.asked
    known = {"run": run.id, "seen": str(run.version)}
    if run.unknown is not None and run.current is None:
        about = _("nobody knows how {step} ended. Look, then say what you found").format(step=run.unknown.step)
        return ask(shell, "runbook.decide-unknown", known, ("outcome", "reason"), about)
    if run.rollback_state == "failed":
        return _rollback(shell, run.id, run.version, "done", _("the undo was done by hand"))
    if asked is None:
        shell.say(_("nothing is asked now"))
        return None
    match asked.what:
        case "confirm":
            shell.execute("runbook.confirm", {**known, "yes": "yes"})
        case "type" | "barrier":
            name = printable(typed_name(run), 200)
            lines = (Parameter("typed", _("Type {name}").format(name=name), max_length=300),)
            return ask(shell, "runbook.confirm", known, ("typed",), _will(record), lines=lines)
        case "approval":
            shell.execute("runbook.approve", known)
        case "choice":
            return _choose(shell, record, known)
        case _:
            return _done(shell, record, known)
    return None


def _will(record: RunRecord) -> str:
    """What will run, where, and what undo there is."""
    where = record.run.target or record.run.environment
    return "\n".join(
        (
            _("will run at {place}: {act}").format(place=where or "-", act=record.act),
            _("undo: {act}").format(act=record.undo or _("there is none")),
        )
    )


def _step(record: RunRecord) -> Step | None:
    asked = record.run.asked
    return None if asked is None else record.definition.step(asked.step)


def _choose(shell: Shell, record: RunRecord, known: Mapping[str, str]) -> AwaitMount:
    step = _step(record)
    options = () if step is None else tuple(str(each["label"]) for each in step.action.body.get("options", ()))
    lines = (Parameter("choice", N_("Choice"), choices=options, max_length=200),)
    return ask(shell, "runbook.answer", known, ("choice",), record.act, lines=lines)


def _done(shell: Shell, record: RunRecord, known: Mapping[str, str]) -> AwaitMount | None:
    """Done by hand: at once, or with the values that the step asks for."""
    step = _step(record)
    wanted = step.action.body.get("input", {}) if step is not None and record.run.asked is not None else {}
    if not wanted or (record.run.asked is not None and record.run.asked.what == "undo"):
        shell.execute("runbook.answer", {**known, "outcome": "done"})
        return None
    lines = tuple(Parameter(_VALUE + str(name), str(name), max_length=2000) for name in wanted)
    return ask(shell, "runbook.answer", {**known, "outcome": "done"}, (), record.act, lines=lines)


def refuse(shell: Shell, shown: ShownRun) -> AwaitMount | None:
    """Deny the approval, or say that what was done by hand failed."""
    run, asked = shown.record.run, shown.record.run.asked
    known = {"run": run.id, "seen": str(run.version)}
    if asked is not None and asked.what == "approval":
        return ask(shell, "runbook.deny", known, ("reason",), shown.record.act)
    if asked is not None and asked.what in ("manual", "undo"):
        return ask(shell, "runbook.answer", {**known, "outcome": "failed"}, ("reason",), shown.record.act)
    shell.say(_("nothing is asked that could be denied"))
    return None


def skip(shell: Shell, shown: ShownRun) -> AwaitMount:
    run = shown.record.run
    if run.rollback_state == "failed":
        return _rollback(shell, run.id, run.version, "skip", _("the undo is left out; the others go on"))
    about = "" if run.position is None else run.position.id
    return ask(shell, "runbook.skip", {"run": run.id, "seen": str(run.version)}, ("reason",), about)


def retry(shell: Shell, shown: ShownRun) -> None:
    run = shown.record.run
    known = {"run": run.id, "seen": str(run.version)}
    if run.rollback_state == "failed":
        shell.execute("runbook.rollback", {**known, "how": "retry"})
    else:
        shell.execute("runbook.retry", known)


def leave(shell: Shell, shown: ShownRun) -> AwaitMount:
    run = shown.record.run
    if run.rollback_state == "failed":
        said = _("what is left stays as it is; the rollback counts as incomplete")
        return _rollback(shell, run.id, run.version, "accept", said)
    return _rollback(
        shell, run.id, run.version, "decline", _("everything stays as it is, and the locks are given back")
    )


def adopt(shell: Shell, shown: ShownRun) -> AwaitMount:
    record = shown.record
    about = _("{owner} carried it out").format(owner=record.owner)
    if not record.orphaned:
        about += ": " + _("that session still lives")
    reason = _("{owner} is gone").format(owner=record.owner) if record.orphaned else ""
    known = {"run": record.run.id, "seen": str(record.run.version)}
    return ask(shell, "runbook.adopt", known, ("reason",), about, {"reason": reason})


def jump(shell: Shell, shown: ShownRun, step: str) -> AwaitMount:
    run = shown.record.run
    known = {"run": run.id, "step": step, "seen": str(run.version)}
    return ask(shell, "runbook.jump", known, ("reason",), _("goes on from {step}").format(step=step))


def _rollback(shell: Shell, run: str, version: int, how: str, about: str) -> AwaitMount:
    known = {"run": run, "how": how, "seen": str(version)}
    lines = (Parameter("reason", N_("Reason"), max_length=2000),)
    return ask(shell, "runbook.rollback", known, ("reason",), about, lines=lines)
