"""Secrets this process has used, kept out of every text it shows or writes.

A server may echo what it was sent: in a body, a header, an error. Whoever reveals a secret hands
it to `hide`; `redacted` then puts `MARK` where it stands, also percent-encoded, spelled as JSON
or Python quote it, and in base64 whatever stands before it (``Basic`` credentials).
"""

from __future__ import annotations

MARK = "•••"
#: Shorter ones are words that stand in texts by chance; as in `spellings`.
SHORTEST = 6

#: Longest first, so that no spelling is cut by a shorter one inside it.
_spellings: tuple[str, ...] = ()
_known: set[str] = set()


def hide(value: str) -> None:
    """From here on ``value`` is in no text of ours; of a URL with a password in it, the password.

    Never forgotten: what an old configuration used may still be on its way. Cheap when known already.
    """
    global _spellings
    if value in _known:
        return
    _known.add(value)
    from artisan_tui.domain.text.spellings import spellings  # not before the first frame

    _spellings = tuple(sorted(spellings(value).union(_spellings), key=lambda spelling: (-len(spelling), spelling)))


def longest() -> int:
    """Characters of the longest text there is to hide, 0 for nothing."""
    return len(_spellings[0]) if _spellings else 0


def redacted(text: str, *, cut: bool = False) -> str:
    """``text`` with `MARK` for every secret in it; when it was ``cut``, also for one that its end cuts off."""
    for spelling in _spellings:
        if spelling in text:
            text = text.replace(spelling, MARK)
        if cut and spelling[:SHORTEST] in text[-len(spelling) :]:
            text = _without_start(text, spelling)
    return text


def forget_all() -> None:
    """For tests, which share a process."""
    global _spellings
    _spellings = ()
    _known.clear()


def _without_start(text: str, spelling: str) -> str:
    """``text`` without the beginning of ``spelling`` at its end: the first half of a token is half of a token."""
    for length in range(min(len(spelling) - 1, len(text)), SHORTEST - 1, -1):
        if text.endswith(spelling[:length]):
            return text[:-length] + MARK
    return text
