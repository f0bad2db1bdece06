"""The terminal of an open board: BEL, and OSC 9 or OSC 777 for a notification of the terminal itself.

Nothing is sent: every session with a screen writes this into its own terminal. Without a screen there is nothing.
"""

from __future__ import annotations

from artisan_tui.config.notify import TerminalChannel
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import Dispatch, Reveal


def sequence(spec: TerminalChannel, title: str, text: str, *, tmux: bool = False) -> str:
    """What makes the terminal ring. ``tmux``: wrapped, so that it passes through to the terminal outside."""
    bell = "\a" if spec.bell else ""
    # A semicolon would begin the next field.
    title, text = (printable(each, 200).replace(";", ",") for each in (title, text))
    if spec.osc == "none":
        return bell
    said = f"\x1b]9;{title}\a" if spec.osc == "9" else f"\x1b]777;notify;{title};{text}\a"
    if tmux:
        said = "\x1bPtmux;" + said.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return bell + said


class TerminalSender:
    async def send(self, dispatch: Dispatch) -> SendOutcome:
        """Every open board rings by itself when the message is queued."""
        return SendOutcome(Came.SENT, "shown by the boards that are open")


def open(spec: TerminalChannel, reveal: Reveal) -> TerminalSender:
    return TerminalSender()
