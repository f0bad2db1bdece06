"""Regular expressions that a person or a file can write: conditions and selectors.

RE2 matches in time linear in the text, whatever the pattern, and its dialect is the one of Prometheus. It lacks
look-around and back-references, so a pattern with them is refused when it is read.

`re2` is the one library that this room uses: a pure function of its arguments, without I/O. It is imported by the first
pattern, because nothing may be loaded before the first frame that the first frame does not need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: Instructions of a compiled pattern at most. Repeats multiply: ``(a{9}b){900}`` is 9000 of them.
_LARGEST = 10_000
#: Characters of text times instructions at most: the slowest pattern of this size needs about a second for it.
_MOST_WORK = 1 << 27
#: Bytes that a compiled pattern may use, mostly for its cache of states.
_MEMORY = 2 << 20
#: Longer label values are not worth a place in the cache.
_SHORT = 200

#: A repetition, but not the code of a character.
_REPETITION = re.compile(r"(?<!\\)(?<!\\x)\{(\d+)(?:,(\d*))?\}", re.ASCII)
_MOST_REPEATED = 1000

#: The beginning of an error of RE2 -> (what it means, the correction).
_REFUSED = {
    "invalid perl operator: (?=": ("RE2 has no look-ahead", "write two conditions, or match the text around it"),
    "invalid perl operator: (?!": ("RE2 has no look-ahead", "write what the text must match instead"),
    "invalid perl operator: (?<": ("RE2 has no look-behind", "write what the text must match instead"),
    "invalid perl operator: (?>": ("RE2 has no atomic groups, and needs none to be fast", "write (?:…)"),
    "invalid perl operator: (?P": ("RE2 has no back-references", "write the repeated text itself"),
    "bad repetition operator: ": ("one repetition follows another", "write one of them, or a group: (?:x*)+"),
    "invalid repetition size: ": ("a repetition is too large, of more than 1000", "write a simpler one"),
    "pattern too large": ("the pattern is too large", "write a simpler one"),
    "invalid escape sequence: \\Z": ("RE2 does not know \\Z", "write \\z, or $"),
    "invalid escape sequence: \\u": ("RE2 does not know \\u", "write \\x{…} or the character itself"),
}


class PatternTooSlow(Exception):
    """The text is too long for a pattern of this size."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that RE2 accepts, searched for anywhere in a text."""

    text: str

    def found_in(self, text: str) -> bool:
        """Raises PatternTooSlow."""
        compiled, size = _compiled(self.text, whole=False)
        if len(text) * size > _MOST_WORK:
            raise PatternTooSlow(f"{len(text)} characters are too many for a pattern of this size")
        return compiled.search(_bytes(text)) is not None

    def work(self, characters: int) -> int:
        """How much work it is to search that many characters. A million takes about 8 ms at most."""
        return characters * _compiled(self.text, whole=False)[1]

    def __str__(self) -> str:
        return self.text


def read_pattern(text: str) -> Pattern:
    """Raises ValueError; its text says what is wrong and how to correct it."""
    _compiled(text, whole=False)
    return Pattern(text)


def check_label_pattern(text: str) -> None:
    """Raises ValueError for what `matches_label` cannot match with."""
    _compiled(text, whole=True)


def matches_label(pattern: str, value: str) -> bool:
    """Whether ``pattern`` matches all of a label's value. As in Prometheus, a dot matches a line end, too."""
    return _matches_short(pattern, value) if len(value) <= _SHORT else _matches_whole(pattern, value)


def _matches_whole(pattern: str, value: str) -> bool:
    return _compiled(pattern, whole=True)[0].fullmatch(_bytes(value)) is not None


#: Few label values are many: codes, methods and paths repeat in thousands of series.
_matches_short = lru_cache(maxsize=16_384)(_matches_whole)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # JSON can hold a lone surrogate, which has no UTF-8


@lru_cache(maxsize=1024)
def _compiled(text: str, *, whole: bool) -> tuple[Any, int]:
    """(the compiled pattern, its size). Raises ValueError."""
    import re2

    options = re2.Options()
    options.log_errors = False  # it would write to stderr, onto the screen
    options.never_capture = True
    options.max_mem = _MEMORY
    options.dot_nl = whole
    try:
        compiled = re2.compile(_bytes(text), options)
    except re2.error as error:
        raise ValueError(_sentence(text, error.args[0] if error.args else b"")) from None
    if any(
        int(count[:9]) > _MOST_REPEATED for match in _REPETITION.finditer(text) for count in match.groups() if count
    ):
        raise ValueError(_sentence(text, b"invalid repetition size: "))  # RE2 reads what overflows as plain text
    size = max(compiled.programsize, 1)
    if size > _LARGEST:
        raise ValueError(_sentence(text, b"pattern too large"))
    return compiled, size


def _sentence(text: str, raised: object) -> str:
    said = raised.decode("utf-8", "replace") if isinstance(raised, bytes) else str(raised)
    shown = repr(text if len(text) <= 200 else f"{text[:199]}…")
    if said.startswith("invalid escape sequence: \\") and said[26:27] in set("123456789"):
        what, mend = "RE2 has no back-references", "write the repeated text itself"
    else:
        known = next((known for start, known in _REFUSED.items() if said.startswith(start)), None)
        if known is None:
            return f"{shown} is not a regular expression: {said}"
        what, mend = known
    return f"{shown} is not a regular expression: {what}: {mend}"
