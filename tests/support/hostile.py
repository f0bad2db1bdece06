"""Nasty texts, and what must not come of them on a terminal or in a pipe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Stands inside what a terminal would swallow: where it is seen, a sequence got through or was shown as text.
MARK = "owned"
#: Stands outside of it: where it is not seen, a whole text was lost.
SEEN = "EVIL"

#: Whole control sequences around `MARK`, with parameters that the program itself never uses.
SEQUENCES = {
    "title": f"\x1b]0;{MARK}\x07",
    "title st": f"\x1b]2;{MARK}\x1b\\",
    "link": f"\x1b]8;;http://{MARK}.example/\x1b\\\x1b]8;;\x1b\\",
    "clipboard": f"\x1b]52;c;{MARK}b3duZWQ=\x07",
    "colour": "\x1b[38;5;201m",
    "clear": "\x1b[2J\x1b[3J",
    "move": "\x1b[99;99H",
    "report": "\x1b[5n\x1b[6n\x1b[>0q\x1b[c",
    "leave": "\x1b[?1049l\x1b[?2004l",
    "reset": "\x1bc\x1b[!p",
    "charset": "\x1b(0\x1b)0",
    "dcs": f"\x1bP1;2|{MARK}\x1b\\",
    "decrqss": f"\x1bP$q{MARK}\x1b\\",
    "apc": f"\x1b_{MARK}\x1b\\",
    "pm": f"\x1b^{MARK}\x1b\\",
    "sos": f"\x1bX{MARK}\x1b\\",
    "c1 csi": "\x9b38;5;201m\x9b5n",
    "c1 osc": f"\x9d0;{MARK}\x9c",
    "c1 dcs": f"\x90{MARK}\x9c",
    "endless osc": f"\x1b]0;{MARK}",
    "nested": f"\x1b[\x1b]0;{MARK}\x07201m",
}
#: Characters that act, hide or lie.
CHARACTERS = {
    "bell": "\x07\x07",
    "nul": "a\0b",
    "backspace": "safe\x08\x08\x08\x08evil",
    "delete": "a\x7fb",
    "carriage return": "real line\rfake line",
    "lines": "one\ntwo\r\nthree\x0bfour\x0cfive\x85six\u2028seven\u2029eight",
    "shift": "\x0e\x0f\x05\x11\x13\x18\x1a",
    "every c1": "".join(map(chr, range(0x80, 0xA0))),
    "bidi": "\u202eevil\u202c \u2066\u2067\u2068x\u2069 \u200e\u200f\u061c",
    "zero width": "pay\u200bpal\u200c\u200d\ufeff\u2060\u00ad\u180e",
    "invisible": "a\u034f\u3164\u115f\u1160\uffa0\u17b4b",
    "selectors": "\u26a0\ufe0f x\U000e0100 \U000e0041\U000e007f",
    "zalgo": "Z" + "\u0301\u0335\u0489\u0360" * 60 + "algo",
    "leading marks": "\u0301\u0302\u0303\u0304\u0305\u0306 begins with marks",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f1f0\U0001f1f7 \U0001f44d\U0001f3fd",
    "private": "\ue000\uf8ff\U000f0000\U0010fffd",
    "unassigned": "\u0378\ufdd0\uffff\U0001fffe",
    "wide": "\uff37\uff49\uff44\uff45 \u3000 한국어 텍스트 漢字",
    "rtl": "\u05d0\u05d1\u05d2 \u0627\u0644\u0633\u0644\u0627\u0645 123",
    "tabs": "a\tb\t\tc",
    "long": "x" * 20_000,
}
#: Harmless letters that some layer might take for its own language.
LANGUAGES = {
    "textual": "[red]markup[/] [@click=app.quit]x[/] [link=http://evil]y[/link] [[/] [/nope]",
    "rich": ":skull: [bold blink]x[/bold blink]",
    "jinja": "{{ 7*7 }} {% raw %} {# x #}",
    "format": "%s %n %(name)s {0} {name} {0.__class__} $HOME ${HOME}",
    "shell": "$(touch pwn-by-shell) `touch pwn-by-shell` ; rm -rf / # && | > /tmp/x",
    "sql": "'; DROP TABLE event; --",
    "json": '"}],"x":"\\u001b[31m',
    "html": "<script>alert(1)</script>&lt;",
    "path": "../../../../etc/passwd",
    "log": "level=error msg=forged",
}
#: Not text at all; only where bytes come from: bodies and headers.
BYTES = {
    "c1 bytes": b"\x9b38;5;201m\x9d0;owned\x9c",
    "broken utf-8": b"\xff\xfe\xc3\x28\xed\xa0\x80\xf8\x88",
    "overlong esc": b"\xc0\x9b\xe0\x80\x9b[38;5;201m",
    "utf-16": "\x1b[38;5;201mEVIL".encode("utf-16"),
}
#: What JSON can spell and UTF-8 cannot.
SURROGATES = {"lone": "\ud800 \udfff", "swapped": "\udc00\ud800", "halves": "\ud83d x \ude00"}

#: Every text by name, each with `SEEN` on both sides.
TEXTS = {name: f"{SEEN} {text} {SEEN}" for name, text in {**CHARACTERS, **LANGUAGES, **SEQUENCES}.items()}

_KINDS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
#: What Textual and we say to a terminal: modes, colours, places, cleared parts, questions of ours at the start.
_OURS = re.compile(
    rb"\x1b\[(?:[?>=<]?[0-9;:]*[hlmHJKGABCDtuc]|\?[0-9]+\$p|>[0-9;]*[mq]|=[0-9;]*u|[0-9]* ?q)"
    rb"|\x1b(?:7|8|=|>)"
    rb"|\x1b\](?:1[01];\?|22;[a-z-]+)(?:\x07|\x1b\\)"  # what are your colours? and the pointer's shape
)
#: Sequences of a shape that is ours too, with parameters that only the nasty texts use.
_THEIRS = (b"\x1b[38;5;201m", b"\x1b[99;99H", b"\x1b[5n", b"\x1b[6n", b"\x1b[!p", b"\x1b[3J", b"\x1b[c", b"\x1b[>0q")


def unfit(text: str) -> list[str]:
    """The characters of a plain-text output that a terminal would act on, each named; empty when all is well."""
    return [f"U+{ord(c):04X} in {_around(text, c)!r}" for c in sorted(set(text)) if c != "\n" and _kind(c) in _KINDS]


def unfit_bytes(raw: bytes, *, leaves: int = 1) -> list[str]:
    """What in a terminal's input is neither printable text nor a sequence of ours; empty when all is well.

    ``leaves`` is how often the alternate screen may be left.
    """
    found = [f"{part!r} in {_near(raw, part)!r}" for part in _THEIRS if part in raw]
    if raw.count(b"\x1b[?1049l") > leaves:
        found.append(f"the alternate screen was left {raw.count(b'1049l')} times")
    plain = _OURS.sub(b"", raw)
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError as error:
        return [*found, f"not UTF-8: {plain[max(0, error.start - 20) : error.end + 20]!r}"]
    allowed = {"\n", "\r", "\x07"}  # the bell is ours: one for a new page
    return [*found, *unfit("".join(c for c in text if c not in allowed)), *floods(text)]


def floods(text: str) -> Iterator[str]:
    """Letters under more than four marks."""
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks == 5:
            yield f"a flood of marks: {char!r}"
            return


def _kind(char: str) -> str:
    return unicodedata.category(char)


def _around(text: str, char: str) -> str:
    at = text.index(char)
    return text[max(0, at - 30) : at + 30]


def _near(raw: bytes, part: bytes) -> bytes:
    at = raw.index(part)
    return raw[max(0, at - 40) : at + 40]
