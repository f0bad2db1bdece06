"""What is sent for a partial update: the cells that changed, each style once.

Textual 8.2.8 crops a partial update at its right end only, so a change in the last column
of a line resends the line, and it sends every segment's style and resets it again. A board
on a slow link is mostly that. Here spans are cropped at both ends and sent grouped by
style; order does not matter, every span names its position. Tied to the pinned version; a
test compares the resulting screens.
"""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor

_RESET = "\x1b[0m"


class TightUpdate(ChopsUpdate):
    def render_segments(self, console: Console) -> str:
        """The update as text for the terminal."""
        system = console._color_system or ColorSystem.TRUECOLOR
        groups: dict[str, list[str]] = {}
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                at = max(x, left)
                expected = -1
                last = ""
                for text, style, control in strip.crop(at - x, min(end, right) - x):
                    if control or not text:
                        continue
                    codes = _codes(style, system)
                    out = groups.setdefault(codes, [])
                    if codes != last or at != expected:
                        out.append(f"\x1b[{y + 1};{at + 1}H")
                    out.append(text)
                    at += cell_len(text)
                    expected, last = at, codes
        parts: list[str] = []
        for codes, texts in groups.items():
            parts += [f"\x1b[{codes}m" if codes else "", *texts, _RESET if codes else ""]
        return "".join(parts)


def _codes(style: Style | None, system: ColorSystem) -> str:
    return style._make_ansi_codes(system) if style is not None else ""


class TightCompositor(Compositor):
    def render_partial_update(self) -> ChopsUpdate | None:
        # What waited to be painted may be of a larger window than there is now.
        here = self.size.region
        self._dirty_regions = {within for each in self._dirty_regions if (within := each.intersection(here))}
        update = super().render_partial_update()
        return None if update is None else TightUpdate(update.chops, update.spans, update.chop_ends)

    def render_full_update(self, simplify: bool = False) -> Any:
        """All of it, in the same way: half of what Textual sends, which repeats the style with every segment."""
        if simplify:  # for a picture, not for a terminal
            return super().render_full_update(simplify)
        self._dirty_regions.clear()
        width, height = self.size
        chops = self._render_chops(self.size.region, lambda y: True)
        ends = [cuts[1:] for cuts in self.cuts]
        return TightUpdate(chops, [(y, 0, width) for y in range(height)], ends)
