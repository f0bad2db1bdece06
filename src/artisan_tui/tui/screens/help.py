"""The keys of what has focus, and what the signs mean. Made from the declarations, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from artisan_tui.domain.state import WORST_FIRST
from artisan_tui.i18n import _
from artisan_tui.reports.words import state_word
from artisan_tui.tui.actions import Action
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.screens.dialog import Dialog
from artisan_tui.tui.widgets.lines import Lines
from artisan_tui.tui.widgets.services import ROLE


class _Page(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", show=False),
        Binding("down,j", "scroll_down", show=False),
    ]

    def __init__(self, actions: Sequence[Action], place: str, glyphs: Glyphs) -> None:
        super().__init__()
        self._actions, self._place, self._glyphs = actions, place, glyphs

    def on_mount(self) -> None:
        self.styles.height = len(self.compose_lines(min(92, self.app.size.width * 9 // 10) - 5))

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        rows: list[list[Run]] = [[(_("Here"), "-strong")]]
        rows += self._keys([a for a in self._actions if a.where == self._place and a.where], width)
        rows += [[], [(_("Everywhere"), "-strong")]]
        rows += self._keys([a for a in self._actions if not a.where], width)
        rows += [[], [(_("Signs"), "-strong")]]
        signs: list[Run] = [("  ", "")]
        for state in WORST_FIRST:
            signs += [(f"{self._glyphs.states[state]} {state_word(state)}", ROLE[state]), ("   ", "")]
        rows.append(signs)
        rows.append(
            [
                (
                    "  "
                    + fit(
                        _("strip: newest look right, height is latency, {failed} failed, {blind} saw nothing").format(
                            failed=self._glyphs.failed, blind=self._glyphs.blind
                        ),
                        width - 2,
                    ),
                    "-dim",
                )
            ]
        )
        return rows

    def _keys(self, actions: Sequence[Action], width: int) -> list[list[Run]]:
        titles = widest([_(action.title) for action in self._actions], 10, 24)
        rows: list[list[Run]] = []
        for action in actions:
            for index, line in enumerate(wrapped(_(action.help), max(20, width - titles - 12))):
                key = (action.shown_key or action.key) if index == 0 else ""
                title = _(action.title) if index == 0 else ""
                rows.append([("  " + fit(key, 6) + " ", "-accent"), (fit(title, titles) + "  ", ""), (line, "-dim")])
        return rows


class Help(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q", "dismiss(None)", show=False)]

    def __init__(self, actions: Sequence[Action], place: str, glyphs: Glyphs) -> None:
        super().__init__()
        self._page = _Page(actions, place, glyphs)

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = _("Keys")
            box.border_subtitle = _("Esc closes")
            yield self._page
