"""Whether a text gives the hidden truth of a scenario away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from artisan_tui.domain.drills.scenario import Scenario

#: So many words on end that a text shares with the truth are no accident.
WORDS: Final = 4
_WORD: Final = re.compile(r"\w+(?:\.\w+)*")  # a version is one word


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(text: str) -> Iterator[str]:
    words = _words(text)
    size = min(WORDS, len(words))
    for start in range(len(words) - size + 1 if size else 0):
        yield " ".join(words[start : start + size])


def leaks(scenario: Scenario, texts: Iterable[str]) -> list[str]:
    """The parts of the hidden truth that are in ``texts``, without duplicates: giveaways, or four words on end."""
    hidden = [run for text in scenario.hidden_texts() for run in _runs(text)]
    hidden += [" ".join(_words(each)) for each in scenario.giveaways]
    found: dict[str, None] = {}
    for text in texts:
        flat = f" {' '.join(_words(text))} "
        found |= {each: None for each in hidden if each and f" {each} " in flat}
    return list(found)
