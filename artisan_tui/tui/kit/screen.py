"""What every full screen has: header, notices, key bar, a clock that moves once a minute."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.kit.bars import Header, KeyBar, Notices, alert_texts
from artisan_tui.tui.kit.sized import Sized
from artisan_tui.tui.wire import TightCompositor

if TYPE_CHECKING:
    from textual.widget import Widget

    from artisan_tui.tui.actions import Action
    from artisan_tui.tui.app import ArtisanApp


class ArtisanScreen(Sized, Screen[None]):
    """``place`` names the screen to `actions.Action.where`."""

    place = ""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compositor = TightCompositor()
        #: Composed and mounted; what arrives before waits in the app until `on_mount` asks for it.
        self.begun = False
        self._hints: list[Action] = []

    @property
    def artisan(self) -> ArtisanApp:
        return cast("ArtisanApp", self.app)

    @property
    def now(self) -> datetime:
        return self.artisan.clock.now()

    @property
    def minute(self) -> datetime:
        """The minute the clock shows. Ages are counted to it, so that they change with the clock and not between."""
        return self.now.replace(second=0, microsecond=0)

    @property
    def zone(self) -> tzinfo:
        return self.artisan.zone

    def on_mount(self) -> None:
        self.begun = True
        self.query_one(KeyBar).show(self.artisan.hints_at(self.place))
        self.show_snapshot(self.artisan.snapshot, everything=True)
        self._wait_for_the_minute()

    def on_screen_resume(self) -> None:
        if self.begun:
            self.show_snapshot(self.artisan.snapshot, everything=True)

    def words_changed(self) -> None:
        """Say everything again: the language is another, or the keys are."""
        self.query_one(KeyBar).show(self.artisan.hints_at(self.place))
        self.show_snapshot(self.artisan.snapshot, everything=True)

    def _wait_for_the_minute(self) -> None:
        now = self.now
        self.set_timer(60.0 - now.second - now.microsecond / 1e6 + 0.02, self._minute_passed)

    def _minute_passed(self) -> None:
        if self.is_current:
            self.show_snapshot(self.artisan.snapshot, everything=True)
        self._wait_for_the_minute()

    def give_lines(self, panes: str, pane: Widget, lines: int) -> None:
        """Make ``pane`` so many lines high, also where ``panes`` stand side by side: then it is in the first row."""
        if pane.styles.height is None or pane.styles.height.value != lines:
            pane.styles.height = lines
            self.query_one(panes).styles.grid_rows = (lines, "1fr")

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        """Hand each widget its slice; ``everything`` also when no version moved (ages do)."""
        self.query_one(Header).show(snapshot, self.now, self.zone)
        if snapshot is not None:
            more = (*self.artisan.key_problems, *alert_texts(snapshot))
            self.query_one(Notices).show(snapshot.session_status, self.zone, more)
            hints = self.artisan.hints_at(self.place)
            if hints != self._hints:  # the first SLO came, or the last one went
                self._hints = hints
                self.query_one(KeyBar).show(hints)
