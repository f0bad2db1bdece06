"""What a screen that is too small shows: the worst check, the counts, and how large the screen should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual import events

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word
from artisan_tui.tui.cells import Run, wrapped
from artisan_tui.tui.checks.counts import ROLE, counts_text, worst_first
from artisan_tui.tui.kit.backdrop import changed_below
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.shell import InShell
from artisan_tui.tui.terminal import LEAST

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.screen import Screen

    from artisan_tui.engine.snapshot import Snapshot


class TooSmall(Lines):
    """Covers everything else, so that nothing below it moves or loses the focus meanwhile."""

    def __init__(self) -> None:
        super().__init__(can_focus=False)

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        shell = self.shell
        rows: list[Sequence[Run]] = []
        if shell.snapshot is not None and shell.snapshot[CheckSlice].views:
            worst = worst_first(shell.snapshot[CheckSlice].views)[0]
            state = State.UNKNOWN if worst.health.stale else worst.health.state
            if state is not State.UP:
                word = _("stale") if worst.health.stale else state_word(state).upper()
                text = f"{shell.glyphs.states[state]} {worst.id} {word}"
                rows += [[(line, ROLE[state])] for line in wrapped(text, width)]
            counts = counts_text(shell.snapshot[CheckSlice].views)
            while sum(cell_len(text) for text, _role in counts) > width:
                counts = counts[:-2]
            rows.append(counts)
        text = _("make the window at least {columns}x{lines}").format(columns=LEAST[0], lines=LEAST[1])
        return [*rows, *([(line, "")] for line in wrapped(text, width))]


class Sized(InShell):
    """Mixed into every screen and dialog of ours; the first of the bases."""

    #: Composed and mounted: a snapshot that arrives before waits in the application until `on_mount` asks for it.
    ready = False

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        """Show what is new in ``snapshot``; a dialog that shows none does nothing."""

    def _compositor_refresh(self) -> None:
        """Textual's; of what is seen through a dialog only the regions that changed."""
        if not changed_below(cast("Screen[object]", self)):
            super()._compositor_refresh()  # type: ignore[misc]  # of the screen that this is mixed into

    def on_resize(self, event: events.Resize) -> None:
        self.take_size(event.size)

    def on_screen_resume(self) -> None:
        # A screen below another one, and not seen through it, is told of no new size meanwhile.
        self.take_size(cast("Screen[object]", self).app.size)

    def take_size(self, size: Size) -> None:
        """Arrange everything for a terminal of this size."""
        screen = cast("Screen[object]", self)
        small = size.width < LEAST[0] or size.height < LEAST[1]
        over = screen.query(TooSmall)
        if small and not over:
            screen.mount(TooSmall())
        for widget in over:
            widget.display = small
            widget.redraw()
