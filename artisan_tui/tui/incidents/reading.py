"""How a room reads its timeline: the end first, older pages when they are wanted, news as they are written."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.incidents.queries import TimelinePage, TimelinePiece
from artisan_tui.engine.session.words import WordsQuery
from artisan_tui.tui.incidents.loaded import PAGE, LoadedTimeline

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.tui.kit.shell import Shell

#: Starts what is to be awaited beside everything else.
Start = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]


class TimelineReading:
    """``loaded`` is what was read; ``show`` is called whenever it is another. ``stop`` ends everything that was started.

    ``words`` is what the timeline is searched for, "" while all of it is read. ``problem`` says why it cannot be read.
    """

    def __init__(
        self, shell: Callable[[], Shell], start: Start, stop: Callable[[], None], show: Callable[[], None]
    ) -> None:
        self._shell, self._start, self._stop, self._show = shell, start, stop, show
        self.loaded = LoadedTimeline()
        self.words = self.problem = ""
        self.under_way = False
        self._incident: Incident | None = None
        #: Below this seq the search goes on.
        self._reached: int | None = None
        self._heard: Sequence[Event] = ()
        #: The newest entry that was heard of, shown or not.
        self._seen = 0

    @property
    def _parts(self) -> tuple[str, ...]:
        return self._incident.subjects if self._incident is not None else ()

    def search(self, words: str) -> None:
        if words != self.words:
            self.words = words
            self.begin()

    def forget(self) -> None:
        """Another moment is shown: read all of it again as soon as the incident of then is known."""
        self._stop()
        self.loaded, self.under_way, self._reached = LoadedTimeline(), False, None
        self._incident, self._heard, self._seen = None, (), 0

    def begin(self) -> None:
        """From the newest entry on."""
        if self._incident is not None:
            self._stop()
            self._seen = max(self._seen, self._incident.last_seq)
            self.loaded, self.under_way, self._reached = LoadedTimeline(), False, None
            self.want_older()

    def want_older(self) -> None:
        if not self.under_way and not self.loaded.oldest:
            self.under_way = True
            self._start(self._fetch_older)

    def hear(self, incident: Incident | None, events: Sequence[Event]) -> None:
        """Ask for what was written after the newest entry that is loaded, when ``events`` of the journal say that there is more."""
        if incident is None:
            return
        before, self._incident, self._heard = self._parts, incident, events
        if incident.subjects != before:
            self.begin()  # the first time; or another incident became a part of it, or no longer is
        else:
            self._take_news()

    def _take_news(self) -> None:
        if self._incident is None:
            return
        written = (each.seq for each in self._heard if each.subject in self._parts)
        newest = max((self._incident.last_seq, *written))
        if newest <= self._seen or not self.loaded.newest or self.under_way:
            return  # whoever asks now looks again afterwards
        self._seen = newest
        if self.words or not self.loaded.events:
            self.begin()  # whether it is found is the store's to say
            return
        self.under_way = True
        self._start(self._fetch_newer)

    async def _fetch_older(self) -> None:
        loaded, self.problem = self.loaded, ""
        try:
            piece = await self._piece(loaded.low or None)
        except LookupError as error:
            self.problem = printable(str(error.args[0]) if error.args else "", 200)
        else:
            if loaded is not self.loaded:
                return  # begun anew meanwhile
            loaded.add_older(piece.events, whole=piece.whole)
        self.under_way = False
        self._show()
        self._take_news()

    async def _fetch_newer(self) -> None:
        loaded = self.loaded
        try:
            piece = await self._shell().ask(TimelinePage(self._parts, PAGE, after=loaded.high))
        except LookupError:
            self.under_way, self._seen = False, loaded.high
            return  # the next news asks again
        if loaded is not self.loaded:
            return
        self.under_way = False
        if not piece.whole:
            self.begin()  # more came at once than a page holds
            return
        loaded.add_newer(piece.events)
        self._show()
        self._take_news()

    async def _piece(self, before: int | None) -> TimelinePiece:
        """A page of the timeline, or of what was found in it."""
        ask, words = self._shell().ask, tuple(self.words.split())
        if not words:
            return await ask(TimelinePage(self._parts, PAGE, before=before))
        before = self._reached
        found = [await ask(WordsQuery(words, subject=part, before=before, limit=PAGE)) for part in self._parts]
        self._reached = reached = max((each.reached for each in found if not each.whole), default=0)
        events = (event for each in found for event in each.events if event.seq >= reached)
        return TimelinePiece(tuple(sorted(events, key=lambda event: -event.seq)), not reached)
