"""What probes, the store and the engine say, in the reader's language.

Their sentences are English when they are made, and stay so in the journal, in the store and in JSON: a journal has
several readers, and scripts parse. Whoever shows one to a person reads it back here: its pattern is found in the
catalogue ``details``, and what stood in its places is put into the Korean pattern. What is not found stays as it is:
a server's own words, and sentences of other versions.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter

from artisan_tui.i18n import details, language
from artisan_tui.reports.moments import since_text

#: Sentences that a place of another one may hold, like the reason after a colon.
_DEPTH = 4
#: Letters that a pattern must have besides its places. With fewer it would match anything.
_LEAST = 4

_COLON = re.compile(": ")


def read_back(text: str) -> str:
    """``text`` in the reader's language. A pure look-up: nothing is executed or formatted that stood in the text."""
    return text if language() == "en" or not text else _read_back(since_text(text), language(), _DEPTH)


@lru_cache(4096)
def _read_back(text: str, language: str, depth: int) -> str:
    known = details()
    if text in known:
        return known[text]
    if depth:
        for start in _starts(text)[1:]:
            if text[start:] in known:
                return f"{_read_back(text[: start - 2], language, depth - 1)}: {known[text[start:]]}"
        found = _best(text, language)
        if found is not None:
            start, pattern, places = found
            head = f"{_read_back(text[: start - 2], language, depth - 1)}: " if start else ""
            return head + pattern.said({name: _read_back(part, language, depth - 1) for name, part in places.items()})
        for between in (": ", "; "):
            before, sign, after = text.partition(between)
            if sign:
                said = [_read_back(part, language, depth - 1) for part in (before, after)]
                if said != [before, after]:
                    return sign.join(said)
    return text


def _starts(text: str) -> list[int]:
    """Where a sentence may begin: at the beginning, and after the first colons."""
    return [0, *(found.end() for found in _COLON.finditer(text))][:8]


def _best(text: str, language: str) -> tuple[int, _Pattern, dict[str, str]] | None:
    """(where it begins, the pattern, what is in its places) of the most telling pattern: of all, or of what follows a colon."""
    best: tuple[int, _Pattern, dict[str, str]] | None = None
    for start in _starts(text):
        for pattern in _patterns(language):
            if best is not None and pattern.letters <= best[1].letters:
                break
            places = pattern.match(text[start:])
            if places is not None:
                best = (start, pattern, places)
                break
    return best


@lru_cache(2)
def _patterns(language: str) -> tuple[_Pattern, ...]:
    """The most telling first."""
    found = [_Pattern(msgid, said) for msgid, said in details().items() if "{" in msgid]
    return tuple(sorted((each for each in found if each.letters >= _LEAST), key=lambda each: -each.letters))


class _Pattern:
    """A sentence with places: what stands between them, and the same in the reader's language."""

    __slots__ = ("_longest", "_names", "_said", "_texts", "letters")

    def __init__(self, msgid: str, said: str) -> None:
        self._texts, self._names = _parts(msgid)
        self._said = _parts(said)
        self._longest = max(self._texts, key=len)
        self.letters = sum(character.isalpha() for text in self._texts for character in text)

    def match(self, text: str) -> dict[str, str] | None:
        """What stands in the places; None where it is another sentence. Linear: the text may be anybody's."""
        first, last = self._texts[0], self._texts[-1]
        if not self._names:
            return {} if text == first else None
        if self._longest not in text or not text.startswith(first) or not text.endswith(last):
            return None
        end, at = len(text) - len(last), len(first)
        found: dict[str, str] = {}
        for name, between in zip(self._names, self._texts[1:-1], strict=False):
            stop = text.find(between, at, end)
            if stop < 0:
                return None
            found[name] = text[at:stop]
            at = stop + len(between)
        if at > end:
            return None
        found[self._names[-1]] = text[at:end]
        return found

    def said(self, values: dict[str, str]) -> str:
        texts, names = self._said
        out = [texts[0]]
        for name, text in zip(names, texts[1:], strict=True):
            out += [values.get(name, ""), text]
        return "".join(out)


def _parts(pattern: str) -> tuple[list[str], list[str]]:
    """(the texts around the places, the names of the places)."""
    texts, names = [""], []
    for text, name, _form, _conversion in Formatter().parse(pattern):
        texts[-1] += text
        if name is not None:
            names.append(name)
            texts.append("")
    return texts, names
