"""Whether what a screen draws fits the size of its terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len

from artisan_tui.tui.kit.lines import Lines
from support.screens import strips

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from artisan_tui.tui.app import ArtisanApp


async def fits(pilot: Pilot[Any]) -> None:
    """Every line is as wide as its place."""
    app = cast("ArtisanApp", pilot.app)
    for _turn in range(5):
        await pilot.pause()
    for widget in app.screen.query(Lines):
        width = widget.scrollable_content_region.width
        if not width or not widget.display:
            continue
        for strip in strips(widget):
            assert sum(cell_len(segment.text) for segment in strip) == width, (widget, strip.text)
