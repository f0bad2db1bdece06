"""What this terminal can show, read from its environment before anything is drawn.

The terminal itself is not queried: an answer that comes late, or never, would delay the
first frame or be taken for keys.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

TRUECOLOR = 1 << 24
#: Columns and lines below which there is only room for a sentence.
LEAST = (60, 15)

_UTF8 = "utf-8"
#: What Python sets LC_CTYPE to by itself when the locale is C (PEP 538).
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
#: Beginnings of TERM whose terminals know 24-bit colour, whatever COLORTERM says (sudo and ssh drop it).
_TRUECOLOR_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour")


class Terminal(NamedTuple):
    """``colours`` is 0, 16, 256 or `TRUECOLOR`; ``charset`` what text can be written in.

    ``ascii``: lines and blocks are drawn with ASCII. ``light``: it says that its background is.
    ``remote``: over SSH. ``tmux`` and ``screen``: what is between us and it, as far as we know;
    ``own_tmux`` that we run in that very tmux, not behind it on another machine.
    ``kitty``: asking for the kitty keyboard protocol does no harm. ``browser``: a page that `artisan-tui serve` gave out.
    """

    colours: int = TRUECOLOR
    charset: str = _UTF8
    ascii: bool = False
    light: bool = False
    remote: bool = False
    tmux: bool = False
    own_tmux: bool = False
    screen: bool = False
    kitty: bool = True
    browser: bool = False


#: What `artisan-tui serve` sets for the boards that it starts.
IN_BROWSER = "ARTISAN_IN_BROWSER"


def in_browser(environ: Mapping[str, str]) -> bool:
    """Whether this process was started by `artisan-tui serve`, to be shown in a browser."""
    return environ.get(IN_BROWSER) == "1" and not sys.stdin.isatty() and not sys.stdout.isatty()


def terminal_of(environ: Mapping[str, str], encoding: str | None = None) -> Terminal:
    """``encoding`` is what the stream to the terminal writes; without it the locale's counts."""
    term = environ.get("TERM", "").lower()
    charset = _charset(environ)
    if encoding is not None and charset != "ascii" and _codec(encoding) != charset:
        charset = "ascii"
    console = term == "linux" or term.startswith("linux-")
    screen = "STY" in environ or (term.startswith("screen") and "TMUX" not in environ)
    return Terminal(
        colours=_colours(environ, term),
        charset=charset,
        # The Linux console knows UTF-8, but its font holds few of our signs.
        ascii=charset != _UTF8 or console,
        light=_light(environ.get("COLORFGBG", "")),
        remote=any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")),
        tmux="TMUX" in environ or term.startswith("tmux"),
        own_tmux="TMUX" in environ,
        screen=screen,
        # Consoles and GNU screen print what they do not know of it.
        kitty=not (console or screen or term.startswith("vt")),
    )


def undrawable(environ: Mapping[str, str]) -> str:
    """The value of TERM, in quotes where it is empty, when nothing can be drawn with it; else ""."""
    term = environ.get("TERM", "")
    return (term or "''") if term in ("dumb", "", "unknown") else ""


def _colours(environ: Mapping[str, str], term: str) -> int:
    if environ.get("NO_COLOR"):  # no-color.org: "when present and not an empty string"
        return 0
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return TRUECOLOR
    if term.startswith(_TRUECOLOR_TERMS) or term.endswith("-direct"):
        return TRUECOLOR
    return 256 if term.endswith("256color") else 16


def _light(pair: str) -> bool:
    """COLORFGBG is "foreground;background", sometimes with a word between: read as vim reads it."""
    back = pair.rpartition(";")[2]
    return back.isdecimal() and back not in ("0", "1", "2", "3", "4", "5", "6", "8")


def _charset(environ: Mapping[str, str]) -> str:
    """The codec of the locale: LC_ALL, then LC_CTYPE, then LANG, as the C library looks them up."""
    everything, ctype, lang = (environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    if not everything and ctype in _COERCED and sys.flags.utf8_mode:
        ctype = _given("LC_CTYPE", ctype)
    locale = everything or ctype or lang
    if locale in ("", "C", "POSIX"):
        return "ascii"
    # A locale without a charset has one of its own that only the C library knows; today that is UTF-8.
    name = locale.partition("@")[0].partition(".")[2] if locale != "UTF-8" else _UTF8
    return _codec(name or _UTF8)


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return "ascii"
    return "ascii" if found == "ascii" else found


def _given(name: str, now: str) -> str:
    """A variable as the process was started with it: Python sets LC_CTYPE when the locale is not there."""
    try:
        block = Path("/proc/self/environ").read_bytes()
    except OSError:
        return now
    head = name.encode() + b"="
    values = [entry[len(head) :] for entry in block.split(b"\0") if entry.startswith(head)]
    return values[0].decode(errors="replace") if values else ""


# -- what the configuration says, before it is read -------------------------------------------


class Wishes(NamedTuple):
    """The keys of the configuration that change the first frame."""

    theme: str = "auto"
    glyphs: str = "auto"
    mouse: str = "auto"


def wishes_in(path: Path) -> Wishes:
    """What the file seems to say, so that the first frame is not drawn in other colours.

    Only the lines before the first table are read, and not as TOML: that would delay the first frame.
    The engine reads the file a moment later, and its reading counts.
    """
    found: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("["):
                    break
                key, _equals, value = (part.strip() for part in line.partition("#")[0].partition("="))
                if key in Wishes._fields and value[:1] in ("'", '"') and value[-1:] == value[:1]:
                    found[key] = value[1:-1]
    except OSError:
        return Wishes()
    return Wishes(**found)
