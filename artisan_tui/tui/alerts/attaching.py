"""Attach alerts to an incident: the open ones are offered, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.incidents.slice import IncidentSlice, OpenIncident
from artisan_tui.i18n import _
from artisan_tui.reports.incidents.words import status_word
from artisan_tui.tui.alerts.place import DIALOG_KEYS
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.command_dialogs import carry_out
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines, moved

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.kit.shell import Shell


def open_attaching(shell: Shell, alerts: Mapping[str, str], about: str) -> AwaitMount | None:
    """``alerts`` are the parameters that name them; ``about`` says which they are."""
    opened = () if shell.snapshot is None else shell.snapshot[IncidentSlice].open
    if not opened:
        shell.say(_("no incident is open: declare one from this alert"))
        return None

    def chosen(one: OpenIncident | None) -> None:
        if one is not None:
            carry_out(shell, "incident.attach", {"incident": one.id, **alerts}, f"{one.id}: {about}")

    return shell.show_dialog(OpenIncidents(opened, about), chosen)


class _IncidentList(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["attach.choose"], "choose", show=False, id="attach.choose", priority=True),
    ]

    def __init__(self, incidents: Sequence[OpenIncident]) -> None:
        super().__init__()
        self._incidents, self._at = incidents, 0

    def cursor_line(self) -> int | None:
        return self._at

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        ids = widest([each.id for each in self._incidents], 8, 26)
        states = widest([status_word(each.incident.status) for each in self._incidents], 4, 14)
        rows: list[Sequence[Run]] = []
        for each in self._incidents:
            head = f" Sev{each.incident.severity} {fit(each.id, ids)} "
            state = f"{fit(status_word(each.incident.status), states)} "
            title = fit(printable(each.incident.title, 300), max(8, width - ids - states - 9))
            rows.append([(head, "-warn" if each.incident.triggered else ""), (state, "-dim"), (title, "-strong")])
        return rows

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._incidents), self._page)
        self.keep_in_view(self._at)
        self.redraw()

    def action_choose(self) -> None:
        cast("OpenIncidents", self.screen).dismiss(self._incidents[self._at])


class OpenIncidents(Dialog[OpenIncident]):
    def __init__(self, incidents: Sequence[OpenIncident], about: str) -> None:
        super().__init__()
        self._list, self._about = _IncidentList(incidents), about

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Attach {alert} to").format(alert=printable(self._about, 40))
            said = _("Enter attaches, {close} closes")
            box.border_subtitle = said.format(close=self.shell.key_of("dialog.close"))
            yield self._list
