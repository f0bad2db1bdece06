"""The maintenance windows under way and to come; those declared from the screen can be ended here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.engine.maintenance.slice import MaintenanceSlice, WindowView
from artisan_tui.i18n import _
from artisan_tui.reports.moments import date_time_text, moment_text
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.command_dialogs import carry_out
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.shell import Shell
from artisan_tui.tui.maintenance.place import DIALOG_KEYS

if TYPE_CHECKING:
    from textual.widget import AwaitMount


def open_windows(shell: Shell) -> AwaitMount | None:
    if shell.snapshot is None:
        shell.say(_("the engine has not begun yet: try again in a moment"))
        return None

    def chosen(window: WindowView | None) -> None:
        if window is not None:
            carry_out(shell, "maintenance.end", {"window": window.id}, window_text(window))

    return shell.show_dialog(Windows(shell.snapshot[MaintenanceSlice].windows, shell.zone), chosen)


class _WindowList(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["windows.end"], "end", show=False, id="windows.end", priority=True),
    ]

    def __init__(self, windows: tuple[WindowView, ...], zone: tzinfo) -> None:
        super().__init__()
        self._windows, self._zone, self._at = windows, zone, 0

    def cursor_line(self) -> int | None:
        return self._at if self._windows else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if not self._windows:
            return [[(" " + _("no maintenance now or within 7 days"), "-dim")]]
        column = widest([window_time(window, self._zone) for window in self._windows], 24, 40)
        return [window_runs(window, self._zone, width, column) for window in self._windows]

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._windows), self._page)
        self.keep_in_view(self._at)
        self.redraw()

    def action_end(self) -> None:
        if self._windows:
            cast("Windows", self.screen).dismiss(self._windows[self._at])


def window_text(window: WindowView) -> str:
    """``database: new disks``"""
    covers = ", ".join(window.covers) or _("everything")
    return f"{covers}: {window.reason}"


def window_time(window: WindowView, zone: tzinfo) -> str:
    """When it begins and ends, in the team's zone."""
    until = moment_text(window.end, zone, window.start)
    if window.active:
        return _("now until {until}").format(until=until)
    return f"{date_time_text(window.start, zone, weekday=True)}-{until}"


def window_runs(window: WindowView, zone: tzinfo, width: int, column: int = 24) -> list[Run]:
    """``now until 04:00  database: new disks``; the time has ``column`` cells and is never cut."""
    when = window_time(window, zone)
    column = max(column, cell_len(when))
    room = max(8, width - column - 4)
    return [
        (" " + fit(when, column) + "  ", "-warn" if window.active else "-dim"),
        (fit(window_text(window), room), "-strong" if window.declared else ""),
    ]


class Windows(Dialog[WindowView]):
    def __init__(self, windows: tuple[WindowView, ...], zone: tzinfo) -> None:
        super().__init__()
        self._list = _WindowList(windows, zone)
        self._any_declared = any(window.declared for window in windows)

    def compose(self) -> ComposeResult:
        close = self.shell.key_of("dialog.close")
        with Box() as box:
            box.border_title = _("Maintenance")
            ends = _("Enter ends a declared window, {close} closes")
            box.border_subtitle = (ends if self._any_declared else _("{close} closes")).format(close=close)
            yield self._list
