"""Copying into the terminal's clipboard.

The clipboard is reached with OSC 52. tmux and GNU screen let such a sequence pass only in a wrapping of
their own. Inside our own tmux the program itself can be asked, which works however it is configured.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator

from artisan_tui.child_pipes import let_go
from artisan_tui.domain.text.printable import printable
from artisan_tui.tui.terminal import Terminal

#: What terminals take at most (xterm's and hterm's limit of 100,000 bytes of sequence, less its ends).
MOST_BASE64 = 74_994
#: Bytes of one piece for GNU screen, whose strings are short.
_PIECE = 76
#: Seconds tmux gets to take it.
_TMUX_PATIENCE = 2.0


def cleaned(text: str) -> str:
    """``text`` without anything that a terminal, or the shell it is pasted into, would act on."""
    return printable(text, len(text) + 1, lines=True)


def fitting(text: str) -> str:
    """As much of ``text`` as the clipboard takes, never half a letter."""
    return text.encode()[: MOST_BASE64 // 4 * 3].decode(errors="ignore")


def sequences(text: str, terminal: Terminal) -> str:
    """What to write so that ``text`` gets into the terminal's clipboard. It must be `cleaned` and `fitting`.

    Behind tmux both forms go out: the plain one counts where tmux keeps the clipboard itself
    (set-clipboard on), the wrapped one where it lets things pass (allow-passthrough on).
    """
    plain = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    if terminal.tmux:
        return "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\" + plain
    if terminal.screen:
        # The plain one for a far tmux that calls itself screen; screen itself ignores it.
        return "".join(f"\x1bP{piece}\x1b\\" for piece in _pieces(plain)) + plain
    return plain


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


async def into_tmux(text: str) -> bool:
    """Give ``text`` to the tmux we run in, for its buffer and its terminal's clipboard; whether it took it."""
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux",
            "load-buffer",
            "-w",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), _TMUX_PATIENCE)
    except (TimeoutError, OSError):
        return False
    finally:
        let_go(process)
    return process.returncode == 0
