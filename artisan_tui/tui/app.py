"""The application: owns the engine's thread, hands snapshots to the screen, turns keys into commands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.commands import COMMANDS, Reply, Session
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import _, use_language
from artisan_tui.tui.actions import (
    ALL_ACTIONS,
    DIALOG_KEYS,
    INTERRUPT,
    MOVES,
    Action,
    actions_for,
    key_name,
    means_nothing_here,
    settled_keys,
    with_keys,
)
from artisan_tui.tui.bell import pages
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.command_dialogs import start
from artisan_tui.tui.crash import write_crash
from artisan_tui.tui.fitted import FittedApp
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.sized import TooSmall
from artisan_tui.tui.messages import EngineFailed, SnapshotArrived
from artisan_tui.tui.palette_entries import Commands
from artisan_tui.tui.terminal import Terminal, Wishes
from artisan_tui.tui.view_actions import VIEWS, elsewhere, say

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen
    from textual.widget import AwaitMount

    from artisan_tui.domain.event import Event
    from artisan_tui.engine.host import EngineHost, History


#: The screen that an action belongs to, where it belongs to one.
_PLACES = {action.id: action.where for action in ALL_ACTIONS if action.where}


class ArtisanApp(FittedApp[BaseException | None]):
    """``host`` runs the engine; tests leave it out and post snapshots themselves.

    The return value of `run` is the error that ended the engine, if one did.
    """

    CSS_PATH = Path(__file__).parent / "css" / "artisan.tcss"
    COMMANDS: ClassVar[set[type[Commands]]] = {Commands}  # type: ignore[assignment]  # narrower than Textual's
    #: Textual's own way in is a second binding of its key, and one that also works above dialogs.
    ENABLE_COMMAND_PALETTE = False
    TITLE = "artisan-tui"
    INHERIT_BINDINGS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(action.key, f"artisan({action.id!r})", action.title, show=False, id=action.id, priority=True)
            for action in ALL_ACTIONS
        ),
        *(Binding(move.keys, f"move({move.id!r})", show=False, id=move.id, priority=True) for move in MOVES),
        Binding(INTERRUPT[1], "interrupt", show=False, id=INTERRUPT[0], priority=True),
    ]

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock | None = None,
        terminal: Terminal | None = None,
        wishes: Wishes | None = None,
        language: str = "en",
        crash_dir: Path | None = None,
    ) -> None:
        """``terminal`` is what can be shown, by default everything. ``wishes`` hold until the configuration is read."""
        super().__init__(terminal or Terminal(), wishes or Wishes())
        self._crash_dir = crash_dir
        #: What to tell the person after a crash of ours; the traceback goes into a file.
        self.crash_note = ""
        self.session = session
        self.clock = clock or SystemClock()
        self.glyphs = UNICODE
        self.snapshot: Snapshot | None = None
        self.zone: tzinfo = UTC
        self.host: EngineHost | None = None
        self._language = language
        use_language(language)
        self._actions = tuple(actions_for(session))
        self._asked_keys: tuple[tuple[str, str], ...] = ()
        #: The keys a person chose, by the id of what they do, and what is wrong with the others chosen.
        self.keys: dict[str, str] = {}
        self.key_problems: tuple[str, ...] = ()

    # -- life ---------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        return Board()

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, self._draw_again)
        if self.host is not None:
            # After the first frame is on the wire: the engine's imports must not delay it.
            self.call_after_refresh(self.host.start)

    def _fatal_error(self) -> None:
        """A defect of ours: the terminal is handed back, the traceback goes to a file, the person gets a sentence.

        Textual's own prints the traceback, locals and all, over an on-call engineer's terminal.
        """
        # Textual comes here again for the same error while it winds down.
        self.crash_note = self.crash_note or write_crash(self._crash_dir, self.clock.now(), self._exception)
        self._close_messages_no_wait()

    def _draw_again(self, app: App[BaseException | None]) -> None:
        """The terminal was handed back to us empty."""
        self.refresh(layout=True)

    def receive(self, snapshot: Snapshot) -> None:
        """Take a snapshot from the engine's thread."""
        self.post_message(SnapshotArrived(snapshot))

    def engine_failed(self, error: BaseException) -> None:
        """Hear, from the engine's thread, that it ended."""
        self.post_message(EngineFailed(error))

    @on(EngineFailed)
    def _engine_failed(self, event: EngineFailed) -> None:
        self.exit(event.error)

    @on(SnapshotArrived)
    def _snapshot_arrived(self, event: SnapshotArrived) -> None:
        before, self.snapshot = self.snapshot, event.snapshot
        session_status = event.snapshot.session_status
        other_site = before is None or before.session_status != session_status
        if other_site:
            self._take_site(session_status)
        if pages(before, event.snapshot):
            self.bell()
        with self.batch_update():
            for screen in self.screen_stack:
                if not isinstance(screen, ArtisanScreen) or not screen.begun:
                    continue
                if screen is self.screen or self.screen.is_modal:
                    # Another zone changes every time on the screen, also where no version moved.
                    screen.show_snapshot(event.snapshot, everything=other_site)
            for over in self.screen.query(TooSmall):
                over.redraw()
            faults_changed = getattr(self.screen, "faults_changed", None)
            if faults_changed is not None:
                faults_changed(event.snapshot.faults)

    def _take_site(self, session_status: SessionStatus) -> None:
        """Follow the configuration: zone, language, theme, keys."""
        from zoneinfo import ZoneInfo  # not before the first frame

        self.zone = UTC if session_status.zone == "UTC" else ZoneInfo(session_status.zone)
        if session_status.loaded_at is None:
            return  # nobody has read the configuration yet; what the first frame guessed holds
        self.follow(Wishes(session_status.theme, session_status.glyphs, session_status.mouse))
        # Rather English than question marks.
        language = session_status.language if self.can_write("한") else "en"
        said_anew = session_status.keys != self._asked_keys or language != self._language
        if language != self._language:
            self._language = language
            use_language(language)
        if session_status.keys != self._asked_keys:
            self._asked_keys = session_status.keys
            self.keys, problems = settled_keys(dict(session_status.keys))
            self.key_problems = tuple(problems)
            self.set_keymap(self.keys)
            self._actions = tuple(with_keys(actions_for(self.session), self.keys))
        if said_anew:
            for screen in self.screen_stack:
                if isinstance(screen, ArtisanScreen) and screen.begun:
                    screen.words_changed()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste):
            # What is pasted comes from anywhere; Textual's inputs would send it to the terminal as it is.
            event = events.Paste(printable(event.text, 4000, lines=True))
        await super().on_event(event)

    # -- keys ---------------------------------------------------------------

    def actions_at(self, place: str) -> list[Action]:
        """What has a key on this screen."""
        here = {"board": "view.board", "slos": "view.slos"}.get(place)
        return [a for a in self._actions if a.where in ("", place) and a.id != here]

    def hints_at(self, place: str) -> list[Action]:
        """What the key bar of this screen names; on the board there is nowhere to go back to."""
        budgets = self.snapshot.budgets if self.snapshot is not None else None
        # Nor is there a check on the screen of the SLOs.
        without = {"board": {"view.back"}, "slos": {"check.run"}}.get(place, set())
        if budgets is None or not (budgets.slo_statuses or budgets.reading):
            without = {*without, "view.slos"}
        return [a for a in self.actions_at(place) if a.hint and a.id not in without]

    def key_of(self, binding: str) -> str:
        """The key that a dialog answers to, as a person calls it."""
        return key_name(self.keys.get(binding) or DIALOG_KEYS[binding])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are ours only on our own screens, and not while text is typed.

        They have priority, and their actions are awaited before the next key is looked at:
        over a slow link "/qwen" or "n" and a note arrive in one piece.
        """
        if action == "move":
            return isinstance(self.focused, Lines)
        if action != "artisan":
            return super().check_action(action, parameters)
        if not isinstance(self.screen, ArtisanScreen):
            return False
        if isinstance(self.focused, Input) and parameters != ("view.back",):
            return False
        place = self.screen.place
        if _PLACES.get(str(parameters[0]), place) == place:
            return True
        # Another screen's key: it may mean something else here, and where it means nothing that is said.
        known = next((each for each in self._actions if each.id == parameters[0]), None)
        return known is not None and means_nothing_here(known, place, self._actions)

    async def action_artisan(self, action_id: str) -> None:
        """One door for every key, palette entry and click: a view action or an engine command."""
        action = next((a for a in self._actions if a.id == action_id), None)
        if action is None and action_id not in COMMANDS and action_id not in VIEWS:
            return
        if action is None and action_id in COMMANDS and COMMANDS[action_id].key:
            # Declared, but not for this session: let the core say why.
            self.execute(action_id, {})
            return
        screen = self.screen
        if action is not None and action.where and getattr(screen, "place", "") != action.where:
            say(self, elsewhere(action))
            return
        doing = VIEWS.get(action_id)
        opening = doing(self) if doing is not None else start(self, action_id)
        if opening is not None:
            await opening

    def execute(self, command_id: str, arguments: Mapping[str, str]) -> None:
        """Send a command to the engine; a refusal or failure is told when it comes back."""
        if self.host is None:
            return
        future = self.host.submit(command_id, arguments)

        async def wait() -> None:
            self.told(command_id, await asyncio.wrap_future(future))

        self.run_worker(wait(), group="commands", exit_on_error=False)

    def told(self, command_id: str, reply: Reply) -> None:
        """Tell the person what came of a command."""
        if not reply.ok:
            self.notify(reply.text, title=_(COMMANDS[command_id].title), severity="error", markup=False)
        elif reply.text:
            self.notify(reply.text, title=_(COMMANDS[command_id].title), markup=False, timeout=3)

    async def history(self, check_id: str, seconds: float) -> History:
        """(samples, roll-ups) of one check; empty without an engine."""
        if self.host is None:
            return (), ()
        return await asyncio.wrap_future(self.host.history(check_id, seconds))

    async def events(self, since: datetime, until: datetime) -> tuple[tuple[Event, ...], bool]:
        """What happened from ``since`` to ``until``, newest first, and whether that is all of it.

        From the store where the engine can be asked, else as far back as the screen's own journal goes.
        """
        if self.host is not None:
            with contextlib.suppress(LookupError):
                found = await asyncio.wrap_future(self.host.events(since, until))
                return tuple(sorted(found, key=lambda event: event.occurred_at, reverse=True)), True
        held = self.snapshot.journal if self.snapshot is not None else ()
        whole = bool(held) and min(event.occurred_at for event in held) <= since
        return tuple(event for event in held if since <= event.occurred_at < until), whole

    def open_slo(self, slo_id: str | None = None) -> AwaitMount:
        """The screen of the SLOs, with that one chosen, or the worst."""
        from artisan_tui.tui.slo.screen import SloScreen

        return self.push_screen(SloScreen(slo_id))

    def open_check(self, check_id: str) -> AwaitMount:
        from artisan_tui.tui.checks.screen import CheckScreen

        return self.push_screen(CheckScreen(check_id))

    def action_move(self, how: str) -> None:
        """Move in the list in focus, here and now: the "enter" behind it may already be waiting."""
        if isinstance(self.focused, Lines):
            self.focused.move(how)

    def action_interrupt(self) -> None:
        """Ctrl-C leaves from anywhere, dialogs too."""
        self.exit(None)
