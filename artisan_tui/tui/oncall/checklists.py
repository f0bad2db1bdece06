"""Screen 8: the checklists, overdue ones first, and who ticked what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.message import Message

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice
from artisan_tui.engine.oncall.checklists import ChecklistsQuery
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.reports.oncall.checklists import in_language, one_checklist_lines
from artisan_tui.tui.cells import Run, wrapped
from artisan_tui.tui.command_dialogs import fill_in
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.oncall.checklist_rows import ABOUT, ChecklistLine, about_lines, lines_of
from artisan_tui.tui.oncall.place import CHECKLISTS

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.oncall.checklists import ChecklistState
    from artisan_tui.engine.snapshot import Snapshot


#: Below this many lines the list has them all.
_LOW = 18


class ChecklistLines(Lines):
    """What is selected stays selected wherever it moves. The first that is open is unfolded to begin with."""

    class Moved(Message):
        """Another line is selected."""

    class Pressed(Message):
        """The selected line was clicked again."""

    def __init__(self) -> None:
        super().__init__(id="checklists")
        self.lines: list[ChecklistLine] = []
        self._states: tuple[ChecklistState, ...] = ()
        self._empty = ""
        self._unfolded: set[str] | None = None
        self._selected: tuple[str, str] | None = None
        self._at = datetime.now(UTC)
        self._zone: tzinfo = UTC

    def show_states(self, states: tuple[ChecklistState, ...], empty: str, at: datetime, zone: tzinfo) -> None:
        """``empty`` is what to say where there are none."""
        self._states, self._empty, self._at, self._zone = states, empty, at, zone
        if self._unfolded is None and states:
            first = next((each for each in states if each.opened and not each.complete), None)
            self._unfolded = set() if first is None else {first.subject}
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        self.lines = lines_of(self._states, self._unfolded or (), self._at, self._zone, width)
        if not self.lines:
            return [[(f" {part}", "-dim")] for part in wrapped(self._empty, max(10, width - 2))]
        keys = [line.key for line in self.lines]
        if self._selected not in keys:
            subject = self._selected[0] if self._selected else ""
            self._selected = (subject, "") if (subject, "") in keys else keys[0]
        return [line.runs for line in self.lines]

    @property
    def selected(self) -> ChecklistLine | None:
        """The line that the keys act on."""
        return next((line for line in self.lines if line.key == self._selected), None)

    def cursor_line(self) -> int | None:
        return next((i for i, line in enumerate(self.lines) if line.key == self._selected), None)

    def fold(self, subject: str) -> None:
        """Show the items of this checklist, or hide them."""
        unfolded = self._unfolded if self._unfolded is not None else set()
        self._unfolded = unfolded ^ {subject}
        self._selected = (subject, "")
        self.redraw()
        at = self.cursor_line()
        if at is not None:
            self.keep_in_view(at)

    def advance(self) -> None:
        """To the next item of the same checklist, after this one was ticked."""
        at = self.cursor_line()
        if at is None or at + 1 >= len(self.lines) or self.lines[at + 1].state.subject != self.lines[at].state.subject:
            return
        self._choose(at + 1)

    def move(self, how: str) -> None:
        at = self.cursor_line()
        if at is not None:
            self._choose(moved(how, at, len(self.lines), self._page))

    def _choose(self, at: int) -> None:
        self._selected = self.lines[at].key
        self.keep_in_view(at)
        self.redraw()
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self.lines):
            again = self.lines[line].key == self._selected
            self._choose(line)
            if again:
                self.post_message(self.Pressed())


class ChecklistAbout(Lines):
    """More of what is selected."""

    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._line: ChecklistLine | None = None
        self._at, self._zone = datetime.now(UTC), UTC

    def show_line(self, line: ChecklistLine | None, at: datetime, zone: tzinfo) -> None:
        self._line, self._at, self._zone = line, at, zone  # type: ignore[assignment]  # any zone
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return about_lines(self._line, self._at, self._zone, width)


class ChecklistScreen(ArtisanScreen):
    CSS = (
        f"ChecklistScreen .brief-pane {{ height: {ABOUT + 1}; }}\nChecklistScreen.-low .brief-pane {{ display: none; }}"
    )
    place = CHECKLISTS

    def __init__(self) -> None:
        super().__init__()
        self._states: tuple[ChecklistState, ...] = ()
        self._empty = ""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="list-pane"):
                yield Title("checklists-title", N_("Checklists"), self.shell.glyphs.rule)
                yield ChecklistLines()
            with Pane(classes="brief-pane"):
                yield Title("checklist-title", "", self.shell.glyphs.rule)
                yield ChecklistAbout()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ChecklistLines).focus()

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.height < _LOW, "-low")

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._read()

    def _read(self) -> None:
        self.run_worker(self._ask, exclusive=True, group="checklists", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        try:
            # Where the screen shows a past moment, as it was then.
            self._states = await self.shell.ask(ChecklistsQuery(self.shell.moment))
            self._empty = _(
                "there is no checklist: `artisan-tui checklist init` writes those of the operations documents"
            )
        except LookupError as error:
            self._states, self._empty = (), problem_text(printable(str(error.args[0]) if error.args else "", 1000))
        self._draw()

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        if self.shown.changed(snapshot, ChecklistSlice):
            self.shown.drew(snapshot)
            self._read()
        elif everything:
            self._draw()

    def _draw(self) -> None:
        at = self.now
        self.query_one(ChecklistLines).show_states(
            self._states, self._empty or _("reading the checklists"), at, self.zone
        )
        late = sum(each.overdue(at) for each in self._states)
        open_ = sum(each.opened and not each.complete for each in self._states)
        # What cannot be read is not "0 to do".
        right: list[Run] = []
        if self._states:
            right = [(ngettext("{n} to do", "{n} to do", open_).format(n=open_), "-dim")]
        if late:
            right = [(ngettext("{n} overdue", "{n} overdue", late).format(n=late), "-bad"), ("  ", ""), *right]
        self.query_one("#checklists-title", Title).show(right)
        self.on_checklist_lines_moved()

    def on_checklist_lines_moved(self) -> None:
        self.query_one(ChecklistAbout).show_line(self._chosen, self.now, self.zone)

    def on_checklist_lines_pressed(self) -> None:
        self.press()

    @property
    def _chosen(self) -> ChecklistLine | None:
        return self.query_one(ChecklistLines).selected

    def as_text(self) -> str:
        chosen = self._chosen
        return "" if chosen is None else "\n".join(one_checklist_lines(chosen.state, self.now, self.zone))

    # -- keys -----------------------------------------------------------------

    def press(self) -> AwaitMount | None:
        chosen = self._chosen
        if chosen is None:
            self.shell.say(_("nothing is selected"))
            return None
        if chosen.item is not None:
            return self.tick()
        self.query_one(ChecklistLines).fold(chosen.state.subject)
        self.on_checklist_lines_moved()
        return None

    def tick(self) -> AwaitMount | None:
        chosen = self._item()
        if chosen is None:
            return None
        item = chosen.item
        assert item is not None
        saw = item.state == "failed" and item.mark is not None and bool(item.mark.verified)
        if item.item.evidence or saw:
            return self._fill("tick", chosen)
        self.shell.execute("checklist.tick", self._known(chosen))
        self.query_one(ChecklistLines).advance()
        return None

    def tick_with_evidence(self) -> AwaitMount | None:
        chosen = self._item()
        return None if chosen is None else self._fill("tick", chosen)

    def fail(self) -> AwaitMount | None:
        chosen = self._item()
        return None if chosen is None else self._fill("fail", chosen)

    def skip(self) -> AwaitMount | None:
        chosen = self._item()
        return None if chosen is None else self._fill("skip", chosen)

    def untick(self) -> AwaitMount | None:
        chosen = self._item()
        if chosen is not None:
            self.shell.execute("checklist.untick", self._known(chosen))
        return None

    def verify(self) -> None:
        chosen = self._chosen
        if chosen is None:
            self.shell.say(_("nothing is selected"))
            return
        known = self._known(chosen)
        self.shell.say(_("looking at {what}").format(what=known.get("item", chosen.state.id)))
        self.shell.execute("checklist.verify", known)

    def open_new(self) -> AwaitMount | None:
        chosen = self._chosen
        if chosen is None:
            self.shell.say(_("nothing is selected"))
            return None
        about = in_language(chosen.state.title, chosen.state.title_ko)
        return fill_in(self.shell, "checklist.open", {}, {"checklist": chosen.state.id}, about)

    def drop(self) -> AwaitMount | None:
        chosen = self._chosen
        if chosen is None:
            self.shell.say(_("nothing is selected"))
            return None
        about = f"{in_language(chosen.state.title, chosen.state.title_ko)} {chosen.state.key}"
        return fill_in(self.shell, "checklist.drop", {"checklist": chosen.state.subject}, {}, about)

    def _item(self) -> ChecklistLine | None:
        chosen = self._chosen
        if chosen is None or chosen.item is None:
            self.shell.say(_("select an item: Enter shows those of a checklist"))
            return None
        return chosen

    def _known(self, chosen: ChecklistLine) -> dict[str, str]:
        state = chosen.state
        found = {"checklist": state.subject if state.opened else state.id}
        return found if chosen.item is None else {**found, "item": chosen.item.id}

    def _fill(self, what: str, chosen: ChecklistLine) -> AwaitMount:
        item = chosen.item
        assert item is not None
        about = in_language(item.title, item.title_ko)
        if item.said:
            about = f"{about}: {item.said}"
        offered = {"evidence": item.evidence}
        return fill_in(self.shell, f"checklist.{what}", self._known(chosen), offered, about)
