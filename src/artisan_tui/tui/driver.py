"""The terminal driver, mended where Textual 8.2.8 takes every SIGCONT for the end of a Ctrl-Z."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver


class ArtisanDriver(LinuxDriver):
    """After a plain SIGSTOP (a debugger, a batch system, another session) the terminal was not handed back.

    Textual would start a second input thread over the first: two readers then share the
    keys, and the screen is cleared without being drawn again.
    """

    def _sigcont_application(self, *_: object) -> None:
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()
