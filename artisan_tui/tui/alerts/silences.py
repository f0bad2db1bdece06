"""The silences in force, also those that hit nothing, and ours that were lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.alerts.matchers import all_match, matchers_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.i18n import _
from artisan_tui.reports.moments import moment_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.alerts.place import DIALOG_KEYS
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.command_dialogs import carry_out
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines, moved

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.kit.shell import Shell


class SilenceLine(NamedTuple):
    id: str
    ends_at: datetime
    hits: int
    text: str
    lost: bool = False


def silence_lines(alerts: AlertSlice) -> list[SilenceLine]:
    """Lost ones first, then what ends soonest."""
    lost = [
        SilenceLine(each.id, each.ends_at, 0, printable(f"{each.matchers}: {each.comment}", 500), lost=True)
        for each in alerts.lost
    ]
    there = [
        SilenceLine(
            each.id,
            each.ends_at,
            sum(1 for row in alerts.listed if row.silenceable and row.there and all_match(each.matchers, row.labels)),
            printable(f"{matchers_text(each.matchers)}: {each.comment} ({each.created_by})", 500),
        )
        for each in alerts.silences
    ]
    return lost + sorted(there, key=lambda each: (each.ends_at, each.id))


def open_silences(shell: Shell, now: datetime) -> AwaitMount | None:
    if shell.snapshot is None:
        return None
    alerts = shell.snapshot[AlertSlice]
    if alerts.silences_problem:
        said = _("silences are not known: {why}")
        shell.say(said.format(why=read_back(alerts.silences_problem)))
        if not alerts.silences and not alerts.lost:
            return None

    def chosen(line: SilenceLine | None) -> None:
        if line is None:
            return
        if line.lost:
            carry_out(shell, "alert.restore", {}, line.text)
        else:
            carry_out(shell, "alert.unsilence", {"silence": line.id}, line.text)

    return shell.show_dialog(Silences(silence_lines(alerts), shell.zone, now), chosen)


class _SilenceList(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["silences.end"], "end", show=False, id="silences.end", priority=True),
    ]

    def __init__(self, lines: Sequence[SilenceLine], zone: tzinfo, now: datetime) -> None:
        super().__init__()
        self._silences, self._zone, self._now, self._at = lines, zone, now, 0

    def cursor_line(self) -> int | None:
        return self._at if self._silences else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if not self._silences:
            return [[(" " + _("no silence is in force"), "-dim")]]
        rows: list[Sequence[Run]] = []
        for each in self._silences:
            until = moment_text(each.ends_at, self._zone, self._now)
            said = _("lost") if each.lost else _("hits {n}").format(n=each.hits)
            head = f" {fit(said, 9)} {fit(_('until {time}').format(time=until), 20)} "
            rows.append([(head, "-warn" if each.lost else "-dim"), (fit(each.text, max(8, width - 32)), "")])
        return rows

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._silences), self._page)
        self.keep_in_view(self._at)
        self.redraw()

    def action_end(self) -> None:
        if self._silences:
            cast("Silences", self.screen).dismiss(self._silences[self._at])


class Silences(Dialog[SilenceLine]):
    def __init__(self, lines: Sequence[SilenceLine], zone: tzinfo, now: datetime) -> None:
        super().__init__()
        self._list = _SilenceList(lines, zone, now)

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Silences")
            said = _("Enter ends it, or restores a lost one; {close} closes")
            box.border_subtitle = said.format(close=self.shell.key_of("dialog.close"))
            yield self._list
