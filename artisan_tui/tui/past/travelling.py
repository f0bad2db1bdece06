"""The application while it shows the past: nothing is changed, queries are answered as of then, now goes on unseen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, TypeVar

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.i18n import _
from artisan_tui.tui.engine_calls import EngineCalls
from artisan_tui.tui.kit.sized import Sized, TooSmall

if TYPE_CHECKING:
    from textual.app import App

    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.engine.wing import Query
    from artisan_tui.tui.kit.keys import Action
    from artisan_tui.tui.past.travel import ShownMoment, Travel

T = TypeVar("T")

#: How often, and after how many seconds each, a store is asked again that is still being opened.
_TRIES, _PAUSE = 60, 0.25
#: Seconds from the first frame of a configuration until the program is at rest.
_AT_REST = 2.0


class Travelling(EngineCalls):
    """Mixed into the application. ``live`` is the newest snapshot, ``snapshot`` the one that is shown."""

    snapshot: Snapshot | None
    live: Snapshot | None
    _travel: Travel | None = None
    #: The moment to open at, as it was written; "" once it is shown, or for now.
    opens_at = ""
    #: When the configuration was read for which the past was read ahead.
    _ahead_of: datetime | None = None

    @property
    def travel(self) -> Travel:
        if self._travel is None:
            from artisan_tui.tui.past.travel import Travel

            self._travel = Travel(self)  # type: ignore[arg-type]  # the application is one
        return self._travel

    @property
    def moment(self) -> datetime | None:
        return None if self._travel is None else self._travel.moment

    @property
    def shown_moment(self) -> ShownMoment | None:
        """Asked for every header, the first one too: it loads nothing of the time machine."""
        return None if self._travel is None else self._travel.shown

    def read_ahead(self, loaded_at: datetime | None) -> None:
        """Once for every configuration that was read: soon after it, what a first past moment would wait for is read."""
        if loaded_at is None or loaded_at == self._ahead_of or self.host is None:
            return
        self._ahead_of = loaded_at
        app: App[object] = self.app
        app.set_timer(
            _AT_REST, lambda: app.run_worker(self._read_ahead(), group="ahead", exclusive=True, exit_on_error=False)
        )

    async def _read_ahead(self) -> None:
        # Imported now, and not when the key waits for it.
        import artisan_tui.tui.past.dialog
        import artisan_tui.tui.past.now  # noqa: F401
        from artisan_tui.engine.past.ahead import ReadAhead

        assert self.travel is not None
        with contextlib.suppress(LookupError):
            await self.ask_now(ReadAhead())

    def open_at(self, now: datetime, zone: tzinfo) -> None:
        """Go to the moment that the board was asked to open at, now that its zone is known and the store can be read."""
        from artisan_tui.domain.when import NotOneMoment, parse_when

        wanted, self.opens_at = self.opens_at, ""
        app: Any = self.app
        if wanted.startswith("+"):
            app.run_worker(self._open_at_tick(wanted), group="past", exit_on_error=False)
            return
        try:
            moment = parse_when(wanted, now, zone)
        except NotOneMoment as several:  # only the configuration says in which zone it was meant
            app.say(several.said(_))
            return
        except ValueError:
            return  # it was said before the board opened
        app.run_worker(self._open_at(moment), group="past", exit_on_error=False)

    async def _open_at_tick(self, wanted: str) -> None:
        """A tick of a drill, as its debrief writes it: its journal knows when that was."""
        from artisan_tui.engine.drills.moments import MomentOfTick, tick_of

        tick = tick_of(wanted)
        why = ""
        for _again in range(_TRIES if tick is not None else 0):
            try:
                moment = await self.ask_now(MomentOfTick(tick or 0))
            except LookupError as error:
                why = str(error.args[0]) if error.args else ""
                await asyncio.sleep(_PAUSE)
            else:
                await self._open_at(moment)
                return
        if why:
            app: Any = self.app
            app.say(printable(why, 300))

    async def _open_at(self, moment: datetime) -> None:
        """The store is opened beside the first frame: until then nothing can be read."""
        from artisan_tui.engine.past.snapshots import PastSnapshot

        for _again in range(_TRIES):
            try:
                await self.ask_now(PastSnapshot(moment, course=False))
            except LookupError:
                await asyncio.sleep(_PAUSE)
            else:
                break
        await self.travel.to(moment)

    # -- showing ------------------------------------------------------------

    def show_moment(self, snapshot: Snapshot | None) -> None:
        """Show a past snapshot; None: what is now, or the same as before when the past is still shown."""
        if snapshot is not None:
            self.snapshot = snapshot
        elif self.moment is None:
            self.snapshot = self.live
        self.show_everywhere(everything=True)

    def show_everywhere(self, *, everything: bool) -> None:
        """Hand `snapshot` to the screens that can be seen."""
        app: App[object] = self.app
        if self.snapshot is None:
            return
        with app.batch_update():
            for screen in reversed(app.screen_stack):
                if isinstance(screen, Sized) and screen.ready:
                    screen.show_snapshot(self.snapshot, everything=everything)
                if not screen.is_modal:
                    break  # those below it cannot be seen, and draw everything when they come back
            for cover in app.screen.query(TooSmall):
                cover.redraw()

    def now_changed(self) -> None:
        """Something happened now, while the past is shown: said where it is something to act on."""
        texts = self.past_texts()
        if texts != self._said_of_now:
            self._said_of_now = texts
            self.show_everywhere(everything=True)

    _said_of_now: Sequence[str] = ()

    def past_texts(self) -> Sequence[str]:
        if self.moment is None or self.live is None:
            return ()
        from artisan_tui.tui.past.now import trouble_now

        trouble = trouble_now(self.live)
        return (_("NOW: {trouble}; Esc leads there").format(trouble=trouble),) if trouble else ()

    def hints_then(self, actions: Sequence[Action], hints: Sequence[Action]) -> list[Action]:
        """What the key bar names: the ways through time, then what is looked at; nothing that would be refused."""
        from artisan_tui.tui.past.place import HINTS

        found = [
            each._replace(hint=_(HINTS[each.id][0]), rank=HINTS[each.id][1]) for each in actions if each.id in HINTS
        ]
        others = (each for each in hints if each.id not in HINTS and (each.do or each.opens) and not each.demo_only)
        return [*found, *(each._replace(rank=each.rank + len(HINTS)) for each in others)]

    # -- the engine ---------------------------------------------------------

    def refused_then(self, command_id: str) -> str:
        """Why a command is not sent, "" when it is: it would act on what is now, which is not what the person sees."""
        if self.moment is None:
            return ""
        title = _(COMMANDS[command_id].title) if command_id in COMMANDS else command_id
        return _("this is the past, and nothing can be changed in it: {title} works after Esc").format(title=title)

    def execute(self, command_id: str, arguments: Mapping[str, str]) -> None:
        refused = self.refused_then(command_id)
        if refused:
            self.told(command_id, Reply(False, refused))
            return
        super().execute(command_id, arguments)

    async def run_command(self, command_id: str, arguments: Mapping[str, str]) -> Reply:
        refused = self.refused_then(command_id)
        return Reply(False, refused) if refused else await super().run_command(command_id, arguments)

    async def ask_now(self, query: Query[T]) -> T:
        """`ask` what is now, whatever moment is shown."""
        return await super().ask(query)

    async def ask(self, query: Query[T]) -> T:
        if self.moment is None:
            return await super().ask(query)
        from artisan_tui.engine.past.asking import AskedThen

        return await super().ask(AskedThen(query, self.moment))
