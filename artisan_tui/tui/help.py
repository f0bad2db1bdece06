"""The keys of the screen in front, and what the signs mean. Made from what the wings declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.domain.state import WORST_FIRST
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.checks.counts import ROLE
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.keys import MOVES, Action, key_name
from artisan_tui.tui.kit.lines import Lines


class _Page(Lines):
    GROUND = "-surface"

    def __init__(self, actions: Sequence[Action], place: str, glyphs: Glyphs, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._actions, self._place, self._glyphs, self._chosen = actions, place, glyphs, keys
        #: By width: a dialog asks several times while it finds its size, and nothing here changes while it is open.
        self._rows: dict[int, Sequence[Sequence[Run]]] = {}

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if width not in self._rows:
            self._rows[width] = self._page_rows(width)
        return self._rows[width]

    def _page_rows(self, width: int) -> Sequence[Sequence[Run]]:
        rows: list[list[Run]] = [[(_("This screen"), "-strong")]]
        rows += self._keys([a for a in self._actions if a.where and a.belongs_to(self._place)], width)
        rows += [[], [(_("All screens"), "-strong")]]
        rows += self._keys([a for a in self._actions if not a.where], width)
        rows += [[], [(_("In lists"), "-strong")], *self._moves(width)]
        rows += [[], [(_("Symbols"), "-strong")]]
        signs: list[Run] = [("  ", "")]
        for state in WORST_FIRST:
            signs += [(f"{self._glyphs.states[state]} {state_word(state)}", ROLE[state]), ("   ", "")]
        rows.append(signs)
        strip = _("strip: newest probe on the right, height is latency, {failed} failed, {blind} unknown").format(
            failed=self._glyphs.failed, blind=self._glyphs.blind
        )
        rows += [[("  " + line, "-dim")] for line in wrapped(strip, width - 2)]
        return rows

    def _moves(self, width: int) -> list[list[Run]]:
        """Two to a line where there is room: there are many and they are easily guessed."""
        moves = [
            (" ".join(map(key_name, self._chosen.get(move.id, move.keys).split(","))), _(move.title)) for move in MOVES
        ]
        keys, titles = widest([key for key, _title in moves], 6, 16), widest([title for _key, title in moves], 8, 24)
        cells = [
            [("  " + fit(key, keys) + " ", "-accent"), (fit(title, titles) + "  ", "-dim")] for key, title in moves
        ]
        across = 2 if 2 * (keys + titles + 5) <= width else 1
        return [[run for cell in cells[at : at + across] for run in cell] for at in range(0, len(cells), across)]

    def _keys(self, actions: Sequence[Action], width: int) -> list[list[Run]]:
        titles = widest([_(action.title) for action in self._actions], 10, 24)
        keys = widest([action.shown_key for action in self._actions], 6, 12)
        rows: list[list[Run]] = []
        for action in actions:
            for index, line in enumerate(wrapped(_(action.help), max(20, width - titles - keys - 6))):
                key = action.shown_key if index == 0 else ""
                title = _(action.title) if index == 0 else ""
                rows.append([("  " + fit(key, keys) + " ", "-accent"), (fit(title, titles) + "  ", ""), (line, "-dim")])
        return rows


class Help(Dialog[None]):
    # The keys that opened it also close it, whichever a person chose.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "dismiss(None)", show=False, id="view.help", priority=True),
        Binding("q", "dismiss(None)", show=False, id="view.quit", priority=True),
    ]

    def __init__(self, actions: Sequence[Action], place: str, glyphs: Glyphs, keys: Mapping[str, str]) -> None:
        """``keys`` are those a person chose, by the id of what they do."""
        super().__init__()
        self._page = _Page(actions, place, glyphs, keys)

    def compose(self) -> ComposeResult:
        with Box() as box:
            box.border_title = _("Keys")
            box.border_subtitle = _("{close} closes").format(close=self.shell.key_of("dialog.close"))
            yield self._page
