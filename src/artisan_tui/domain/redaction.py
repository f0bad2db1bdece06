"""Secrets this process has used, kept out of every text it shows or writes.

A server may echo what it was sent: in a body, a header, an error. Whoever reveals a secret hands
it to `hide`; `redacted` then puts `MARK` where it stands, also percent-encoded, spelled as JSON
does, or in base64 whatever stands before it (``Basic`` credentials).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from urllib.parse import quote, quote_plus, unquote

MARK = "•••"
#: Shorter ones are words that stand in texts by chance.
SHORTEST = 6

_PASSWORD = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*?:(.+)@[^@]*$", re.DOTALL)
_PASSWORD_KEY = re.compile(r"://.*[?&]password=([^&]+)", re.DOTALL)
#: An Authorization header's value; what a server says back is often the credentials alone.
_SCHEME = re.compile(r"(?:Bearer|Basic|Digest|Token|ApiKey) +(\S+)", re.IGNORECASE)
_COOKIE = re.compile(r"[\w.-]+=([^;\s]+)(?=;|$)")
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
    new = {spelling for each in _secrets(value) if len(each) >= SHORTEST for spelling in _spelled(each)}
    _spellings = tuple(sorted(new.union(_spellings), key=lambda spelling: (-len(spelling), spelling)))


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


def _secrets(value: str) -> set[str]:
    """What in ``value`` lets somebody in: not the host of a URL, and not the word Bearer."""
    if found := _PASSWORD.match(value) or _PASSWORD_KEY.search(value):
        return {found[1], unquote(found[1])}
    found_all = {value, value.strip(), *_COOKIE.findall(value)}
    if scheme := _SCHEME.fullmatch(value.strip()):
        found_all.add(scheme[1])
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            found_all.add(base64.b64decode(scheme[1], validate=True).decode().partition(":")[2])
    return found_all


def _without_start(text: str, spelling: str) -> str:
    """``text`` without the beginning of ``spelling`` at its end: the first half of a token is half of a token."""
    for length in range(min(len(spelling) - 1, len(text)), SHORTEST - 1, -1):
        if text.endswith(spelling[:length]):
            return text[:-length] + MARK
    return text


def _spelled(value: str) -> set[str]:
    """Every way ``value`` may come back to us; only those too long to be there by chance."""
    import json  # not before the first frame

    data = value.encode("utf-8", "surrogatepass")
    flat = " ".join(value.split())  # as `printable` shows line ends
    found = {value, flat, quote(data, safe=""), quote(data), quote_plus(data), json.dumps(value)[1:-1]}
    found.add(json.dumps(value, ensure_ascii=False)[1:-1])
    found.add(data.decode("latin-1"))  # as a header's bytes are read
    for before in range(3):
        # Base64 of the value behind 0, 1 or 2 bytes, without the letters that its neighbours decide.
        whole = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        exact = (before + len(data)) * 8 // 6
        core = whole[(before * 8 + 5) // 6 : exact]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return {spelling for spelling in found if len(spelling) >= SHORTEST}
