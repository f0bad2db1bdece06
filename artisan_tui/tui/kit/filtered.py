"""A screen with one list, and a line in which words are typed that its rows must have."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.widgets import Input

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.kit.prompt import FilterPrompt
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.widget import Widget


class FilteredScreen(ArtisanScreen):
    """``words`` is the filter. Subclasses compose a `FilterPrompt`, name their ``listed`` widget, and ``show_filtered``."""

    words = ""
    #: What may be typed.
    TYPED: ClassVar[str] = N_("words, !word; Esc clears")
    #: Cells of the filter in a title.
    MOST_SHOWN: ClassVar[int] = 24

    @property
    def listed(self) -> Widget:
        """The list that has the keys."""
        raise NotImplementedError

    def show_filtered(self) -> None:
        """Draw again, with other words."""
        raise NotImplementedError

    def allows(self, *texts: str) -> bool:
        """Whether a row with these texts has every word of the filter, and none with ! in front."""
        text = " ".join(texts).casefold()
        for word in self.words.casefold().split():
            if word.startswith("!"):
                if len(word) > 1 and word[1:] in text:
                    return False
            elif word not in text:
                return False
        return True

    @property
    def filter_shown(self) -> list[Run]:
        """The filter as a title shows it."""
        words = printable(self.words, 200)
        shown = fit(words, min(self.MOST_SHOWN, cell_len(words))).rstrip()
        return [(shown + " ", "-accent")] if shown else []

    def open_filter(self) -> None:
        prompt = self.query_one(FilterPrompt)
        prompt.placeholder = _(self.TYPED)
        prompt.display = True
        self.set_focus(prompt)

    async def go_back(self) -> None:
        """The filter is cleared first; then back to where one came from."""
        prompt = self.query_one(FilterPrompt)
        if self.focused is prompt:
            await prompt.typed()
        if not prompt.display and not self.words:
            await self.leave()
            return
        prompt.value = ""
        self._filter("")
        self.filter_typed()

    async def leave(self) -> None:
        """Go back where there is no filter to clear."""
        super().go_back()

    @on(Input.Changed, "#prompt")
    def _filter_changed(self, event: Input.Changed) -> None:
        self._filter(event.value)

    def _filter(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.show_filtered()

    def filter_typed(self) -> None:
        self.query_one(FilterPrompt).display = False
        self.set_focus(self.listed)
