"""How a key or the palette starts a command: what is known from the screen, what is asked, in which dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.engine.command import Confirm, confirmation
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import _
from artisan_tui.tui.kit.place import CommandStart, load

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.kit.shell import Shell
    from artisan_tui.tui.registry import Registry


def start(shell: Shell, registry: Registry, command_id: str) -> AwaitMount | None:
    """Carry the command out, or open the dialog that asks for what it needs."""
    start = registry.starts.get(command_id) or CommandStart(command_id)
    other = start.instead(shell) if start.instead is not None else ""
    if other:
        command_id, start = other, registry.starts.get(other) or CommandStart(other)
    command = COMMANDS[command_id]
    environment = "" if shell.snapshot is None else shell.snapshot[SessionStatus].environment
    asked = start.confirm or confirmation(command, environment) is not Confirm.NONE
    if not command.parameters and not asked:
        shell.execute(command_id, {})
        return None
    if start.dialog:
        opened: AwaitMount | None = load(start.dialog)(shell)
        return opened
    known: dict[str, str] = {}
    for parameter in command.parameters:
        if parameter.name in registry.subjects:
            selected = shell.selection.get(parameter.name)
            if selected is None:
                shell.say_unselected(parameter.name)
                return None
            known[parameter.name] = selected
        elif not parameter.required and parameter.name in shell.selection:
            # Said beside what is selected, like the version of it that is shown: nobody is asked for that.
            known[parameter.name] = shell.selection[parameter.name]
    if len(known) == len(command.parameters) and not asked:
        shell.execute(command_id, known)
        return None
    if len(command.parameters) == 1 and not asked:
        return _ask(shell, command_id)
    return _form(shell, start, known, environment)


def carry_out(shell: Shell, command_id: str, known: Mapping[str, str], about: str) -> AwaitMount | None:
    """Carry the command out on what is ``known``; where it has to be confirmed, ask first, with a line ``about`` it."""
    environment = "" if shell.snapshot is None else shell.snapshot[SessionStatus].environment
    if confirmation(COMMANDS[command_id], environment) is Confirm.NONE:
        shell.execute(command_id, known)
        return None
    return _form(shell, CommandStart(command_id, about=lambda _shell: about), known, environment)


def fill_in(
    shell: Shell, command_id: str, known: Mapping[str, str], offered: Mapping[str, str], about: str
) -> AwaitMount:
    """Ask for what is not ``known``; the lines begin with what is ``offered``."""
    environment = "" if shell.snapshot is None else shell.snapshot[SessionStatus].environment
    start = CommandStart(command_id, offer=lambda _shell: offered, about=lambda _shell: about)
    return _form(shell, start, known, environment)


def _ask(shell: Shell, command_id: str) -> AwaitMount:
    from artisan_tui.tui.kit.ask import Ask  # a dialog opens long after the first frame

    command, parameter = COMMANDS[command_id], COMMANDS[command_id].parameters[0]

    def answered(text: str | None) -> None:
        if text:
            shell.execute(command_id, {parameter.name: text})

    return shell.show_dialog(Ask(_(command.title), _(parameter.title), _(command.help)), answered)


def _form(shell: Shell, start: CommandStart, known: Mapping[str, str], environment: str) -> AwaitMount:
    from artisan_tui.tui.kit.form import Form

    command = COMMANDS[start.id]
    offered = {each.name: each.offered for each in command.parameters}
    if start.offer is not None:
        offered |= start.offer(shell)
    about = start.about(shell) if start.about is not None else next(iter(known.values()), "")

    async def submit(arguments: Mapping[str, str]) -> Reply:
        return await shell.run_command(start.id, arguments)

    def done(reply: Reply | None) -> None:
        if reply is not None:
            shell.told(start.id, reply)

    asked = confirmation(command, environment)
    form = Form(command, known, offered, about, submit, asked, environment, start.asks)
    return shell.show_dialog(form, done)
