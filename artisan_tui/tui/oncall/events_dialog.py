"""The journal entries behind a number of the hand-over review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.event_line import event_runs
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.session.entry import JournalEntry, entry_line


class _Events(Lines):
    GROUND = "-surface"

    def __init__(self, events: Sequence[Event], zone: tzinfo, now: datetime) -> None:
        super().__init__()
        self._events, self._zone, self._now = events, zone, now
        self.at = 0

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        lines: list[list[Run]] = []
        for event in self._events:
            number = f"{event.seq:>7} "
            lines.append([(fit(number, 8), "-dim"), *event_runs(event, width - 8, 10, self._zone, None)])
        return lines

    def cursor_line(self) -> int | None:
        return self.at

    def move(self, how: str) -> None:
        self.at = moved(how, self.at, len(self._events), self._page)
        self.keep_in_view(self.at)
        self.redraw()


class EventsBehind(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "entry", show=False, id="handoff.events", priority=True),
        Binding("y", "copy", show=False, id="view.copy"),
    ]

    def __init__(self, title: str, events: Sequence[Event], zone: tzinfo, now: datetime) -> None:
        super().__init__()
        self._title, self._events, self._zone, self._now = title, events, zone, now

    def compose(self) -> ComposeResult:
        with Box() as box:
            n = len(self._events)
            count = ngettext("{n} event", "{n} events", n).format(n=n)
            box.border_title = printable(f"{self._title}: {count}", 200)
            close = self.shell.key_of("dialog.close")
            box.border_subtitle = _("Enter shows the entry, y copies, {close} closes").format(close=close)
            yield _Events(self._events, self._zone, self._now)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(_Events).focus()

    @property
    def _event(self) -> Event:
        return self._events[self.query_one(_Events).at]

    def action_entry(self) -> None:
        self.shell.show_dialog(JournalEntry(self._event, (), self._zone))

    def action_copy(self) -> None:
        self.shell.copy_to_clipboard("\n".join(entry_line(event, self._zone) for event in self._events))
