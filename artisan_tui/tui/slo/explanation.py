"""The counts, queries and formulas behind an SLO's numbers, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, wrapped
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines


class _Page(Lines):
    GROUND = "-surface"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = [printable(line, 2000) for line in lines]

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        rows: list[list[Run]] = []
        for line in self._lines:
            body = line.lstrip(" ")
            indent = min(len(line) - len(body), width // 2)
            # What does not fit continues below, with the same indent.
            rows += [[(" " * indent + part, "")] for part in wrapped(body, max(10, width - indent))]
        return rows


class Explanation(Dialog[None]):
    # The key that opened it also closes it, whichever a person chose.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "dismiss(None)", show=False, id="slos.explain", priority=True),
        Binding("y", "copy_query", show=False, id="view.copy", priority=True),
    ]

    def __init__(self, title: str, lines: Sequence[str], query: str = "") -> None:
        """``query`` is what copying takes: a query for the page of Prometheus, "" without one."""
        super().__init__()
        self._title, self._page, self._query = title, _Page(lines), query

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = self._title
            closes = _("{close} closes").format(close=self.shell.key_of("dialog.close"))
            copies = _("{copy} copies a query").format(copy=self._copy_key) if self._query else ""
            box.border_subtitle = "  ".join(filter(None, (copies, closes)))
            yield self._page

    @property
    def _copy_key(self) -> str:
        return next((each.key for each in self.shell.actions_at("") if each.id == "view.copy"), "y")

    def action_copy_query(self) -> None:
        if self._query:
            self.shell.copy_to_clipboard(self._query)
        else:
            self.shell.say(_("Prometheus has no query for this SLO"))
