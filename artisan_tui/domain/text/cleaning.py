"""Removal of characters that a terminal would act on.

This module is imported with the first such text, because compiling its patterns would delay the first frame.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# The whole escape sequence is removed. Without its ESC, "\x1b[31m" would leave "[31m" in the text.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]",  # two-character sequences
    re.DOTALL,
)
_INTRODUCER = re.compile("[\x1b\x80-\x9f]")
#: Ranges without combining marks and invisible characters: Latin, Korean, Chinese, arrows, lines, blocks.
_HARMLESS = re.compile("[ -~\u00a1-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u259f\u4e00-\u9fff\uac00-\ud7a3]*")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
#: Invisible characters whose category is letter or mark: grapheme joiner, fillers, variation selectors.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_MARKS = {"Mn", "Me"}
#: Combining marks kept per letter. No language needs more, and many marks would cover the lines above.
_MARKS_KEPT = 4


def is_harmless(text: str) -> bool:
    """Whether ``text`` needs no cleaning. It has passed `str.isprintable`, which accepts invisible letters."""
    return _HARMLESS.fullmatch(text) is not None


def clean(text: str, lines: bool) -> str:
    """``text`` without escape sequences, control characters and invisible characters.

    Each step is one call into C, so that a text of a megabyte does not block the event loop.
    """
    if _INTRODUCER.search(text):
        text = _SEQUENCES.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", " ").replace("\t", " ")
    if not lines:
        text = text.replace("\n", " ")
    categories = {char: unicodedata.category(char) for char in set(text) if char != "\n"}
    dropped = [char for char, category in categories.items() if category in _DROPPED or _INVISIBLE.match(char)]
    if len(dropped) > 8:
        text = text.translate(dict.fromkeys(map(ord, dropped)))
    else:
        for char in dropped:
            text = text.replace(char, "")
    return _without_extra_marks(text) if _MARKS & set(categories.values()) else text


def _without_extra_marks(text: str) -> str:
    out: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if marks <= _MARKS_KEPT:
            out.append(char)
    return "".join(out)


#: Characters that JSON does not escape and that may be unsafe to print.
_LEFT_ALONE = re.compile("[\x7f-\U0010ffff]")


def _is_unsafe(char: str) -> bool:
    return unicodedata.category(char) in _DROPPED or _INVISIBLE.match(char) is not None


def spelled_out(text: str, spell: Callable[[str], str]) -> str:
    """``text`` with every unsafe character replaced by ``spell`` of it."""
    return _LEFT_ALONE.sub(lambda match: spell(match[0]) if _is_unsafe(match[0]) else match[0], text)
