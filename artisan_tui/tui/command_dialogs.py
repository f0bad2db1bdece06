"""How a key or the palette starts a command: what is known from the screen, what is asked, in which dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.engine.commands import COMMANDS, Reply
from artisan_tui.i18n import _
from artisan_tui.tui.kit.place import CommandStart, load

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.kit.shell import Shell
    from artisan_tui.tui.registry import Registry


def start(shell: Shell, registry: Registry, command_id: str) -> AwaitMount | None:
    """Carry the command out, or open the dialog that asks for what it needs."""
    command = COMMANDS[command_id]
    start = registry.starts.get(command_id) or CommandStart(command_id)
    if not command.parameters:
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
                shell.say(_(registry.subjects[parameter.name]))
                return None
            known[parameter.name] = selected
    if len(known) == len(command.parameters):
        shell.execute(command_id, known)
        return None
    if len(command.parameters) == 1:
        return _ask(shell, command_id)
    return _form(shell, start, known)


def _ask(shell: Shell, command_id: str) -> AwaitMount:
    from artisan_tui.tui.kit.ask import Ask  # a dialog opens long after the first frame

    command, parameter = COMMANDS[command_id], COMMANDS[command_id].parameters[0]

    def answered(text: str | None) -> None:
        if text:
            shell.execute(command_id, {parameter.name: text})

    return shell.show_dialog(Ask(_(command.title), _(parameter.title), _(command.help)), answered)


def _form(shell: Shell, start: CommandStart, known: Mapping[str, str]) -> AwaitMount:
    from artisan_tui.tui.kit.form import Form

    offered = {**start.offered, **(start.offer(shell) if start.offer is not None else {})}
    about = start.about(shell) if start.about is not None else next(iter(known.values()), "")

    async def submit(arguments: Mapping[str, str]) -> Reply:
        return await shell.run_command(start.id, arguments)

    def done(reply: Reply | None) -> None:
        if reply is not None:
            shell.told(start.id, reply)

    return shell.show_dialog(Form(COMMANDS[start.id], known, offered, about, submit), done)
