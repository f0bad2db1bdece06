"""What every full screen has: header, notices, key bar, and a clock that moves once a minute."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import _
from artisan_tui.tui.drills.banner import drill_texts
from artisan_tui.tui.kit.bars import KeyBar, Notices, alert_texts
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.painting import PaintsOnce
from artisan_tui.tui.kit.sized import Sized
from artisan_tui.tui.kit.slices import Shown

if TYPE_CHECKING:
    from textual.widget import Widget

    from artisan_tui.tui.kit.keys import Action
    from artisan_tui.tui.kit.place import Place


class ArtisanScreen(Sized, PaintsOnce, Screen[None]):
    """``place`` is what its place file declares. A subclass shows a snapshot in `show_snapshot`."""

    place: ClassVar[Place]

    def __init__(self) -> None:
        super().__init__()
        #: The slices that were drawn last.
        self.shown = Shown()
        self._hints: list[Action] = []
        self._shown_moment: datetime | None = None
        self._losses: int | None = None

    # -- what a place may offer -----------------------------------------------

    @property
    def selection(self) -> Mapping[str, str]:
        """The id of what is selected here, by the name of a command's parameter: ``{"check": "api.health"}``."""
        return {}

    def as_text(self) -> str:
        """What copying takes from here, "" while nothing is selected."""
        return ""

    def go_back(self) -> Awaitable[None] | None:
        """What Esc does."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        return None

    def next_pane(self) -> None:
        self.focus_next()

    def copy(self) -> None:
        text = self.as_text()
        if text:
            self.shell.copy_to_clipboard(text)
        else:
            self.shell.say(_("nothing is selected"))

    # -- time -----------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The moment that is shown."""
        return self.shell.moment or self.shell.clock.now()

    @property
    def minute(self) -> datetime:
        """The minute the clock shows. Ages are counted to it, so that they change with the clock and not between."""
        return self.now.replace(second=0, microsecond=0)

    @property
    def zone(self) -> tzinfo:
        return self.shell.zone

    def _wait_for_the_minute(self) -> None:
        now = self.shell.clock.now()
        self.set_timer(60.0 - now.second - now.microsecond / 1e6 + 0.02, self._minute_passed)

    def _minute_passed(self) -> None:
        if self.is_current and self.shell.moment is None:
            self.show_snapshot(self.shell.snapshot, everything=True)
        self._wait_for_the_minute()

    def moment_changed(self) -> None:
        """Another moment is shown: what this screen asked the store by itself is of another time."""

    def events_lost(self) -> None:
        """The store lost events: what this screen asked it for by itself may not be there any more."""
        self.moment_changed()

    # -- life -----------------------------------------------------------------

    def on_mount(self) -> None:
        self.ready = True
        self.words_changed()
        self._wait_for_the_minute()

    def on_screen_resume(self) -> None:
        if self.ready:
            self.show_snapshot(self.shell.snapshot, everything=True)

    def words_changed(self) -> None:
        """Draw everything again: the language or the keys changed."""
        self.query_one(KeyBar).show(self.shell.hints_at(self.place.id))
        self.show_snapshot(self.shell.snapshot, everything=True)

    def give_lines(self, panes: Widget, pane: Widget, lines: int) -> None:
        """Make ``pane`` so many lines high, also where ``panes`` are in a grid: then it is in the first row."""
        if pane.styles.height is None or pane.styles.height.value != lines:
            pane.styles.height = lines
            panes.styles.grid_rows = (lines, "1fr")

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        """Hand each widget its slice; ``everything`` also where no slice changed (ages do)."""
        if self._shown_moment != self.shell.moment:
            self._shown_moment = self.shell.moment
            self.moment_changed()
        if snapshot is not None and self.shell.moment is None:
            before, self._losses = self._losses, snapshot[JournalSlice].losses
            if before is not None and before != self._losses:
                self.events_lost()
        self.query_one(Header).show(snapshot, self.now, self.zone, self.shell.shown_moment)
        if snapshot is not None:
            more = (*drill_texts(snapshot), *self.shell.key_problems, *alert_texts(snapshot, self.zone))
            more = (*self.shell.past_texts(), *more)
            self.query_one(Notices).show(snapshot, self.zone, more)
            hints = self.shell.hints_at(self.place.id)
            if hints != self._hints:  # a place became available, or no longer is
                self._hints = hints
                self.query_one(KeyBar).show(hints)
