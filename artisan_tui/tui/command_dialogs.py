"""How a key or the palette starts a command: what is known from the screen, what is asked, in which dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.engine.commands import COMMANDS, Reply
from artisan_tui.i18n import _
from artisan_tui.tui.view_actions import check_in_focus, demo_panel, say

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.app import ArtisanApp

#: What stands in a line to begin with.
_OFFERED: Mapping[str, Mapping[str, str]] = {
    "check.mute": {"for": "1h"},
    "maintenance.declare": {"for": "2h"},
    "slo.override": {"for": "1h"},
}


def start(app: ArtisanApp, command_id: str) -> AwaitMount | None:
    """Carry the command out, or open the dialog that asks for what it needs."""
    command = COMMANDS[command_id]
    if not command.parameters:
        app.execute(command_id, {})
        return None
    if command_id.startswith("drill."):
        return demo_panel(app)
    if command_id == "maintenance.end":
        return _windows(app)
    known: dict[str, str] = {}
    if any(parameter.name == "check" for parameter in command.parameters):
        check_id = check_in_focus(app)
        if check_id is None:
            say(app, _("no check is selected"))
            return None
        known["check"] = check_id
    if len(known) == len(command.parameters):
        app.execute(command_id, known)
        return None
    if len(command.parameters) == 1:
        return _ask(app, command_id)
    return _form(app, command_id, known)


def _ask(app: ArtisanApp, command_id: str) -> AwaitMount:
    from artisan_tui.tui.kit.ask import Ask  # a dialog opens long after the first frame

    command, parameter = COMMANDS[command_id], COMMANDS[command_id].parameters[0]

    def answered(text: str | None) -> None:
        if text:
            app.execute(command_id, {parameter.name: text})

    return app.push_screen(Ask(_(command.title), _(parameter.title), _(command.help)), answered)


def _form(app: ArtisanApp, command_id: str, known: Mapping[str, str]) -> AwaitMount:
    from artisan_tui.tui.kit.form import Form

    offered = dict(_OFFERED.get(command_id, {}))
    if command_id == "maintenance.declare":
        offered["covers"] = (check_in_focus(app) or "*").partition(".")[0]

    async def submit(arguments: Mapping[str, str]) -> Reply:
        host = app.host
        if host is None:
            return Reply(False)
        return await asyncio.wrap_future(host.submit(command_id, arguments))

    def done(reply: Reply | None) -> None:
        if reply is not None:
            app.told(command_id, reply)

    return app.push_screen(Form(COMMANDS[command_id], known, offered, _about(app, command_id, known), submit), done)


def _about(app: ArtisanApp, command_id: str, known: Mapping[str, str]) -> str:
    """What the command will act on, in a line."""
    gate = app.snapshot.budgets.gate if app.snapshot is not None else None
    if command_id != "slo.override" or gate is None:
        return known.get("check", "")
    said = []
    if gate.blocking:
        said.append(_("exhausted: {names}").format(names=", ".join(gate.blocking)))
    if gate.unknown:
        said.append(_("unknown: {names}").format(names=", ".join(gate.unknown)))
    return "; ".join(said)


def _windows(app: ArtisanApp) -> AwaitMount | None:
    if app.snapshot is None:
        say(app, _("the engine has not begun yet: try again in a moment"))
        return None
    from artisan_tui.tui.maintenance.windows import Windows

    return app.push_screen(Windows(app.snapshot.session_status.windows, app.zone))
