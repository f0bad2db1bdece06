"""The line above the key bar in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar, Protocol, cast

from textual.binding import Binding, BindingType

from artisan_tui.tui.kit.typed_line import TypedLine


class Filtered(Protocol):
    """A screen that has a `FilterPrompt`."""

    def filter_typed(self) -> None:
        """Close the line; the filter stays."""


class FilterPrompt(TypedLine):
    """Hidden until it is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "done", show=False, priority=True)]

    def __init__(self) -> None:
        super().__init__(id="prompt", placeholder="", select_on_focus=False)

    async def action_done(self) -> None:
        """A priority binding, awaited before the next key, which is meant for the list."""
        await self.typed()
        cast("Filtered", self.screen).filter_typed()
