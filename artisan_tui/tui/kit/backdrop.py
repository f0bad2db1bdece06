"""What a dialog shows around its box: the screen below it, tinted. Only the lines that changed are drawn again.

Textual 8.2.8 draws that screen whole, and mixes the colours of each of its segments, whenever one line of it changed.
A run that goes on below an open dialog changes some lines several times a second, and a key waited for all the others.
Whatever changed there once it takes for changed at every later time, too, and of a stack of dialogs it tells the last one
only. Tied to the pinned version; `test_tui_backdrop.py` compares the screens with those that Textual draws from nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.screen import Screen


@lru_cache(4096)
def _tinted(style: Style | None, color: Color) -> Style | None:
    (drawn,) = BackgroundScreen.process_segments([Segment("x", style)], color)
    return drawn.style


def _line(strips: Iterable[Strip | None], color: Color) -> Strip:
    drawn = Strip.join(each for each in strips if each is not None)
    return Strip(
        [
            segment if segment.control else Segment(segment.text, _tinted(segment.style, color), None)
            for segment in drawn
        ],
        drawn.cell_length,
    )


def drawn_backdrop(
    screen: Screen[Any], known: Sequence[Strip], dirty: Iterable[Region], below: Screen[Any]
) -> list[Strip]:
    """The lines of ``screen`` with ``below`` seen through it; those that no ``dirty`` region touches are as ``known``."""
    size, color = screen.size, screen.styles.background
    regions = tuple(dirty) if len(known) == size.height else (size.region,)
    changed = {y for region in regions for y in region.line_range if 0 <= y < size.height}
    lines = list(known) if len(known) == size.height else [Strip.blank(size.width)] * size.height
    if changed:
        first, last = min(changed), max(changed)
        # Where the screen below is of another size, it is drawn as far as it goes.
        chops = below._compositor._render_chops(Region(0, first, size.width, last - first + 1), changed.__contains__)
        for y in changed:
            if y < len(chops):
                lines[y] = _line(chops[y].values(), color)
    return lines


def changed_below(screen: Screen[Any]) -> bool:
    """Tell what is drawn over ``screen`` which of its regions changed; False where nothing is seen through anything."""
    app, regions = screen.app, screen._compositor._dirty_regions
    behind = app._background_screens
    if app.is_inline or screen is app.screen or screen not in behind or not regions:
        return False
    changed = tuple(regions)
    regions.clear()
    screen._dirty_widgets.clear()
    for above in behind[behind.index(screen) + 1 :]:
        above._set_dirty(*changed)
    app.screen.refresh(*changed)
    return True
