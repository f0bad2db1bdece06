"""The whole journal: scrolled through, filtered, and from an entry to what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from artisan_tui.domain.journal_filter import JournalFilter
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.session.journal_pages import JournalPage
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.journal_filter import FilterError, matches, read_filter, says
from artisan_tui.reports.moments import full_text
from artisan_tui.tui.cells import Run
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.filtered import FilteredScreen
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.prompt import FilterPrompt
from artisan_tui.tui.session.entry import JournalEntry, entry_line
from artisan_tui.tui.session.list import JournalList
from artisan_tui.tui.session.loaded import Loaded, unbroken
from artisan_tui.tui.session.place import JOURNAL

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.event import Event

#: Entries asked for at once.
PAGE = 300


class JournalScreen(FilteredScreen):
    place = JOURNAL
    TYPED = N_("words, !word, person: service: kind: since:2h until:09:30; Esc clears")
    MOST_SHOWN = 40

    def __init__(self, words: str = "") -> None:
        """``words`` is a filter to begin with, as it is typed."""
        super().__init__()
        self.words, self._folded = words, True
        self._where = JournalFilter(routine=False)
        self._problem = ""
        self._loaded = Loaded()
        self._unsaved: list[Event] = []
        #: The newest entry of the last snapshot.
        self._newest = 0
        self._asking = False

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notices()
        yield Title("entries-title", N_("Journal"), self.shell.glyphs.rule)
        yield JournalList(self._want)
        yield FilterPrompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(JournalList).focus()
        self._begin()

    def events_lost(self) -> None:
        self._begin()

    # -- what is loaded -----------------------------------------------------

    def _begin(self) -> None:
        """From the newest entry on, with the filter as it is now."""
        self._problem = ""
        try:
            self._where = read_filter(self.words, self.now, self.zone, routine=not self._folded)
        except FilterError as error:
            self._problem = str(error)
        self.workers.cancel_group(self, "journal")
        self._asking = False
        unsaved, saved = unbroken(self._held())
        self._unsaved = self._allowed(unsaved)
        self._loaded = Loaded(self._allowed(saved))
        if saved:
            self._loaded.low, self._loaded.high = saved[-1].seq, saved[0].seq
            self._loaded.oldest = saved[-1].seq == 1
        else:
            self._loaded.oldest = False
        self._show()
        # What the snapshot holds is shown at once; the store is asked for what it does not hold.
        if not self._loaded.oldest and len(self._loaded.events) < PAGE:
            self._want(True)

    def _held(self) -> tuple[Event, ...]:
        return self.shell.snapshot[JournalSlice].events if self.shell.snapshot is not None else ()

    def _allowed(self, events: list[Event]) -> list[Event]:
        return [event for event in events if matches(event, self._where)]

    def _want(self, older: bool) -> None:
        """Ask for the entries beyond one end, unless they have been asked for already."""
        if self._asking or self._problem:
            return
        self._asking = True
        self._ask(older=older)

    def _ask(self, *, older: bool) -> None:
        self.run_worker(partial(self._fetch, older=older), exclusive=True, group="journal", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _fetch(self, *, older: bool) -> None:
        """Read on in one direction until there is a page more, or nothing is left."""
        loaded, found, note = self._loaded, 0, ""
        try:
            while found < PAGE and not (loaded.oldest if older else loaded.newest):
                before = (loaded.low or None) if older else None
                piece = await self.shell.ask(self._page(before, None if older else loaded.high))
                if loaded is not self._loaded:
                    return  # another filter meanwhile
                if older:
                    loaded.add_older(piece.events, piece.reached, whole=piece.whole)
                else:
                    loaded.add_newer(piece.events[::-1], piece.reached, whole=piece.whole)
                found += len(piece.events)
                self._show()
        except LookupError as error:
            note = printable(str(error.args[0]) if error.args else "", 200)
        self._asking = False
        self._show(note)

    def _page(self, before: int | None, after: int | None) -> JournalPage:
        accept = partial(says, words=self._where.words) if self._where.words else None
        return JournalPage(self._where, accept, PAGE, before, after)

    @on(JournalList.AtEnd)
    def _jump(self, event: JournalList.AtEnd) -> None:
        """To the newest entry, or to the oldest without reading what is between."""
        entries = self.query_one(JournalList)
        if not event.oldest:
            self._begin()
            entries.show_from_the_end(oldest=False)
            return
        self._asking = True
        self.run_worker(self._fetch_oldest, exclusive=True, group="journal", exit_on_error=False)  # type: ignore[arg-type]  # as above

    async def _fetch_oldest(self) -> None:
        loaded = Loaded(low=1, newest=False)
        note = ""
        try:
            while len(loaded.events) < PAGE and not loaded.newest:
                piece = await self.shell.ask(self._page(None, loaded.high))
                loaded.add_newer(piece.events[::-1], piece.reached, whole=piece.whole)
            self._loaded = loaded
        except LookupError as error:
            note = printable(str(error.args[0]) if error.args else "", 200)
        self._asking = False
        self._show(note)
        if not note:
            self.query_one(JournalList).show_from_the_end(oldest=True)

    # -- showing ------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None:
            return
        if self.shown.changed(snapshot, JournalSlice):
            self._take_news()
        elif everything:
            self._show()
        self.shown.drew(snapshot)

    def _take_news(self) -> None:
        unsaved, saved = unbroken(self._held())
        self._unsaved = self._allowed(unsaved)
        loaded = self._loaded
        newest = saved[0].seq if saved else 0
        before, self._newest = self._newest, newest
        fresh = [event for event in saved if event.seq > loaded.high]
        if newest < before or (fresh and not loaded.high):
            self._begin()  # another journal, or the first of it
            return
        if fresh and loaded.newest:
            if fresh[-1].seq > loaded.high + 1:
                self._begin()  # more came at once than a snapshot holds
                return
            loaded.add_newer(self._allowed(fresh), newest, whole=True)
        self._show()

    def _show(self, note: str = "") -> None:
        loaded = self._loaded
        if self._problem:
            note = self._problem
        elif not note and self._asking and not loaded.oldest:
            oldest = loaded.events[-1].occurred_at if loaded.events else None
            note = _("searching the journal")
            if oldest is not None:
                note = _("searching the journal before {day}").format(
                    day=full_text(oldest, self.zone, named_zone=False)
                )
        elif not note and loaded.oldest and not loaded.events and not self._unsaved:
            asks = self._where.asks
            note = _("no journal entry matches the filter") if asks else self._only_folded()
        unsaved = self._unsaved if loaded.newest else []
        self.query_one("#entries-title", Title).show(self._counts(), self.filter_shown)
        self.query_one(JournalList).show_loaded(loaded, unsaved, note, self.zone, self.now)

    def _only_folded(self) -> str:
        if not self._loaded.looked_at:
            return ""
        key = next(
            (each.shown_key for each in self.shell.actions_at(self.place.id) if each.id == "journal.sessions"), ""
        )
        return _("only session entries so far: {key} shows them").format(key=key)

    def _counts(self) -> list[Run]:
        """How many entries of sessions are hidden among those that are loaded."""
        if not self._folded:
            return [(_("with session entries"), "-dim")]
        if self._where.asks or self._where.routine:
            return []
        hidden = self._loaded.looked_at - len(self._loaded.events)
        said = ngettext("{n} session entry hidden", "{n} session entries hidden", hidden)
        return [(said.format(n=hidden), "-dim")] if hidden > 0 else []

    # -- what is selected ---------------------------------------------------

    @property
    def _selected(self) -> Event | None:
        return self.query_one(JournalList).selected

    @property
    def selection(self) -> Mapping[str, str]:
        event = self._selected
        there = self.shell.destination(event.subject) if event is not None else None
        return {there.kind: there.id} if there is not None else {}

    def as_text(self) -> str:
        event = self._selected
        return entry_line(event, self.zone) if event is not None else ""

    def open_selected(self) -> AwaitMount | None:
        """What the entry is about, or, where it is about nothing that is there, the entry."""
        event = self._selected
        there = self.shell.destination(event.subject) if event is not None else None
        return self.shell.open(there.place, **there.what) if there is not None else self.open_entry()

    @on(JournalList.Opened)
    def _opened(self) -> None:
        self.open_selected()

    def open_entry(self) -> AwaitMount | None:
        event = self._selected
        if event is None:
            self.shell.say(_("nothing is selected"))
            return None
        corrections = [each.seq for each in self._loaded.events if event.seq and each.supersedes == event.seq]
        return self.shell.show_dialog(JournalEntry(event, corrections, self.zone))

    def unfold(self) -> None:
        self._folded = not self._folded
        self._begin()

    # -- filter -------------------------------------------------------------

    @property
    def listed(self) -> JournalList:
        return self.query_one(JournalList)

    def show_filtered(self) -> None:
        self._begin()
        self.listed.show_from_the_end(oldest=False)
