"""Changes every line of every widget, Textual's own included, for terminals that lack signs or colours.

A widget draws once, in signs and colours; what the terminal lacks is replaced here by others of the
same width. So no widget needs to know what the terminal can show.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from artisan_tui.tui.glyphs import ASCII, UNICODE

#: Box drawing and block elements. The heavy ones are production's frames and must not look like others.
_LINES = {chr(code): "+" for code in range(0x2500, 0x2580)} | {chr(code): "#" for code in range(0x2580, 0x25A0)}
_LINES |= dict.fromkeys("─┄┈╌╴╶▔‾", "-") | dict.fromkeys("│┆┊╎╵╷▎▏▕", "|")
_LINES |= dict.fromkeys("━┅┉╍═╸╺╼╾", "=") | dict.fromkeys("┃┇┋╏║╹╻╽╿▌▐", "|") | dict.fromkeys("┏┓┗┛╔╗╚╝", "#")
_LINES |= dict(zip(UNICODE.levels, ASCII.levels, strict=True))
_LINES |= {sign: ASCII.states[state] for state, sign in UNICODE.states.items() if not sign.isascii()}
_LINES |= dict(zip("…·•‥→←↑↓▶◀▲▼●○■□▪–—−×≤≥‘’“”", "~.*~><^v><^v*o#o#---x<>''\"\"", strict=True))
_LINES |= {UNICODE.limit: ASCII.limit}
_TABLE = str.maketrans(_LINES)


class PlainSigns(LineFilter):
    """Lines, blocks and marks in ASCII; letters that ``charset`` lacks as one ``?`` a cell."""

    def __init__(self, charset: str) -> None:
        super().__init__()
        self._charset = charset
        self._spelled = lru_cache(4096)(self._spell)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(self._spelled(segment.text), segment.style, segment.control)
            for segment in segments
        ]

    def _spell(self, text: str) -> str:
        text = text.translate(_TABLE)
        if self._charset == "utf-8" or text.isascii():
            return text
        spans, _width = split_graphemes(text)
        letters = ((text[start:end], size) for start, end, size in spans)
        return "".join(letter if carries(self._charset, letter) else "?" * size for letter, size in letters)


def carries(charset: str, text: str) -> bool:
    """Whether ``text`` can be written in ``charset`` at all."""
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


class NoColours(LineFilter):
    """Bold, underline and reverse stay; no colour is named, not even the default one.

    What has a background of its own (a highlight, a cursor of Textual's) is reversed instead.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            Segment(text, None if style is None else _colourless(style), control) for text, style, control in segments
        ]


@lru_cache(1024)
def _colourless(style: Style) -> Style:
    ground = style.bgcolor
    marked = ground is not None and not ground.is_default and not style.reverse
    plain = style.without_color + (Style(reverse=True) if marked else Style())
    # Rich forgets what a click on it means.
    return plain + Style.from_meta(style.meta) if style.meta else plain
