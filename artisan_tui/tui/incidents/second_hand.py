"""A screen with clocks: it has a timer of its own only while one of them counts its last minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.tui.incidents.clocks import wakes_in
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.timer import Timer


class ClockScreen(ArtisanScreen):
    """A subclass says its ``deadlines`` and draws its clocks in `show_clocks`."""

    _hand: Timer | None = None

    @property
    def deadlines(self) -> Iterable[datetime | None]:
        return ()

    def show_clocks(self) -> None:
        """Draw the clocks again; what did not change is not sent."""

    def wind(self) -> None:
        """Call this whenever the clocks were drawn: it sets the timer anew, or stops it."""
        if self._hand is not None:
            self._hand.stop()
            self._hand = None
        wait = wakes_in(self.deadlines, self.now)
        if wait is not None and self.is_current:
            self._hand = self.set_timer(wait + 0.01, self._passed)

    def _passed(self) -> None:
        if self.is_current:
            self.show_clocks()
            self.wind()
