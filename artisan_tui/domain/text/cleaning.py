"""How text that is not plain becomes so. Loaded with the first such text: the patterns cost the first frame milliseconds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Whole sequences go, not just their ESC: the rest of "\x1b[31m" would read as noise.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]",  # the short ones
    re.DOTALL,
)
_INTRODUCER = re.compile("[\x1b\x80-\x9f]")
#: Where no mark and nothing invisible is, and most texts are from: Latin, Korean, Chinese, arrows, lines, blocks.
_HARMLESS = re.compile("[ -~\u00a1-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u259f\u4e00-\u9fff\uac00-\ud7a3]*")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
#: Letters and marks by their category that no reader sees: grapheme joiner, fillers, variation selectors.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_MARKS = {"Mn", "Me"}
#: Marks one letter may carry; no language puts more on it, and a flood climbs over the lines above.
_MARKS_KEPT = 4


def is_harmless(text: str) -> bool:
    """Whether there is nothing to do. ``text`` is printable by Python's account, which lets invisible letters pass."""
    return _HARMLESS.fullmatch(text) is not None


def clean(text: str, lines: bool) -> str:
    """One pass of C for each thing to do: a body of a megabyte must not hold anybody."""
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
    return _unflooded(text) if _MARKS & set(categories.values()) else text


def _unflooded(text: str) -> str:
    out: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in _MARKS else 0
        if marks <= _MARKS_KEPT:
            out.append(char)
    return "".join(out)


#: What JSON writes as it is and may not be fit to show.
_LEFT_ALONE = re.compile("[\x7f-\U0010ffff]")


def _unfit(char: str) -> bool:
    return unicodedata.category(char) in _DROPPED or _INVISIBLE.match(char) is not None


def spelled_out(text: str, spell: Callable[[str], str]) -> str:
    """``text`` with ``spell`` of every character in it that is not fit to show."""
    return _LEFT_ALONE.sub(lambda match: spell(match[0]) if _unfit(match[0]) else match[0], text)
