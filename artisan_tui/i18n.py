"""Text for people, in their language. A leaf: any room may import it, it imports nothing of ours.

Message ids are the English sentences. `N_` marks one that is declared in one place
and translated in another; `_` translates.
"""

from __future__ import annotations

import gettext
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

LOCALES = Path(__file__).parent / "locale"

_language = "en"
_details: dict[str, Mapping[str, str]] = {}
_current: gettext.NullTranslations = gettext.NullTranslations()
#: What `spoken_in` says here and now, instead of what this process speaks.
_instead: ContextVar[tuple[str, gettext.NullTranslations] | None] = ContextVar("spoken", default=None)


def use_language(language: str) -> None:
    """Translate to ``language`` (en or ko) from here on, in this process."""
    global _current, _language  # one process speaks one language to one person
    _language = language
    _current = _translations(language)


@contextmanager
def spoken_in(language: str) -> Iterator[None]:
    """Translate to ``language`` in this block: a text for others than the person at this screen."""
    before = _instead.set((language, _translations(language)))
    try:
        yield
    finally:
        _instead.reset(before)


def _translations(language: str) -> gettext.NullTranslations:
    return gettext.translation("artisan_tui", LOCALES, [language], fallback=language == "en")


def details() -> Mapping[str, str]:
    """Every sentence of probes, store and engine with its translation: the catalogue ``details``. Empty in English."""
    spoken = language()
    if spoken not in _details:
        _details[spoken] = _entries(LOCALES / spoken / "LC_MESSAGES" / "details.mo")
    return _details[spoken]


def _entries(file: Path) -> Mapping[str, str]:
    """The entries of a compiled catalogue. gettext's own reader answers for one message and lists none."""
    try:
        held = file.read_bytes()
    except OSError:
        return {}
    count, originals, translations = struct.unpack_from("<3I", held, 8)

    def text(table: int, index: int) -> str:
        length, offset = struct.unpack_from("<2I", held, table + 8 * index)
        return held[offset : offset + length].decode()

    return {key: text(translations, n) for n in range(count) if (key := text(originals, n))}


def language() -> str:
    """The language in use, en or ko."""
    instead = _instead.get()
    return _language if instead is None else instead[0]


def language_of(environ: Mapping[str, str]) -> str:
    """The language that the environment asks for, in gettext's order: en or ko."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "ko" if re.match(r"ko([_.:@-]|$)", environ[name], re.IGNORECASE) else "en"
    return "en"


def _(message: str) -> str:
    instead = _instead.get()
    return (_current if instead is None else instead[1]).gettext(message)


def N_(message: str) -> str:  # gettext's own name
    return message


def ngettext(one: str, many: str, n: int) -> str:
    instead = _instead.get()
    return (_current if instead is None else instead[1]).ngettext(one, many, n)
