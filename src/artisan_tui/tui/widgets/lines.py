"""A list of lines that repaints only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from artisan_tui.tui.cells import Run, differing, to_strip


class Lines(ScrollView):
    """Draws what `compose_lines` returns.

    Textual's compositor sends a refreshed region whole, changed or not; so this widget
    keeps the lines it drew, compares, and asks only for the cells that differ.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "-plain", "-dim", "-good", "-warn", "-bad", "-unknown", "-stale", "-accent", "-strong", "-cursor", "-title",
    }  # fmt: skip

    def __init__(self, *, id: str | None = None, can_focus: bool = True) -> None:  # Textual's own name
        super().__init__(id=id)
        self.can_focus = can_focus
        self._drawn: list[Strip] = []
        self._styles: dict[str, Style] = {}

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        """The whole content at this width, a list of runs a line."""
        raise NotImplementedError

    def cursor_line(self) -> int | None:
        """The line drawn as selected, if there is one."""
        return None

    # -- drawing ------------------------------------------------------------

    def redraw(self) -> None:
        """Draw anew and repaint the difference; nothing changed costs nothing."""
        width = self.scrollable_content_region.width
        if not width or not self.is_attached:
            return
        styles = self._styles or self._read_styles()
        cursor = self.cursor_line() if self.has_focus or not self.can_focus else None
        drawn = [
            to_strip(runs, width, styles, "-cursor" if index == cursor else "-plain")
            for index, runs in enumerate(self.compose_lines(width))
        ]
        before, self._drawn = self._drawn, drawn
        size = Size(width, len(drawn))
        if self.virtual_size != size:
            self.virtual_size = size
        top = self.scroll_offset.y
        regions = []
        for y in range(top, top + self.scrollable_content_region.height):
            old = before[y] if y < len(before) else None
            new = drawn[y] if y < len(drawn) else None
            if old is None and new is None:
                continue
            if old is None or new is None:
                regions.append(Region(0, y - top, width, 1))
            else:
                regions += [Region(start, y - top, cells, 1) for start, cells in differing(old, new)]
        if regions:
            self.refresh(*regions)

    def _read_styles(self) -> dict[str, Style]:
        self._styles = {
            "": Style(),
            **{
                name: self.get_component_rich_style(name, partial=name not in ("-plain", "-cursor"))
                for name in self.COMPONENT_CLASSES
            },
        }
        return self._styles

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index < len(self._drawn):
            return self._drawn[index].crop_extend(0, width, self._ground)
        return Strip.blank(width, self._ground)

    @property
    def _ground(self) -> Style:
        return (self._styles or self._read_styles())["-plain"]

    # -- life ---------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._drawn = []
        self.redraw()
        self.refresh()

    def watch_show_vertical_scrollbar(self) -> None:
        # Textual sends no resize when the scrollbar comes or goes, but a column does.
        self.call_later(self.redraw)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        # Textual calls this before it works out the component classes: read now, they are the old ones.
        self.call_later(self._restyle)

    def _restyle(self) -> None:
        before, self._styles = self._styles, {}
        if before and before["-plain"] != self._ground:
            self.refresh()
        self.redraw()

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def keep_in_view(self, line: int) -> None:
        """Scroll as little as needed to show ``line``."""
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if line < top:
            self.scroll_to(y=line, animate=False, immediate=True)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False, immediate=True)
