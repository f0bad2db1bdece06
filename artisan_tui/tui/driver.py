"""The terminal driver, corrected where Textual 8.2.8 misbehaves."""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import signal
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from artisan_tui.tui.key_decoder import KeyDecoder

if TYPE_CHECKING:
    from textual.message import Message

#: Seconds that the rest of an escape sequence may take. A terminal on this machine writes a sequence at once.
ESCAPE_LOCAL, ESCAPE_REMOTE = 0.015, 0.1
#: Seconds for which the last words of a terminal far away are taken at the end.
_LAST_WORDS = 0.1
#: Seconds after a change of size at which the picture is compared with the terminal once more.
_SETTLED = 0.25
#: Seconds after a change until it is painted, with all that changes until then.
PAINT_WITHIN = 1 / 240


class Leaving(threading.Event):
    """An event that also wakes a thread that sleeps in ``select``."""

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)

    def fileno(self) -> int:
        return self._reader

    def set(self) -> None:
        super().set()
        os.write(self._writer, b"\0")

    def clear(self) -> None:
        super().clear()
        os.read(self._reader, 4096)


class ArtisanDriver(LinuxDriver):
    """Sleeps until a key comes, loses no size, hands the terminal back after a plain SIGSTOP, turns the mouse on and off.

    Textual polls for keys ten times a second: a tenth of a per cent of a core while nothing happens.

    After a SIGSTOP (a debugger, a batch system, another session) Textual takes the SIGCONT for the
    end of a Ctrl-Z: it would start a second input thread over the first. Two readers then share the
    keys, and the screen is cleared without being drawn again.

    Textual reads the terminal's size where the signal interrupts it. A second signal interrupts the first there, so
    that the earlier size is told last; and a signal that another thread received waits until the loop wakes.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = self._leaving = Leaving()
        #: How long the rest of an escape sequence may take.
        self.escape_patience = ESCAPE_LOCAL
        self._settling: asyncio.TimerHandle | None = None

    def run_input_thread(self) -> None:
        """Read keys until the driver leaves; wake for time only while half a sequence has come."""
        decoder = KeyDecoder(XTermParser(self._debug), self.escape_patience)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode

        def post(messages: Iterable[Message]) -> None:
            for message in messages:
                self.process_message(message)

        def take(ready: list[Any], *, final: bool = False) -> bool:
            """Post what came; False when nothing more can come."""
            data = os.read(self.fileno, 4096) if self.fileno in ready else None
            if data and (text := decode(data, final=final)):
                post(decoder.feed(text))
            elif not ready:
                post(decoder.expired())
            return data != b""

        while not self.exit_event.is_set():
            if not take(select.select([self.fileno, self._leaving], [], [], decoder.patience)[0]):
                self.exit_event.wait()
        # What a terminal far away still sends (the mouse) is taken here, or the shell would get it.
        take(select.select([self.fileno], [], [], _LAST_WORDS)[0], final=True)

    # -- the size -------------------------------------------------------------

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()

        def changed() -> None:
            self.follow_size()
            if self._settling is not None:
                self._settling.cancel()
            self._settling = loop.call_later(_SETTLED, self.follow_size)

        # By the loop, one after the other; and the kernel's word wakes it, whichever thread received the signal.
        loop.add_signal_handler(signal.SIGWINCH, changed)
        # A storm of sizes fills the pipe while the loop draws. Python's complaint about that would be on the screen.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        loop.call_soon(changed)

    def follow_size(self) -> None:
        """Have the screen arranged anew when the terminal has another size than the picture."""
        app = self._app
        if self.exit_event.is_set() or not app._running:
            return
        size = Size(*self._get_terminal_size())
        if app.size != size:
            app.post_message(events.Resize(size, size))
        elif app.screen_stack and app.screen.size != size:
            app.screen.post_message(events.Resize(size, size))

    def _sigcont_application(self, *_: object) -> None:
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()

    def use_mouse(self, wanted: bool) -> None:
        """Have movements and clicks reported, or not, from now on."""
        if wanted == self._mouse:
            return
        if wanted:
            self._mouse = True
            self._enable_mouse_support()
            if self._in_band_window_resize:
                self._enable_mouse_pixels()
        else:
            self._disable_mouse_support()
            self._mouse = False

    def _disable_mouse_support(self) -> None:
        super()._disable_mouse_support()
        if self._mouse_pixels:
            # Textual leaves this one on: the next program's mouse would count in pixels.
            self.write("\x1b[?1016l")
            self._mouse_pixels = False
            self.flush()


#: Sets what Textual declares Final, and reads when it is used.
_set_constant: Callable[[object, str, object], None] = setattr


def without_kitty_keys() -> None:
    """Do not ask for the kitty keyboard protocol: some terminals print what they do not know."""
    from textual import constants

    _set_constant(constants, "DISABLE_KITTY_KEY", True)


def paint_soon() -> None:
    """Paint what changed within `PAINT_WITHIN`, on every screen that is opened from now on.

    Textual 8.2.8 paints sixty times a second: a key waits up to 17 ms for its paint, and twice where one change leads to
    another. The timer stands still while nothing changes.
    """
    from textual import screen

    _set_constant(screen, "UPDATE_PERIOD", PAINT_WITHIN)
