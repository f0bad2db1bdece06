"""Screen 6: the hand-over review, made to be read together from a projected terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.handoff_files import WriteReview
from artisan_tui.engine.oncall.handoff_query import HandoffQuery
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.i18n import N_, _
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.tui.cells import Run
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.oncall.place import HANDOFF
from artisan_tui.tui.oncall.review_lines import ReviewLine, review_lines, selectable

if TYPE_CHECKING:
    from datetime import datetime

    from textual.widget import AwaitMount

    from artisan_tui.domain.oncall.handoff_review import HandoffReview
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.reports.oncall.handoff_document import HandoffDocument

#: Kinds of entries after which the review is another one.
_CHANGES = ("handoff.", "incident.", "run.", "silence.", "alert.", "oncall.", "checklist.", "slo.", "check.flapping")


class ReviewLines(Lines):
    """The document of the review; what is selected stays selected wherever it moves."""

    def __init__(self) -> None:
        super().__init__(id="handoff")
        self.lines: list[ReviewLine] = []
        self._document: HandoffDocument | None = None
        self._empty = ""
        self._key = ""
        #: The width that ``lines`` were laid out for; 0 when they are of another review.
        self._laid_out = 0

    def show(self, document: HandoffDocument | None, empty: str) -> None:
        """The review, or why there is none."""
        self._document, self._empty, self._laid_out = document, empty, 0
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._document is None:
            self.lines = [ReviewLine([(" " + self._empty, "-dim")])]
        elif self._laid_out != width:
            self.lines, self._laid_out = review_lines(self._document, width), width
        if self.selected is None:
            chances = selectable(self.lines)
            self._key = self.lines[chances[0]].key if chances else ""
        return [line.runs for line in self.lines]

    @property
    def selected(self) -> ReviewLine | None:
        """The line that the keys act on."""
        return next((line for line in self.lines if line.key and line.key == self._key), None)

    def cursor_line(self) -> int | None:
        return next((i for i, each in enumerate(self.lines) if each.key and each.key == self._key), None)

    def move(self, how: str) -> None:
        chances, at = selectable(self.lines), self.cursor_line()
        if not chances or at is None:
            super().move(how)
            return
        place = moved(how, chances.index(at), len(chances), self._page)
        if chances[place] == at:
            super().move(how)  # what stands beyond the last line that can be selected is to be read, too
            return
        self._select(chances[place])
        self.keep_in_view(0 if place == 0 else chances[place])

    def to_part(self, step: int) -> None:
        """Show the next part of the review, or the one before, from its head on."""
        heads = [index for index, line in enumerate(self.lines) if line.head]
        top = self.scroll_offset.y
        later = [index for index in heads if index > top]
        earlier = [index for index in heads if index < top]
        target = (later[:1] if step > 0 else earlier[-1:]) or heads[-1:] if step > 0 else earlier[-1:] or heads[:1]
        if not target:
            return
        self.scroll_to(y=target[0], animate=False, immediate=True)
        first = next((index for index in selectable(self.lines) if index >= target[0]), None)
        if first is not None:
            self._select(first)
        self.redraw()

    def _select(self, index: int) -> None:
        self._key = self.lines[index].key
        self.redraw()


class HandoffScreen(ArtisanScreen):
    place = HANDOFF

    def __init__(self) -> None:
        super().__init__()
        self._review: HandoffReview | None = None
        self._empty = ""
        #: How many hand-overs back, and the moment that was asked for; None for now.
        self._back = 0
        self._asked: datetime | None = None
        self._seq = -1

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notices()
        with Panes(), Pane():
            yield Title("handoff-title", N_("Hand-over"), self.shell.glyphs.rule)
            yield ReviewLines()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(ReviewLines).focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._ask_again()

    def events_lost(self) -> None:
        self._seq = -1
        self._ask_again()

    def _ask_again(self) -> None:
        self.run_worker(self._ask, exclusive=True, group="handoff", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        self._asked = self.shell.moment
        try:
            self._review, self._empty = await self.shell.ask(HandoffQuery(self._asked, self._back)), ""
        except LookupError as error:
            self._review, self._empty = None, printable(str(error.args[0]) if error.args else "", 300)
        self._draw()

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        news = [event for event in snapshot[JournalSlice].events if event.seq > self._seq]
        if news:
            first, self._seq = self._seq < 0, max(event.seq for event in news)
            if first or not any(event.kind.startswith(_CHANGES) for event in news):
                news = []
        if self.is_current and (news or self.shell.moment != self._asked):
            self._ask_again()
        if everything:
            self._draw()

    def _draw(self) -> None:
        document = None if self._review is None else handoff_document(self._review)
        self.query_one(ReviewLines).show(document, self._empty or _("reading the journal"))
        keys = _("enter events, right next part")
        if self.app.size.width >= 100:
            keys = _("enter events, right next part, < shift before, u next step, i note, e file")
        self.query_one(Title).show([(f" {keys} ", "-dim")])

    # -- what is selected ---------------------------------------------------

    @property
    def _line(self) -> ReviewLine | None:
        return self.query_one(ReviewLines).selected

    @property
    def selection(self) -> Mapping[str, str]:
        line = self._line
        return {"incident": line.incident} if line is not None and line.incident else {}

    def as_text(self) -> str:
        line = self._line
        return "" if line is None else "".join(text for text, _role in line.runs).strip()

    def open_events(self) -> AwaitMount | None:
        """The entries of the journal that the selected line comes from."""
        from artisan_tui.tui.oncall.events_dialog import EventsBehind  # a dialog opens long after the first frame

        line, review = self._line, self._review
        if line is None or review is None:
            self.shell.say(_("nothing is selected"))
            return None
        events = tuple(review.events[seq] for seq in sorted(set(line.seqs)) if seq in review.events)
        if not events:
            self.shell.say(_("no journal entry is behind this line"))
            return None
        return self.shell.show_dialog(EventsBehind(line.about, events, self.zone, review.at))

    # -- classes ------------------------------------------------------------

    def class_acted(self) -> None:
        self._class("acted")

    def class_no_action(self) -> None:
        self._class("no_action")

    def class_needs_work(self) -> None:
        self._class("needs_work")

    def _class(self, as_what: str) -> None:
        line, review = self._line, self._review
        paged = set() if review is None else {page.incident for page in (*review.this.pages, *review.before.pages)}
        if line is None or line.incident not in paged:
            self.shell.say(_("select a page first, in the part Pages"))
            return
        self.shell.execute("handoff.class", {"incident": line.incident, "as": as_what, "note": ""})
        if line.key.startswith("pages "):
            self.query_one(ReviewLines).move("list.down")

    # -- where --------------------------------------------------------------

    def next_pane(self) -> None:
        self.next_part()

    def next_part(self) -> None:
        self.query_one(ReviewLines).to_part(1)

    def previous_part(self) -> None:
        self.query_one(ReviewLines).to_part(-1)

    def earlier(self) -> None:
        self._back += 1
        self._ask_again()

    def later(self) -> None:
        if self._back == 0:
            self.shell.say(_("this is the newest hand-over"))
            return
        self._back -= 1
        self._ask_again()

    async def write_file(self) -> None:
        """Write the review as it is shown into the state folder."""
        if self._review is None:
            self.shell.say(_("nothing is selected"))
            return
        from artisan_tui.reports.oncall.handoff_html import handoff_html
        from artisan_tui.reports.oncall.handoff_markdown import handoff_markdown

        texts = {"html": handoff_html(self._review), "md": handoff_markdown(self._review)}
        try:
            path = await self.shell.ask(WriteReview(self._review.handoff.id, texts))
        except LookupError as error:
            self.shell.say(printable(str(error.args[0]) if error.args else "", 300))
            return
        self.shell.say(_("written: {path}").format(path=path))
