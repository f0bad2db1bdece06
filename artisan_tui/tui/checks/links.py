"""The links of a check or service, to copy: a terminal over SSH opens no browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.checks.place import DIALOG_KEYS
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines, moved

if TYPE_CHECKING:
    from artisan_tui.engine.checks.slice import About
    from artisan_tui.tui.kit.shell import Shell


def open_links(shell: Shell, about: About) -> None:
    """Show them, or say that there are none."""
    if about.links:
        shell.show_dialog(Links(about.links))
    else:
        shell.say(_("no links are configured for it: write links = { … } in its [[service]]"))


class _LinkList(Lines):
    GROUND = "-surface"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(DIALOG_KEYS["links.copy"], "copy", show=False, id="links.copy", priority=True)
    ]

    def __init__(self, links: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._links, self._at = links, 0

    def cursor_line(self) -> int | None:
        return self._at

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        names = widest([name for name, _where in self._links], 4, max(4, width // 3))
        return [
            [(" " + fit(name, names) + "  ", "-dim"), (fit(where, max(0, width - names - 3)), "")]
            for name, where in self._links
        ]

    def move(self, how: str) -> None:
        self._at = moved(how, self._at, len(self._links), self._page)
        self.keep_in_view(self._at)
        self.redraw()

    def action_copy(self) -> None:
        self.shell.copy_to_clipboard(self._links[self._at][1])
        self.screen.dismiss(None)


class Links(Dialog[None]):
    def __init__(self, links: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._list = _LinkList(links)

    def compose(self) -> ComposeResult:
        close = self.shell.key_of("dialog.close")
        with Box() as box:
            box.border_title = _("Links")
            box.border_subtitle = _("Enter copies, {close} closes").format(close=close)
            yield self._list
