"""The application: hands the engine's snapshots to the screens, and turns keys into actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, on
from textual.binding import BindingsMap
from textual.widgets import Input

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.access import Session
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import _, use_language
from artisan_tui.tui.bell import pages
from artisan_tui.tui.command_dialogs import start
from artisan_tui.tui.crash import write_crash
from artisan_tui.tui.engine_calls import EngineCalls
from artisan_tui.tui.fitted import FittedApp
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.keyboard import Keyboard
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.place import Place, load
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.sized import Sized, TooSmall
from artisan_tui.tui.messages import EngineFailed, SnapshotArrived
from artisan_tui.tui.palette_entries import Commands
from artisan_tui.tui.registry import Registry, registry_of, wing_places
from artisan_tui.tui.terminal import Terminal, Wishes

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen
    from textual.widget import AwaitMount

    from artisan_tui.engine.host import EngineHost
    from artisan_tui.tui.kit.keys import Action

T = TypeVar("T")
_FOLDER = Path(__file__).parent


class ArtisanApp(EngineCalls, FittedApp[BaseException | None]):
    """``host`` runs the engine; tests leave it out and post snapshots themselves. Implements `kit.shell.Shell`.

    The return value of `run` is the error that ended the engine, if one did.
    """

    CSS_PATH: ClassVar[list[Path]] = [_FOLDER / "kit" / "kit.tcss", _FOLDER / "board" / "board.tcss"]  # type: ignore[assignment]  # narrower than Textual's
    COMMANDS: ClassVar[set[type[Commands]]] = {Commands}  # type: ignore[assignment]  # narrower than Textual's
    #: Textual's own entry is a second binding of its key, and one that also works above dialogs.
    ENABLE_COMMAND_PALETTE = False
    TITLE = "artisan-tui"
    INHERIT_BINDINGS = False

    def __init__(
        self,
        session: Session,
        *,
        clock: Clock | None = None,
        terminal: Terminal | None = None,
        wishes: Wishes | None = None,
        language: str = "en",
        crash_dir: Path | None = None,
        registry: Registry | None = None,
    ) -> None:
        """``terminal`` is what can be shown, by default everything. ``wishes`` hold until the configuration is read.
        ``registry`` is what the wings declare for the screen."""
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
        self._declared = registry or registry_of(wing_places())
        self._keyboard = Keyboard(self._declared, session)
        self._bindings = BindingsMap(self._keyboard.bindings())

    # -- life ---------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        home: Screen[None] = load(self._declared.home.load)()
        return home

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, self._draw_again)
        if self.host is not None:
            # After the first frame is on the wire: the engine's imports must not delay it.
            self.call_after_refresh(self.host.start)

    def _fatal_error(self) -> None:
        """A defect of ours: the terminal is handed back, the traceback goes to a file, the person gets a sentence.

        Textual's own prints the traceback, locals and all, over an on-call engineer's terminal.
        """
        # Textual calls this again for the same error while it ends.
        self.crash_note = self.crash_note or write_crash(self._crash_dir, self.clock.now(), self._exception)
        self._close_messages_no_wait()

    def _draw_again(self, app: App[BaseException | None]) -> None:
        """After a suspension the terminal is empty."""
        self.refresh(layout=True)

    def leave(self) -> None:
        self.exit(None)

    # -- what the engine publishes ------------------------------------------

    def receive(self, snapshot: Snapshot) -> None:
        """Take a snapshot from the engine's thread."""
        self.post_message(SnapshotArrived(snapshot))

    def engine_failed(self, error: BaseException) -> None:
        """Take, from the engine's thread, the error that ended it."""
        self.post_message(EngineFailed(error))

    @on(EngineFailed)
    def _engine_failed(self, event: EngineFailed) -> None:
        self.exit(event.error)

    @on(SnapshotArrived)
    def _snapshot_arrived(self, event: SnapshotArrived) -> None:
        before, self.snapshot = self.snapshot, event.snapshot
        status = event.snapshot[SessionStatus]
        # Another zone changes every time on the screen, also where no slice changed.
        everything = before is None or before[SessionStatus] != status
        if everything:
            self._follow(status)
        if pages(before, event.snapshot):
            self.bell()
        with self.batch_update():
            for screen in self.screen_stack:
                if isinstance(screen, Sized) and screen.ready and (screen is self.screen or self.screen.is_modal):
                    screen.show_snapshot(event.snapshot, everything=everything)
            for cover in self.screen.query(TooSmall):
                cover.redraw()

    def _follow(self, status: SessionStatus) -> None:
        """Follow the configuration: zone, language, theme, keys."""
        from zoneinfo import ZoneInfo  # not before the first frame

        self.zone = UTC if status.zone == "UTC" else ZoneInfo(status.zone)
        if status.loaded_at is None:
            return  # the configuration is not read yet; the wishes of the first frame hold
        self.follow(Wishes(status.theme, status.glyphs, status.mouse))
        # English where Korean would come out as question marks.
        language = status.language if self.can_write("한") else "en"
        other_words = language != self._language
        if other_words:
            self._language = language
            use_language(language)
        if self._keyboard.choose(status.keys):
            other_words = True
            self.set_keymap(self._keyboard.chosen)
        if other_words:
            for screen in self.screen_stack:
                if isinstance(screen, ArtisanScreen) and screen.ready:
                    screen.words_changed()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste):
            # What is pasted comes from anywhere; Textual's inputs would send it to the terminal as it is.
            event = events.Paste(printable(event.text, 4000, lines=True))
        await super().on_event(event)

    # -- places -------------------------------------------------------------

    @property
    def place(self) -> str:
        """The id of the place in front, "" for a dialog."""
        return self.screen.place.id if isinstance(self.screen, ArtisanScreen) else ""

    @property
    def selection(self) -> Mapping[str, str]:
        return self.screen.selection if isinstance(self.screen, ArtisanScreen) else {}

    def open(self, place: str, **what: Any) -> AwaitMount:
        screen: Screen[None] = load(self._declared.places[place].load)(**what)
        return self.push_screen(screen)

    def _go_to(self, place: Place) -> AwaitMount | None:
        """To a place by its key: from there Esc then leads home, wherever one was."""
        if self.place == place.id:
            return None
        while len(self.screen_stack) > 1:
            self.pop_screen()
        return None if place is self._declared.home else self.open(place.id)

    def show_dialog(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> AwaitMount:
        return self.push_screen(dialog, answered)

    def say(self, text: str) -> None:
        self.notify(text, markup=False, timeout=3)

    # -- keys ---------------------------------------------------------------

    @property
    def keys(self) -> Mapping[str, str]:
        return self._keyboard.chosen

    @property
    def key_problems(self) -> tuple[str, ...]:
        return self._keyboard.problems

    def key_of(self, binding: str) -> str:
        return self._keyboard.key_of(binding)

    def actions_at(self, place: str) -> list[Action]:
        return self._keyboard.at(place)

    def hints_at(self, place: str) -> list[Action]:
        return self._keyboard.hints_at(place, self.snapshot)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are ours only on our own screens, and not while text is typed.

        They have priority, and their actions are awaited before the next key is handled:
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
        return self._keyboard.works_at(str(parameters[0]), self.place)

    async def action_artisan(self, action_id: str) -> None:
        """The one entry for every key, palette entry and click: an act on the view or an engine command."""
        opening = self._begin(action_id)
        if isawaitable(opening):
            await opening

    def _begin(self, action_id: str) -> object:
        action = self._keyboard.declared(action_id)
        if action is None:
            return start(self, self._declared, action_id) if action_id in COMMANDS else None
        if action.where not in ("", self.place):
            title = _(self._declared.places[action.where].title)
            self.say(_("{title} works on this screen only: {screen}").format(title=_(action.title), screen=title))
            return None
        if action.opens:
            return self._go_to(self._declared.places[action.opens])
        if ":" in action.do:
            return load(action.do)(self)
        if action.do:
            return getattr(self.screen, action.do)() if isinstance(self.screen, ArtisanScreen) else None
        if self._keyboard.usable(action_id) is None:
            # Declared, but not for this session: the core says why.
            self.execute(action_id, {})
            return None
        return start(self, self._declared, action_id)

    def action_move(self, how: str) -> None:
        """Move in the list in focus, here and now: the "enter" behind it may already be waiting."""
        if isinstance(self.focused, Lines):
            self.focused.move(how)

    def action_interrupt(self) -> None:
        """Ctrl-C leaves from anywhere, dialogs too."""
        self.leave()
