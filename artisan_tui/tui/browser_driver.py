"""The board in a browser: what it draws goes to `artisan-tui serve` in packets, and keys come back in packets.

The packets are those of Textual's `WebDriver`. Textual 8.2.8 looks for keys ten times a second, stops reading keys after
a byte that is not UTF-8, and lets everything that is printed on stdout get between its packets.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import sys
from functools import partial
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver
from textual.geometry import Size

from artisan_tui.tui.driver import ESCAPE_LOCAL, Leaving
from artisan_tui.tui.key_decoder import KeyDecoder

#: What the server waits for before it reads packets.
_BEGIN = b"__GANGLION__\n"


class BrowserDriver(WebDriver):
    """Reads packets on stdin and writes packets on stdout. The process ends with its stdin: `tui.ending`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = self._leaving = Leaving()
        self._keys = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
        # Whatever a library prints goes where the server reads errors, and not between the packets.
        self._packets = os.dup(self.fileno)
        os.dup2(2, self.fileno)
        self._write = partial(self._write_all)

    def _write_all(self, data: bytes) -> int:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._packets, left) :]
            except BrokenPipeError:
                break  # the server has gone, and this process ends
        return len(data)

    def start_application_mode(self) -> None:
        # Not Textual's own: it would take the signals from `tui.ending`, and begin without the focus.
        self._write_all(_BEGIN)
        self.write("\x1b[?1049h\x1b[?25l")
        if self._mouse:
            self._enable_mouse_support()
        self._enable_bracketed_paste()
        size = Size(80, 24) if self._size is None else Size(*self._size)
        asyncio.get_running_loop().call_soon(self._app.post_message, events.Resize(size, size))
        self._key_thread.start()

    def stop_application_mode(self) -> None:
        self.exit_event.set()

    def run_input_thread(self) -> None:
        """Read packets until the driver leaves; wake for time only while half a sequence has come."""
        decoder = KeyDecoder(XTermParser(self._debug), ESCAPE_LOCAL)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        packets = ByteStream()
        waiting: list[Any] = [self._keys, self._leaving]
        while not self.exit_event.is_set():
            ready = select.select(waiting, [], [], decoder.patience)[0]
            if not ready:
                for message in decoder.expired():
                    self.process_message(message)
            elif self._keys in ready:
                data = os.read(self._keys, 65536)
                if not data:
                    return
                for kind, payload in packets.feed(data):
                    if kind == "D":
                        for message in decoder.feed(decode(payload)):
                            self.process_message(message)
                    else:
                        self._on_meta(kind, payload)
