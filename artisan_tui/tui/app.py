"""The application: its life, and the engine's snapshots on their way to the screens."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, tzinfo
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.widgets import Input

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.access import Session
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.garbage import ANSWERED, GARBAGE
from artisan_tui.engine.notify.slice import NotifySlice
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import language_of, use_language
from artisan_tui.tui.bell import pages
from artisan_tui.tui.crash import write_crash
from artisan_tui.tui.driver import ArtisanDriver
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.key_decoder import EditingKey
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.kit.typed_line import edit
from artisan_tui.tui.messages import EngineFailed, SnapshotArrived
from artisan_tui.tui.navigation import NavigableApp
from artisan_tui.tui.registry import Registry, registry_of, wing_places
from artisan_tui.tui.terminal import Terminal, Wishes

if TYPE_CHECKING:
    from textual.app import App

    from artisan_tui.engine.host import EngineHost

_FOLDER = Path(__file__).parent


class ArtisanApp(NavigableApp[BaseException | None]):
    """``host`` runs the engine; tests leave it out and post snapshots themselves.

    The return value of `run` is the error that ended the engine, if one did.
    """

    CSS_PATH: ClassVar[list[Path]] = [_FOLDER / "kit" / "kit.tcss", _FOLDER / "board" / "board.tcss"]  # type: ignore[assignment]  # narrower than Textual's
    TITLE = "artisan-tui"

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
        super().__init__(registry or registry_of(wing_places()), session, terminal or Terminal(), wishes or Wishes())
        self._crash_dir = crash_dir
        #: What to tell the person after a crash of ours; the traceback goes into a file.
        self.crash_note = ""
        self.clock = clock or SystemClock()
        self.glyphs = UNICODE
        self.snapshot: Snapshot | None = None
        self.live: Snapshot | None = None
        self.zone: tzinfo = UTC
        self.host: EngineHost | None = None
        self._language = language
        self._answered: asyncio.TimerHandle | None = None
        self._waiting: Snapshot | None = None
        use_language(language)

    # -- life ---------------------------------------------------------------

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, self._draw_again)
        if self.host is not None:
            # After the first frame is on the wire: the engine's imports must not delay it.
            self.call_after_refresh(self.host.start)
            self.call_after_refresh(self._load_rest)

    def _load_rest(self) -> None:
        """What the first frame did not draw. Later there may be no file descriptor left to read a module with."""
        for name in ("artisan_tui.tui.checks.rows", "artisan_tui.tui.event_line"):
            import_module(name)
        from artisan_tui.reports.event_words import load_words

        load_words()

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
        if self._answered is not None and GARBAGE.puts_off:
            self._waiting = event.snapshot  # what a key does is painted first
            return
        self._waiting = None
        before, self.live = self.live, event.snapshot
        if isinstance(self._driver, ArtisanDriver):
            self._driver.follow_size()
        status = event.snapshot[SessionStatus]
        # Another zone changes every time on the screen, also where no slice changed.
        everything = before is None or before[SessionStatus] != status
        if everything:
            self._follow(status)
        if pages(before, event.snapshot):
            self.bell()
        ring = event.snapshot[NotifySlice].ring
        if ring is not None and (before is None or before[NotifySlice].ring != ring) and self._driver is not None:
            self._driver.write(ring.sequence)  # made of printable text, by the engine
        self.read_ahead(status.loaded_at)
        if self.opens_at and status.loaded_at is not None:
            self.open_at(self.clock.now(), self.zone)
        if self.moment is None:
            self.snapshot = event.snapshot
            self.show_everywhere(everything=everything)
        else:
            self.now_changed()

    def _follow(self, status: SessionStatus) -> None:
        """Follow the configuration: zone, language, theme, keys."""
        # Not before the first frame.
        from zoneinfo import ZoneInfo

        from artisan_tui.reports.wording import use_zone

        self.zone = UTC if status.zone == "UTC" else ZoneInfo(status.zone)
        use_zone(self.zone)
        if status.loaded_at is None:
            return  # the configuration is not read yet; the wishes of the first frame hold
        self.follow(Wishes(status.theme, status.glyphs, status.mouse))
        # As on the command line: the person's environment or the team's configuration says Korean. English where Korean
        # would come out as question marks.
        language = "ko" if "ko" in (status.language, language_of(os.environ)) and self.can_write("한") else "en"
        other_words = language != self._language
        if other_words:
            self._language = language
            use_language(language)
        if self.choose_keys(status.keys) or other_words:
            for screen in self.screen_stack:
                if isinstance(screen, ArtisanScreen) and screen.ready:
                    screen.words_changed()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent | events.Paste):
            self._put_others_off()
            if self._exit or not self.screen_stack:
                return  # typed while the program ends
        if isinstance(event, events.Paste):
            # What is pasted comes from anywhere; Textual's inputs would send it to the terminal as it is. A line end
            # in it is no Enter, and what is behind it belongs to the text.
            lines = printable(event.text, 4000, lines=True).splitlines()
            event = events.Paste(" ".join(line.strip() for line in lines if line.strip()))
        elif isinstance(event, EditingKey):
            if isinstance(self.focused, Input):
                event = events.Key(event.key, event.character)
            else:
                await super().on_event(events.Key("escape", "\x1b"))
                event = event.then
        if isinstance(event, events.Key) and isinstance(self._driver, ArtisanDriver):
            self._driver.follow_size()
        if isinstance(event, events.Key) and not event.is_forwarded and await self._edited(event):
            return
        await super().on_event(event)

    def _put_others_off(self) -> None:
        """Collections and snapshots wait until what this key does is painted."""
        GARBAGE.pressed()
        if self._answered is not None:
            self._answered.cancel()
        later = ANSWERED if GARBAGE.puts_off else 0.0
        self._answered = asyncio.get_running_loop().call_later(later, self._go_on)

    def _go_on(self) -> None:
        """After the key."""
        self._answered = None
        GARBAGE.answered()
        if self._waiting is not None:
            self.call_later(self._take_waiting)

    def _take_waiting(self) -> None:
        """A newer one may have come first."""
        if self._waiting is not None:
            self._snapshot_arrived(SnapshotArrived(self._waiting))

    async def _edited(self, event: events.Key) -> bool:
        """Whether the key was for the line that has the focus."""
        line = self.focused
        return isinstance(line, Input) and (await self._check_bindings(event.key, priority=True) or edit(line, event))
