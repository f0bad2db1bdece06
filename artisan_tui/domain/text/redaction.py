"""Redaction of the secrets that this process has used.

A server may echo a secret in a body, a header or an error. `Secret.reveal` therefore passes each
secret to `hide`. `redacted` replaces it with `MARK`, also when it is percent-encoded, quoted as HTML, JSON or
Python quote it, however often, or in base64 at any offset (``Basic`` credentials).
"""

from __future__ import annotations

MARK = "•••"
#: Characters. Shorter secrets are not redacted, because they occur in texts by chance. The same as in `spellings`.
SHORTEST = 6
#: Characters of a secret that are redacted at the end of a text that was cut. Less reveal nothing.
SHORTEST_CUT = 3

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
    if not _spellings:
        return text
    if not any(char in text for char in "%&\\"):
        found = _places(text, cut=cut)
    else:
        from artisan_tui.domain.text.unwrapping import readings  # imported late: not needed for the first frame

        found = [each.place(*place) for each in readings(text, cut=cut) for place in _places(each.text, cut=cut)]
    return _marked(text, sorted(found, key=lambda place: (place[0], -place[1])), cut=cut) if found else text


def forget_all() -> None:
    """Forget all secrets. For tests, which share one process."""
    global _spellings
    _spellings = ()
    _known.clear()


def _places(text: str, *, cut: bool) -> list[tuple[int, int]]:
    """Where secrets are in ``text``, as (first character, character after the last)."""
    found = []
    for spelling in _spellings:
        start = text.find(spelling)
        while start >= 0:
            found.append((start, start + len(spelling)))
            start = text.find(spelling, start + len(spelling))
        if cut and spelling[:SHORTEST_CUT] in text[-len(spelling) :]:
            for length in range(min(len(spelling) - 1, len(text)), SHORTEST_CUT - 1, -1):
                if text.endswith(spelling[:length]):
                    found.append((len(text) - length, len(text)))
                    break
    return found


def _marked(text: str, places: list[tuple[int, int]], *, cut: bool) -> str:
    """``text`` with `MARK` for each of the ``places``, in order, and one for those that overlap."""
    parts, start, end = [], *places[0]
    taken = 0
    for place in (*places[1:], (len(text) + 1, len(text) + 1)):
        if place[0] < end:
            end = max(end, place[1])
            continue
        parts += [text[taken:start], MARK]
        taken, (start, end) = end, place
    rest = text[taken:]
    # What is left of a cut escape behind a cut secret is a part of it.
    return "".join(parts) + ("" if cut and len(rest) < SHORTEST and rest[:1] in ("%", "&", "\\") else rest)
