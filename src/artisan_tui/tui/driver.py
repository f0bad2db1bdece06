"""The terminal driver, mended where Textual 8.2.8 is wrong about a terminal or sure of too much."""

from __future__ import annotations

from collections.abc import Callable

from textual.drivers.linux_driver import LinuxDriver


class ArtisanDriver(LinuxDriver):
    """Hands the terminal back after a plain SIGSTOP, and lets the mouse come and go while it runs.

    After a SIGSTOP (a debugger, a batch system, another session) Textual takes the SIGCONT for the
    end of a Ctrl-Z: it would start a second input thread over the first. Two readers then share the
    keys, and the screen is cleared without being drawn again.
    """

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
