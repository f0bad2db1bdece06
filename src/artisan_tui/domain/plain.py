"""Text from outside made fit to show: printable characters and nothing else.

Bodies, labels, headers and logs are data. Escape sequences, control characters,
bidirectional overrides and zero-width tricks never reach a terminal or a log.
"""

from __future__ import annotations

import re
import unicodedata

# Whole sequences go, not just their ESC: the rest of "\x1b[31m" would read as noise.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]",  # the short ones
    re.DOTALL,
)
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str | bytes, limit: int = 4096, *, lines: bool = False) -> str:
    """``text`` with nothing in it that a terminal would act on, at most ``limit`` characters.

    Bytes are read as UTF-8, undecodable ones shown as U+FFFD. Line ends become spaces
    unless ``lines``; tabs become spaces. A cut is marked with an ellipsis.
    """
    if isinstance(text, bytes):
        text = text[: limit * 8].decode("utf-8", "replace")
    text = _SEQUENCES.sub("", text[: limit * 8])
    out: list[str] = []
    for char in text.replace("\r\n", "\n"):
        if char == "\n":
            out.append("\n" if lines else " ")
        elif char == "\t" or char == "\r":
            out.append(" ")
        elif char.isascii():
            if " " <= char <= "~":
                out.append(char)
        elif unicodedata.category(char) not in _DROPPED:
            out.append(char)
        if len(out) > limit:
            return "".join(out[: limit - 1]) + "…"
    return "".join(out)
