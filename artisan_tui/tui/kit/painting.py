"""Paints a screen once where Textual paints it several times, each time whole: a slow link carries every one of them.

Textual 8.2.8 lays a new screen out when it comes to the front, and again when the screen is told of the size that it was just
laid out for; and where both a layout and a repaint wait, it paints the layout and then all of it once more. A dialog was
painted five times, 90 kB in all. Tied to the pinned version; a test counts the bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from artisan_tui.tui.wire import TightCompositor

if TYPE_CHECKING:
    from textual.geometry import Size

    _Base = Screen[Any]
else:
    _Base = object


class PaintsOnce(_Base):
    """Mixed into every screen and dialog of ours, before Textual's class."""

    #: Not painted yet: what is in it has not heard of its size, and would be painted empty first.
    _unpainted = True

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._compositor = TightCompositor()

    def _screen_resized(self, size: Size) -> None:
        if self._compositor.root is not self or self._compositor.size != size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        # The program's very first screen is shown as soon as anything can be.
        if not (self._unpainted and self.is_current and self.app._dom_ready):
            super()._compositor_refresh()

    def _on_timer_update(self) -> None:
        if self.is_current and not self.app._batch_count:
            self._unpainted = False
            if self._layout_required and self._repaint_required:
                self._repaint_required = False
                self._compositor._dirty_regions.add(self.size.region)
        super()._on_timer_update()
