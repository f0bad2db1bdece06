"""Text cut into the words of an index, the same for every database.

A run of Latin letters and digits is a word. Korean, Chinese and Japanese are written without blanks between what one
looks for, so their runs are cut into every three characters that follow each other, and every two: a query finds what
stands in the middle of a word. Case, width and composition of characters make no difference (NFKC, casefold).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

_RUN = re.compile(r"[^\W_]+")
_IDEOGRAPH = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff]+")
#: Letters of a word that are indexed; an index keeps every beginning of it.
LONGEST = 24
#: Words of one text that are indexed: a log pasted into a note must not fill the index.
_MOST = 2000


def folded(text: str) -> str:
    """``text`` as it is compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def index_tokens(texts: Iterable[str]) -> tuple[str, ...]:
    """What the texts are found by, in their order, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for run, ideographs in _runs(folded(text)):
            found.update(dict.fromkeys(_grams(run, (2, 3)) if ideographs else (run[:LONGEST],)))
            if len(found) >= _MOST:
                return tuple(found)[:_MOST]
    return tuple(found)


def query_tokens(word: str) -> tuple[str, ...]:
    """What an entry with ``word`` in it has all of. The last letter may be the beginning of more: match as a prefix."""
    found: dict[str, None] = {}
    for run, ideographs in _runs(folded(word)):
        found.update(dict.fromkeys(_grams(run, (3,) if len(run) > 2 else (2,)) if ideographs else (run[:LONGEST],)))
    return tuple(found)


def texts_of(value: object) -> Iterator[str]:
    """Every text and number in a JSON value; names of fields are not."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_of(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """(run, whether it is of ideographs or syllables)."""
    for found in _RUN.finditer(text):
        run, at = found[0], 0
        for part in _IDEOGRAPH.finditer(run):
            if part.start() > at:
                yield run[at : part.start()], False
            yield part[0], True
            at = part.end()
        if at < len(run):
            yield run[at:], False


def _grams(run: str, sizes: tuple[int, ...]) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for size in sizes:
        yield from (run[at : at + size] for at in range(len(run) - size + 1))
