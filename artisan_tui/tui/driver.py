"""The terminal driver, corrected where Textual 8.2.8 misbehaves."""

from __future__ import annotations

import codecs
import os
import select
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.message import Message

_TICK = 0.1  #: seconds after which a parser that waits for the rest of an escape sequence is asked again


class _Leaving(threading.Event):
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
    """Sleeps until a key comes, hands the terminal back after a plain SIGSTOP, turns the mouse on and off.

    Textual polls for keys ten times a second: a tenth of a per cent of a core while nothing happens.

    After a SIGSTOP (a debugger, a batch system, another session) Textual takes the SIGCONT for the
    end of a Ctrl-Z: it would start a second input thread over the first. Two readers then share the
    keys, and the screen is cleared without being drawn again.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = self._leaving = _Leaving()

    def run_input_thread(self) -> None:
        """Read keys until the driver leaves; wake for time only while half a sequence has come."""
        parser = XTermParser(self._debug)
        decode = codecs.getincrementaldecoder("utf-8")().decode

        def post(messages: Iterable[Message]) -> None:
            for message in messages:
                self.process_message(message)

        def take(ready: list[Any], *, final: bool = False) -> bool:
            """Post what came; False when nothing more can come."""
            data = os.read(self.fileno, 4096) if self.fileno in ready else None
            if data and (text := decode(data, final=final)):
                post(parser.feed(text))
            post(parser.tick())
            return data != b""

        while not self.exit_event.is_set():
            patience = None if parser._timeout_time is None else _TICK
            if not take(select.select([self.fileno, self._leaving], [], [], patience)[0]):
                self.exit_event.wait()
        # What a terminal far away still sends (the mouse) is taken here, or the shell would get it.
        take(select.select([self.fileno], [], [], _TICK)[0], final=True)

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


def without_kitty_keys() -> None:
    """Do not ask for the kitty keyboard protocol: some terminals print what they do not know."""
    from textual import constants

    set_constant: Callable[[object, str, object], None] = setattr  # it is declared Final, and read when it is used
    set_constant(constants, "DISABLE_KITTY_KEY", True)
