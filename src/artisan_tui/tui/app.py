"""The application: owns the engine's thread, hands snapshots to the screen, turns keys into commands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.widgets import Input

from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.commands import COMMANDS, Reply, Session
from artisan_tui.engine.snapshot import Site, Snapshot
from artisan_tui.i18n import _, use_language
from artisan_tui.tui.actions import ALL_ACTIONS, Action, actions_for, with_keys
from artisan_tui.tui.bell import pages
from artisan_tui.tui.crash import write_crash
from artisan_tui.tui.driver import ArtisanDriver
from artisan_tui.tui.glyphs import UNICODE, Glyphs
from artisan_tui.tui.look import Look, look_of
from artisan_tui.tui.messages import EngineFailed, SnapshotArrived
from artisan_tui.tui.palette import Commands
from artisan_tui.tui.screens.base import ArtisanScreen
from artisan_tui.tui.screens.board import Board
from artisan_tui.tui.themes import DARK, LIGHT
from artisan_tui.tui.widgets.services import Services

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.widget import AwaitMount

    from artisan_tui.engine.host import EngineHost, History


class ArtisanApp(App[BaseException | None]):
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
        Binding("ctrl+c", "interrupt", show=False, id="view.interrupt", priority=True),
    ]

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock | None = None,
        glyphs: Glyphs = UNICODE,
        language: str = "en",
        crash_dir: Path | None = None,
    ) -> None:
        super().__init__(driver_class=ArtisanDriver)
        self._crash_dir = crash_dir
        #: What to tell the person after a crash of ours; the traceback goes into a file.
        self.crash_note = ""
        self.session = session
        self.clock = clock or SystemClock()
        self.glyphs = glyphs
        self.snapshot: Snapshot | None = None
        self.zone: tzinfo = UTC
        self.host: EngineHost | None = None
        self.animation_level = "none"
        self._language = language
        use_language(language)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = "artisan-dark"
        self._actions = tuple(actions_for(session))
        self._keys: tuple[tuple[str, str], ...] = ()
        self._wanted_theme = "auto"
        self._look: tuple[str, Look] | None = None

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
        site = event.snapshot.site
        other_site = before is None or before.site != site
        if other_site:
            self._take_site(site)
        if pages(before, event.snapshot):
            self.bell()
        with self.batch_update():
            for screen in self.screen_stack:
                if not isinstance(screen, ArtisanScreen) or not screen.begun:
                    continue
                if screen is self.screen or self.screen.is_modal:
                    # Another zone changes every time on the screen, also where no version moved.
                    screen.show_snapshot(event.snapshot, everything=other_site)
            faults_changed = getattr(self.screen, "faults_changed", None)
            if faults_changed is not None:
                faults_changed(event.snapshot.faults)

    def _take_site(self, site: Site) -> None:
        """Follow the configuration: zone, language, theme, keys."""
        from zoneinfo import ZoneInfo  # not before the first frame

        self.zone = UTC if site.zone == "UTC" else ZoneInfo(site.zone)
        said_anew = site.keys != self._keys or site.language != self._language
        if site.keys != self._keys:
            self._keys = site.keys
            self.set_keymap(dict(site.keys))
            self._actions = tuple(with_keys(actions_for(self.session), dict(site.keys)))
        if site.theme != self._wanted_theme:
            self._wanted_theme = site.theme
            self.theme = {"light": LIGHT.name, "ansi": "ansi-dark"}.get(site.theme, DARK.name)
        if site.language != self._language:
            self._language = site.language
            use_language(site.language)
        if said_anew:
            for screen in self.screen_stack:
                if isinstance(screen, ArtisanScreen) and screen.begun:
                    screen.words_changed()

    # -- keys ---------------------------------------------------------------

    def actions_at(self, place: str) -> list[Action]:
        """What has a key on this screen."""
        return [a for a in self._actions if a.where in ("", place) and not (a.id == "view.board" and place == "board")]

    def hints_at(self, place: str) -> list[Action]:
        """What the key bar of this screen names; on the board there is nowhere to go back to."""
        return [a for a in self.actions_at(place) if a.hint and not (a.id == "view.back" and place == "board")]

    @property
    def look(self) -> Look:
        """Roles to styles under the present theme."""
        if self._look is None or self._look[0] != self.theme:
            self._look = (self.theme, look_of(self.theme_variables, ansi=self.current_theme.ansi))
        return self._look[1]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are ours only on our own screens, and not while text is typed.

        They have priority, and their actions are awaited before the next key is looked at:
        over a slow link "/qwen" or "n" and a note arrive in one piece.
        """
        if action != "artisan":
            return super().check_action(action, parameters)
        if not isinstance(self.screen, ArtisanScreen):
            return False
        return not isinstance(self.focused, Input) or parameters == ("view.back",)

    async def action_artisan(self, action_id: str) -> None:
        """One door for every key, palette entry and click: a view action or an engine command."""
        action = next((a for a in self._actions if a.id == action_id), None)
        if action is None and action_id not in COMMANDS:
            return
        if action is None and COMMANDS[action_id].key:
            # Declared, but not for this session: let the core say why.
            self.execute(action_id, {})
            return
        screen = self.screen
        if action is not None and action.where and getattr(screen, "place", "") != action.where:
            return
        if action_id.startswith("view."):
            opening = getattr(self, "_view_" + action_id[5:].replace("-", "_"))()
        else:
            opening = self._start_command(action_id)
        if opening is not None:
            await opening

    def _start_command(self, command_id: str) -> AwaitMount | None:
        command = COMMANDS[command_id]
        if not command.parameters:
            self.execute(command_id, {})
        elif command_id == "check.run":
            check_id = self._check_in_focus()
            if check_id is not None:
                self.execute(command_id, {"check": check_id})
        elif command_id.startswith("drill."):
            return self._view_demo()
        else:
            from artisan_tui.tui.screens.ask import Ask  # a dialog opens long after the first frame

            parameter = command.parameters[0]

            def answered(text: str | None) -> None:
                if text:
                    self.execute(command_id, {parameter.name: text})

            return self.push_screen(Ask(_(command.title), _(parameter.title), _(command.help)), answered)
        return None

    def _check_in_focus(self) -> str | None:
        check_id: str | None = getattr(self.screen, "check_id", None)
        if check_id is None and isinstance(self.screen, Board):
            selected = self.screen.query_one(Services).selected
            check_id = selected.id if selected else None
        return check_id

    def execute(self, command_id: str, arguments: Mapping[str, str]) -> None:
        """Send a command to the engine; a refusal or failure is told when it comes back."""
        if self.host is None:
            return
        future = self.host.submit(command_id, arguments)

        async def wait() -> None:
            self._told(command_id, await asyncio.wrap_future(future))

        self.run_worker(wait(), group="commands", exit_on_error=False)

    def _told(self, command_id: str, reply: Reply) -> None:
        if not reply.ok:
            self.notify(reply.text, title=_(COMMANDS[command_id].title), severity="error", markup=False)
        elif reply.text:
            self.notify(reply.text, title=_(COMMANDS[command_id].title), markup=False, timeout=3)

    async def history(self, check_id: str, seconds: float) -> History:
        """(samples, roll-ups) of one check; empty without an engine."""
        if self.host is None:
            return (), ()
        return await asyncio.wrap_future(self.host.history(check_id, seconds))

    # -- view actions -------------------------------------------------------

    def open_check(self, check_id: str) -> AwaitMount:
        from artisan_tui.tui.screens.check import CheckScreen

        return self.push_screen(CheckScreen(check_id))

    def _view_open(self) -> AwaitMount | None:
        check_id = self._check_in_focus()
        return None if check_id is None else self.open_check(check_id)

    def _view_back(self) -> None:
        screen = self.screen
        if isinstance(screen, Board):
            screen.close_filter(clear=True)
        elif len(self.screen_stack) > 1:
            self.pop_screen()

    def _view_board(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _view_filter(self) -> None:
        if isinstance(self.screen, Board):
            self.screen.open_filter()

    def _view_palette(self) -> AwaitMount | None:
        if isinstance(self.screen, CommandPalette):
            return None
        return self.push_screen(CommandPalette(placeholder=_("Find a command by its name")))

    def _view_help(self) -> AwaitMount:
        from artisan_tui.tui.screens.help import Help

        place = getattr(self.screen, "place", "")
        return self.push_screen(Help(self.actions_at(place), place, self.glyphs))

    def _view_demo(self) -> AwaitMount | None:
        if not self.session.demo or self.snapshot is None:
            return None
        from artisan_tui.tui.screens.faults import Faults

        return self.push_screen(Faults(self.snapshot.faults))

    def _view_next_pane(self) -> None:
        self.screen.focus_next()

    def _view_hour(self) -> None:
        self._plot("hour")

    def _view_day(self) -> None:
        self._plot("day")

    def _view_week(self) -> None:
        self._plot("week")

    def _plot(self, span: str) -> None:
        from artisan_tui.tui.screens.check import SPANS, CheckScreen

        if isinstance(self.screen, CheckScreen):
            self.screen.plot(SPANS[span])

    def _view_theme(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_interrupt(self) -> None:
        """Ctrl-C leaves from anywhere, dialogs too."""
        self.exit(None)

    def _view_quit(self) -> None:
        self.exit(None)
