"""The spellings of a secret that may occur in text. Imported with the first secret."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
from urllib.parse import quote, quote_plus, unquote

#: Characters. Shorter secrets are not redacted, because they occur in texts by chance.
SHORTEST = 6

_PASSWORD = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*?:(.+)@[^@]*$", re.DOTALL)
_PASSWORD_KEY = re.compile(r"://.*[?&]password=([^&]+)", re.DOTALL)
#: The value of an Authorization header. A server often echoes only the credentials.
_SCHEME = re.compile(r"(?:Bearer|Basic|Digest|Token|ApiKey) +(\S+)", re.IGNORECASE)
_COOKIE = re.compile(r"[\w.-]+=([^;\s]+)(?=;|$)")


def spellings(value: str) -> set[str]:
    """All spellings to redact when ``value`` is a secret."""
    return {spelling for each in _secrets(value) if len(each) >= SHORTEST for spelling in _spelled(each)}


def _secrets(value: str) -> set[str]:
    """The secret parts of ``value``: without the host of a URL, and without a word such as Bearer."""
    if found := _PASSWORD.match(value) or _PASSWORD_KEY.search(value):
        return {found[1], unquote(found[1])}
    found_all = {value, value.strip(), *_COOKIE.findall(value)}
    if scheme := _SCHEME.fullmatch(value.strip()):
        found_all.add(scheme[1])
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            found_all.add(base64.b64decode(scheme[1], validate=True).decode().partition(":")[2])
    return found_all


def _spelled(value: str) -> set[str]:
    """The spellings of one secret that are long enough not to occur by chance."""
    data = value.encode("utf-8", "surrogatepass")
    flat = " ".join(value.split())  # line ends as `printable` writes them
    found = {value, flat, quote(data, safe=""), quote(data), quote_plus(data), json.dumps(value)[1:-1]}
    found.add(json.dumps(value, ensure_ascii=False)[1:-1])
    found.add(data.decode("latin-1"))  # as header bytes are decoded
    found |= {repr(value)[1:-1], repr(data)[2:-1]}  # as exceptions quote text
    found |= {data.hex(), data.hex().upper()}
    for each in list(found):
        found |= _in_base64(each.encode("utf-8", "surrogatepass"))
    for each in _in_base64(data):
        found |= _in_base64(each.encode())
    return {spelling for spelling in found if len(spelling) >= SHORTEST}


def _in_base64(data: bytes) -> set[str]:
    """``data`` in base64 after 0, 1 or 2 other bytes, without the characters that depend on its neighbours."""
    found = set()
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        core = whole[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return found
