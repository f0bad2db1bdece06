"""Sends the cells of a region that changed, and not what stands to the left of them.

Textual 8.2.8 crops a partial update at its right end only: a change in the last column of
a line resends the whole line. On a slow link that is three quarters of the bytes of a
board whose numbers change at the right. Tied to the pinned version; a test compares the
screen both ways.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class TightUpdate(ChopsUpdate):
    def render_segments(self, console: Console) -> str:
        """The update as text for the terminal: each span cropped at both ends."""
        out: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                begin = max(x, left)
                out.append(Control.move_to(begin, y).segment.text)
                out.append(strip.crop(begin - x, min(end, right) - x).render(console))
        return "".join(out)


class TightCompositor(Compositor):
    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else TightUpdate(update.chops, update.spans, update.chop_ends)
