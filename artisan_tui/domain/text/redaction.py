"""Redaction of the secrets that this process has used.

A server may echo a secret in a body, a header or an error. `Secret.reveal` therefore passes each
secret to `hide`. `redacted` replaces it with `MARK`, also when it is percent-encoded, quoted as JSON or
Python quote it, or in base64 at any offset (``Basic`` credentials).
"""

from __future__ import annotations

MARK = "•••"
#: Characters. Shorter secrets are not redacted, because they occur in texts by chance. The same as in `spellings`.
SHORTEST = 6

#: Longest first, so that a short spelling does not replace a part of a longer one.
_spellings: tuple[str, ...] = ()
_known: set[str] = set()


def hide(value: str) -> None:
    """Redact ``value`` from now on. Of a URL with a password, redact the password.

    Secrets are never removed, because an answer to a request with an old secret may still arrive.
    """
    global _spellings
    if value in _known:
        return
    _known.add(value)
    from artisan_tui.domain.text.spellings import spellings  # imported late: not needed for the first frame

    _spellings = tuple(sorted(spellings(value).union(_spellings), key=lambda spelling: (-len(spelling), spelling)))


def longest() -> int:
    """The length of the longest spelling of a known secret, 0 without one."""
    return len(_spellings[0]) if _spellings else 0


def redacted(text: str, *, cut: bool = False) -> str:
    """``text`` with `MARK` for every known secret. When it was ``cut``, also for the first part of one at its end."""
    for spelling in _spellings:
        if spelling in text:
            text = text.replace(spelling, MARK)
        if cut and spelling[:SHORTEST] in text[-len(spelling) :]:
            text = _without_start(text, spelling)
    return text


def forget_all() -> None:
    """Forget all secrets. For tests, which share one process."""
    global _spellings
    _spellings = ()
    _known.clear()


def _without_start(text: str, spelling: str) -> str:
    """``text`` without the first part of ``spelling`` at its end, which would reveal a part of the secret."""
    for length in range(min(len(spelling) - 1, len(text)), SHORTEST - 1, -1):
        if text.endswith(spelling[:length]):
            return text[:-length] + MARK
    return text
