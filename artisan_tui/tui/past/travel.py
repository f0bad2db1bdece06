"""The moment that is shown instead of now, and how it moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.past.snapshots import PastSnapshot
from artisan_tui.engine.past.steps import ChangeBeside
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from textual.timer import Timer

    from artisan_tui.engine.clock import Clock
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.engine.wing import Query

#: Seconds of the past that pass in a second while it is played; 0 stands still.
SPEEDS = (0, 1, 5, 20, 60)
#: The place that shows the courses of the budgets.
_COURSES = "slos"
#: Seconds between two pictures of what is played.
EVERY = 1.0
#: Seconds for which the next key waits for a picture: keys keep their order, and a store that hangs stops none for long.
_PATIENCE = 3.0


class ShownMoment(NamedTuple):
    """What the header says of a past moment: ``speed`` is 0 while it stands still."""

    at: datetime
    speed: int


class Traveller(Protocol):
    """What the time machine needs of the application."""

    @property
    def clock(self) -> Clock: ...

    @property
    def place(self) -> str: ...

    def ask_now(self, query: Query[Any]) -> Any: ...

    def show_moment(self, snapshot: Snapshot | None) -> None: ...

    def say(self, text: str) -> None: ...

    def set_interval(self, interval: float, callback: Callable[[], Any]) -> Timer: ...


class Travel:
    """``moment`` is None while now is shown."""

    def __init__(self, app: Traveller) -> None:
        self._app = app
        self.moment: datetime | None = None
        self.speed = 0
        self._timer: Timer | None = None
        self._under_way: asyncio.Task[None] | None = None
        #: Counts what was asked for: an answer that comes after the next question is dropped.
        self._asked = 0

    @property
    def shown(self) -> ShownMoment | None:
        return None if self.moment is None else ShownMoment(self.moment, self.speed)

    # -- going somewhere ----------------------------------------------------

    async def to(self, moment: datetime) -> None:
        """Show this moment; now, when it is not over yet."""
        await self._begin(lambda asked: self._show(moment, asked))

    async def again(self) -> None:
        """Another screen is in front, which may show more of the moment."""
        if self.moment is not None:
            await self.to(self.moment)

    async def step(self, *, forward: bool) -> None:
        """To the change of the journal before or after what is shown."""
        if forward and self.moment is None:
            self._app.say(_("this is now: there is nothing later"))
            return
        await self._begin(lambda asked: self._step(forward, asked))

    def to_now(self) -> None:
        self._asked += 1
        self._stand_still()
        if self.moment is None:
            self._app.say(_("this is now"))
            return
        self.moment = None
        self._app.show_moment(None)

    async def _begin(self, work: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        self._asked += 1
        task = self._under_way = asyncio.ensure_future(work(self._asked))
        await asyncio.wait({task}, timeout=_PATIENCE)

    async def _step(self, forward: bool, asked: int) -> None:
        here = self.moment or self._app.clock.now()
        found = await self._ask(ChangeBeside(here, forward))
        if asked != self._asked or isinstance(found, str):
            return
        if found is not None:
            await self._show(found, asked)
        elif forward:
            self.to_now()
        else:
            self._app.say(_("the journal begins here"))

    async def _show(self, moment: datetime, asked: int) -> None:
        if moment >= self._app.clock.now():
            self.to_now()
            return
        found = await self._ask(PastSnapshot(moment, course=self._app.place == _COURSES))
        if asked == self._asked and not isinstance(found, str):
            self.moment = moment
            self._app.show_moment(found)

    async def _ask(self, query: Query[Any]) -> Any:
        """The answer; a sentence, which was said, where there is none."""
        try:
            return await self._app.ask_now(query)
        except LookupError as error:
            said = printable(str(error.args[0]) if error.args else "", 200)
            self._app.say(said)
            self._stand_still()
            return said

    # -- playing ------------------------------------------------------------

    def faster(self) -> None:
        if self.moment is None:
            self._app.say(_("this is now: go to a past moment first"))
            return
        self._play(SPEEDS[min(SPEEDS.index(self.speed) + 1, len(SPEEDS) - 1)])

    def slower(self) -> None:
        if self.moment is None:
            self._app.say(_("this is now: go to a past moment first"))
            return
        self._play(SPEEDS[max(SPEEDS.index(self.speed) - 1, 0)])

    def _play(self, speed: int) -> None:
        self.speed = speed
        if not speed:
            self._stand_still()
        elif self._timer is None:
            self._timer = self._app.set_interval(EVERY, self._tick)
        self._app.say(_("plays {speed}x").format(speed=speed) if speed else _("stands still"))
        self._app.show_moment(None)

    def _stand_still(self) -> None:
        self.speed = 0
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    async def _tick(self) -> None:
        if self.moment is None or (self._under_way is not None and not self._under_way.done()):
            return
        await self.to(self.moment + timedelta(seconds=self.speed * EVERY))
