"""The form for a silence: what it would hit is said while the matchers are typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Input, Static

from artisan_tui.domain.alerts.matchers import exactly, matchers_text, parse_matchers
from artisan_tui.domain.alerts.silence import preview, receivers_missing
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.command import Confirm, confirmation
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.i18n import _
from artisan_tui.tui.alerts.place import selected_alert, worst_of_group
from artisan_tui.tui.kit.form import Form

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell

_ID = "alert.silence"


def hits_text(text: str, snapshot: Snapshot | None) -> str:
    """What these matchers would hit now, and who would not hear that it is resolved."""
    if snapshot is None:
        return ""
    try:
        matchers = parse_matchers(text)
    except ValueError as error:
        return str(error)
    alerts = snapshot[AlertSlice]
    if alerts.unheard:
        return _("hits ? alerts: no source answers")
    found = preview(matchers, alerts.listed)
    said = _("hits {n} of {of} alerts").format(n=len(found.hits), of=found.of)
    if found.absent:
        more = _("{absent} of them by a missing label: type {n} as the count")
        said += ", " + more.format(absent=len(found.absent), n=len(found.hits))
    receivers = ", ".join(receivers_missing(found.hits))
    return said + ("; " + _("will not hear 'resolved': {receivers}").format(receivers=receivers) if receivers else "")


class SilenceForm(Form):
    """Its first line says what the matchers hit."""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        lines = self._lines
        if lines and event.input is lines[0]:
            self.query_one(".about", Static).update(hits_text(event.value, self.shell.snapshot))


def open_silence(shell: Shell) -> AwaitMount | None:
    command = COMMANDS[_ID]
    environment = "" if shell.snapshot is None else shell.snapshot[SessionStatus].environment
    row = selected_alert(shell)
    offered: Mapping[str, str] = {each.name: each.offered for each in command.parameters}
    group = worst_of_group(shell)
    if group is not None:
        offered = {**offered, "matchers": matchers_text(exactly({"alertname": group.name}))}
    elif row is not None:
        offered = {**offered, "matchers": matchers_text(exactly(row.labels))}

    async def submit(arguments: Mapping[str, str]) -> Reply:
        return await shell.run_command(_ID, arguments)

    def done(reply: Reply | None) -> None:
        if reply is not None:
            shell.told(_ID, reply)

    about = hits_text(offered.get("matchers", ""), shell.snapshot) or " "
    asked: Confirm = confirmation(command, environment)
    return shell.show_dialog(SilenceForm(command, {}, offered, about, submit, asked, environment), done)
