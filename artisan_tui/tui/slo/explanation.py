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
        Binding("x", "dismiss(None)", show=False, id="slos.explain", priority=True)
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title, self._page = title, _Page(lines)

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = self._title
            box.border_subtitle = _("{close} closes").format(close=self.shell.key_of("dialog.close"))
            yield self._page
