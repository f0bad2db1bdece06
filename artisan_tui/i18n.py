"""Text for people, in their language. A leaf: any room may import it, it imports nothing of ours.

Message ids are the English sentences. `N_` marks one that is declared in one place
and translated in another; `_` translates.
"""

from __future__ import annotations

import gettext
from pathlib import Path

LOCALES = Path(__file__).parent / "locale"

_language = "en"
_current: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str) -> None:
    """Translate to ``language`` (en or ko) from here on, in this process."""
    global _current, _language  # one process speaks one language to one person
    _language = language
    _current = gettext.translation("artisan_tui", LOCALES, [language], fallback=language == "en")


def language() -> str:
    """The language in use, en or ko."""
    return _language


def _(message: str) -> str:
    return _current.gettext(message)


def N_(message: str) -> str:  # gettext's own name
    return message


def ngettext(one: str, many: str, n: int) -> str:
    return _current.ngettext(one, many, n)
