"""What is shown above a screen until it is closed."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Generic, TypeVar, cast

from textual._context import visible_screen_stack
from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import _RenderCache

from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.snapshot import SessionStatus
from artisan_tui.tui.kit.backdrop import drawn_backdrop
from artisan_tui.tui.kit.keys import CLOSE
from artisan_tui.tui.kit.painting import PaintsOnce
from artisan_tui.tui.kit.sized import Sized

T = TypeVar("T")
DIALOG_CSS = Path(__file__).with_name("dialog.tcss")


class Box(Vertical):
    """The frame of a dialog."""


class Dialog(Sized, PaintsOnce, ModalScreen[T], Generic[T]):
    """Has a red frame in production, so that nobody takes it for the drill. Answers once: a second key comes too late.

    Its keys have priority: each is handled before the next one is looked at, which may be meant for what is below.
    """

    CSS_PATH = DIALOG_CSS
    BINDINGS: ClassVar[list[BindingType]] = [Binding(CLOSE[1], "dismiss(None)", show=False, id=CLOSE[0], priority=True)]

    def on_mount(self) -> None:
        self.ready = True
        snapshot = self.shell.snapshot
        if snapshot is not None:
            self.add_class(snapshot[SessionStatus].environment or "none")
            if snapshot[LiveDrillSlice].id:
                self.add_class("live-drill")
                for box in self.query(Box):
                    title = str(box.border_title or "")
                    box.border_title = f"DRILL {title}" if not title.startswith("DRILL") else title

    def _render_content(self) -> None:
        """Textual's, but only the lines of the screen below that changed."""
        stack = visible_screen_stack.get([])
        if not stack or stack[-1] is self or self.styles.background.a == 1:
            super()._render_content()
            return
        below = stack.pop()  # what that one is drawn over is the next
        known = self._render_cache.lines if self._render_cache.size == self.size else []
        self._render_cache = _RenderCache(self.size, drawn_backdrop(self, known, self._dirty_regions, below))
        self._dirty_regions.clear()

    def on_unmount(self) -> None:
        # Textual keys this cache of two colours by what drew, so it keeps a thousand of those with all their lines.
        StylesCache.get_inner_outer.cache_clear()

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()  # type: ignore[no-untyped-call]

    async def action_dismiss(self, result: object = None) -> None:
        self.dismiss(cast("T | None", result))
