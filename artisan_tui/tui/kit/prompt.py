"""The line above the key bar in which a filter is typed."""

from __future__ import annotations

from textual.widgets import Input


class FilterPrompt(Input):
    """Hidden until it is opened. Its cursor does not blink: a blink is traffic."""

    def __init__(self) -> None:
        super().__init__(id="prompt", placeholder="", select_on_focus=False)
        self.cursor_blink = False
