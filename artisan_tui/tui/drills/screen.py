"""Screen 7: the scenarios and how they went; in a drill, the drill itself, for its facilitator with the truth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.drills.queries import DrillsKnown, KnownDrills
from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.i18n import N_, _
from artisan_tui.tui.cells import Run
from artisan_tui.tui.command_dialogs import carry_out, fill_in
from artisan_tui.tui.drills.place import DRILLS
from artisan_tui.tui.drills.rows import (
    DrillLine,
    about_lines,
    catalogue_lines,
    facilitator_lines,
    player_lines,
    selectable,
)
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.engine.snapshot import Snapshot


#: Seconds for which Enter does nothing after another line took the place of the selected one: a key is pressed twice easily.
_SETTLES = 1.0


class DrillLines(Lines):
    """Lines of which some can be selected; what is selected stays selected wherever it moves."""

    class Moved(Message):
        """Another line is selected."""

    def __init__(self) -> None:
        super().__init__(id="drills")
        self.lines: list[DrillLine] = []
        self._known: KnownDrills | None = None
        self._drill = LiveDrillSlice()
        self._facilitates = False
        self._empty = ""
        self._selected = ("", "")
        #: When what was selected went away and the first line took its place.
        self._jumped_at: float | None = None

    def show_known(self, known: KnownDrills | None, empty: str) -> None:
        """The catalogue, or why there is none."""
        self._known, self._empty = known, empty
        self.redraw()

    def show_drill(self, drill: LiveDrillSlice, *, facilitates: bool) -> None:
        """The drill that this session is in."""
        self._drill, self._facilitates = drill, facilitates
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._drill.id:
            self.lines = (facilitator_lines if self._facilitates else player_lines)(self._drill, width)
        elif self._known is not None:
            self.lines = catalogue_lines(self._known, width)
        else:
            self.lines = [DrillLine([(" " + self._empty, "-dim")])]
        if self.selected is None:
            self._jumped_at = self.shell.clock.monotonic() if any(self._selected) else None
            first = next(iter(selectable(self.lines)), None)
            self._selected = ("", "") if first is None else self.lines[first][1:]
        return [line.runs for line in self.lines]

    @property
    def selected(self) -> DrillLine | None:
        """The line that the keys act on."""
        return next((line for line in self.lines if line.do and (line.do, line.what) == self._selected), None)

    @property
    def just_jumped(self) -> bool:
        """Whether a key pressed now may be meant for the line that was selected before: Pause stands where Begin stood."""
        return self._jumped_at is not None and self.shell.clock.monotonic() - self._jumped_at < _SETTLES

    def cursor_line(self) -> int | None:
        return next(
            (i for i, each in enumerate(self.lines) if each.do and (each.do, each.what) == self._selected), None
        )

    def move(self, how: str) -> None:
        chances, at = selectable(self.lines), self.cursor_line()
        if not chances or at is None:
            super().move(how)
            return
        place = moved(how, chances.index(at), len(chances), self._page)
        if how in ("list.down", "list.page-down", "list.last") and chances[place] == at:
            super().move(how)  # what stands below the last button is to be read, too
            return
        line = self.lines[chances[place]]
        self._selected, self._jumped_at = (line.do, line.what), None
        self.keep_in_view(0 if place == 0 else chances[place])
        self.redraw()
        self.post_message(self.Moved())


class DrillsScreen(ArtisanScreen):
    place = DRILLS

    def __init__(self) -> None:
        super().__init__()
        self._known: KnownDrills | None = None
        self._empty = ""

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes(), Pane():
            yield Title("drills-title", N_("Drills"), glyphs.rule)
            yield DrillLines()
        yield DrillAbout()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(DrillLines).focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if not self.shell.session.drill:
            self.run_worker(self._ask, exclusive=True, group="drills", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        try:
            self._known, self._empty = await self.shell.ask(DrillsKnown()), ""
        except LookupError as error:
            self._empty = printable(str(error.args[0]) if error.args else "", 300)
        self._draw()

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, LiveDrillSlice)):
            return
        self.shown.drew(snapshot)
        self._draw()

    def _draw(self) -> None:
        lines, session = self.query_one(DrillLines), self.shell.session
        if session.drill and self.shell.snapshot is not None:
            lines.show_drill(self.shell.snapshot[LiveDrillSlice], facilitates=session.facilitates)
        else:
            lines.show_known(self._known, self._empty or _("reading the scenarios"))
        self.on_drill_lines_moved()

    def on_drill_lines_moved(self) -> None:
        """What the selected scenario is, below the list."""
        chosen = self.query_one(DrillLines).selected
        about = self.query_one(DrillAbout)
        rows = () if self._known is None or chosen is None or chosen.do != "start" else self._known.scenarios
        row = next((each for each in rows if chosen is not None and each.id == chosen.what), None)
        about.display = row is not None
        about.show(about_lines(row, max(20, self.app.size.width)))

    # -- keys -----------------------------------------------------------------

    def as_text(self) -> str:
        chosen = self.query_one(DrillLines).selected
        return "" if chosen is None else "".join(text for text, _role in chosen.runs).strip()

    def press(self) -> AwaitMount | None:
        """What Enter does on the selected line."""
        chosen = self.query_one(DrillLines).selected
        if chosen is None:
            self.shell.say(_("nothing is selected"))
            return None
        if chosen.do == "start":
            return self._start(chosen.what)
        if chosen.do == "join":
            self.shell.leave_for(Path(chosen.what))
            return None
        if chosen.do == "debrief":
            return self.shell.open("debrief", folder=Path(chosen.what) if chosen.what else None)
        if chosen.do == "answer":
            return fill_in(self.shell, "drill.answer", {"message": chosen.what}, {}, self._message(chosen.what))
        if chosen.do == "speed":
            return fill_in(self.shell, "drill.speed", {}, {}, "")
        if self.query_one(DrillLines).just_jumped:  # what is above asks first, or only shows
            self.shell.say(_("this line has just changed: press again if you mean it"))
            return None
        known = {"send": {"inject": chosen.what}, "remove": {"player": chosen.what}}.get(chosen.do, {})
        return carry_out(self.shell, f"drill.{chosen.do}", known, "")

    def hold(self) -> AwaitMount | None:
        """Hold the selected message, or no longer."""
        chosen = self.query_one(DrillLines).selected
        if chosen is None or chosen.do != "send":
            self.shell.say(_("no message that comes next is selected"))
            return None
        return carry_out(self.shell, "drill.hold", {"inject": chosen.what}, "")

    def _message(self, wanted: str) -> str:
        snapshot = self.shell.snapshot
        messages = () if snapshot is None else snapshot[LiveDrillSlice].messages
        return next((f"{each.sender}: {each.text}" for each in messages if each.id == wanted), "")

    def _start(self, scenario: str) -> AwaitMount:
        from artisan_tui.tui.drills.starting import ask_for_drill

        rows = () if self._known is None else self._known.scenarios
        return ask_for_drill(self.shell, scenario, next((each for each in rows if each.id == scenario), None))


class DrillAbout(Lines):
    """What the selected scenario is."""

    DEFAULT_CSS = "DrillAbout { height: auto; max-height: 5; }"

    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._lines: list[DrillLine] = []

    def show(self, lines: list[DrillLine]) -> None:
        """Show these lines; none take no room."""
        if lines != self._lines:
            self._lines = lines
            self.refresh(layout=True)
            self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [line.runs for line in self._lines]
