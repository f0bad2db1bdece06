"""A list of lines that repaints only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from artisan_tui.tui.cells import Run, differing, to_strip
from artisan_tui.tui.kit.shell import InShell

if TYPE_CHECKING:
    from artisan_tui.tui.styles import RoleStyles


class WholeCells(ScrollBarRender):
    """A scrollbar of whole cells: eighths of one would be sent at every step, and ASCII has none."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


ScrollBar.renderer = WholeCells


#: Lines too many for which it is tried whether they fit without the scrollbar.
_NEARLY = 6


class Lines(InShell, ScrollView, inherit_bindings=False):
    """Draws what `compose_lines` returns, or, for long lists, what `prepare` and `strip_at` do.

    Textual's compositor sends a refreshed region whole, changed or not; so this widget
    keeps the lines that it drew, compares them, and asks only for the cells that differ.
    Only lines in view are drawn.
    """

    #: The role of the background.
    GROUND = "-plain"

    def __init__(self, *, id: str | None = None, can_focus: bool = True) -> None:  # Textual's own name
        super().__init__(id=id)
        self.can_focus = can_focus
        self._composed: Sequence[Sequence[Run]] = ()
        self._drawn: dict[int, Strip] = {}
        self._role_styles: RoleStyles | None = None
        self._cursor: int | None = None
        self._prepared = (-1, 0)  # (width, lines)
        self._marked = ("", "")

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        """The whole content at this width: a list of runs for each line."""
        raise NotImplementedError

    def prepare(self, width: int) -> int:
        """Get ready to draw at this width; how many lines there are."""
        self._composed = self.compose_lines(width)
        return len(self._composed)

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        """One prepared line, drawn."""
        return to_strip(self._composed[index], width, styles, ground)

    def cursor_line(self) -> int | None:
        """The line drawn as selected, if there is one."""
        return None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """For a list that is as high as its content: dialogs, notices."""
        return len(self.compose_lines(width)) if width else 0

    # -- drawing ------------------------------------------------------------

    def redraw(self) -> None:
        """Draw what is in view again and repaint the difference; where nothing changed, nothing is sent."""
        width = self.scrollable_content_region.width
        if not width or not self.is_attached:
            return
        count = self.prepare(width)
        height = self.scrollable_content_region.height
        if self.show_vertical_scrollbar and height < count <= height + _NEARLY:
            # The scrollbar may be there only because of the lines that wrap beside it.
            whole = width + self.styles.scrollbar_size_vertical
            if self.prepare(whole) <= height:
                self.virtual_size = Size(whole, height)
                self._refresh_scrollbars()
                return  # it goes, and then everything is drawn at the new width
            count = self.prepare(width)
        self._prepared = (width, count)
        self._take_size(Size(width, count))
        self._cursor = self.cursor_line()
        before, self._drawn = self._drawn, {}
        top = self.scroll_offset.y
        regions = []
        for y in range(top, top + height):
            old = before.get(y)
            new = self._draw(y, width, count)
            if old is None and new is None:
                continue
            if old is None or new is None:
                regions.append(Region(0, y - top, width, 1))
            else:
                regions += [Region(start, y - top, cells, 1) for start, cells in differing(old, new)]
        marks = self._marks(count)
        if marks != self._marked:
            # What lies beyond the edges is told on the first and the last line.
            self._marked = marks
            regions += [Region(0, 0, width, 1), Region(0, height - 1, width, 1)]
        if regions:
            self.refresh(*regions)

    def beyond(self, lines: range) -> str:
        """What is said of the lines that are scrolled out at one edge: how many, and what is among them."""
        return str(len(lines))

    def _marks(self, count: int) -> tuple[str, str]:
        """The marks at the upper and the lower edge, "" where nothing is scrolled out."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        above, below = range(min(top, count)), range(min(top + height, count), count)
        # One line with two marks could not show anything else; a header never scrolls.
        if height < 2 or (not above and not below):
            return "", ""
        return f" ▲ {self.beyond(above)}" if above else "", f" ▼ {self.beyond(below)}" if below else ""

    def _take_size(self, size: Size) -> None:
        """Tell Textual how much there is to scroll, without a layout of the whole screen where that can be avoided.

        Setting `virtual_size` repaints everything; a line more in the journal moves at most the scrollbar.
        """
        before, height = self.virtual_size, self.scrollable_content_region.height
        if before == size:
            return
        overflows = size.height > height
        if size.width != before.width or overflows != (before.height > height):
            self.virtual_size = size
            # Textual updates the scrollbar only when it gave us another size itself.
            self._refresh_scrollbars()
            return
        self.set_reactive(Lines.virtual_size, size)
        if overflows:
            self.vertical_scrollbar.window_virtual_size = size.height
            if self.scroll_offset.y > size.height - height:
                self.scroll_to(y=size.height - height, animate=False, immediate=True)

    def _draw(self, index: int, width: int, count: int) -> Strip | None:
        if index >= count:
            return None
        ground = self.GROUND if index != self._cursor else "-cursor" if self.has_focus else "-cursor-away"
        strip = self.strip_at(index, width, self._styles, ground)
        self._drawn[index] = strip
        return strip

    @property
    def _styles(self) -> RoleStyles:
        if self._role_styles is None:
            self._role_styles = self.shell.role_styles
        return self._role_styles

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        ground = self._styles[self.GROUND]
        if width != self._prepared[0]:
            # The first frame is painted before the widget knows its size: draw what is known.
            self._prepared = (width, self.prepare(width))
            self._cursor = self.cursor_line()
        strip = self._drawn.get(index)
        if strip is None:
            strip = self._draw(index, width, self._prepared[1])
        whole = Strip.blank(width, ground) if strip is None else strip.crop_extend(0, width, ground)
        last = self.scrollable_content_region.height - 1
        mark = self._marks(self._prepared[1])[0 if y == 0 else 1] if y in (0, last) else ""
        size = cell_len(mark)
        if not mark or size > width // 2:
            return whole
        return Strip.join([whole.crop(0, width - size), Strip([Segment(mark, ground + self._styles["-accent"])], size)])

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        """Carry out one of `kit.keys.MOVES`. Where nothing is selected, moving is scrolling."""
        self.scroll_to(y=moved(how, self.scroll_offset.y, self.virtual_size.height, self._page), animate=False)

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    # -- life ---------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._prepared[0]:
            self._drawn = {}
        self.redraw()

    def watch_show_vertical_scrollbar(self) -> None:
        # Textual sends no resize when the scrollbar appears or disappears, but the width changes by a column.
        self.call_later(self.redraw)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._role_styles is not None and self._role_styles is not self.shell.role_styles:
            self._role_styles = None
            self._drawn = {}
            self.redraw()
            self.refresh()

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


def moved(how: str, at: int, count: int, page: int) -> int:
    """The line that a move leads to from line ``at`` of ``count``."""
    steps = {"list.up": -1, "list.down": 1, "list.page-up": -page, "list.page-down": page}
    to = {"list.first": 0, "list.last": count - 1}.get(how, at + steps.get(how, 0))
    return max(0, min(count - 1, to))
