"""Make the head of an HTTP response acceptable to h11, which refuses what servers in use send and curl reads.

h11 still frames the body. Only what cannot change the meaning of the response is mended: a NUL byte, a line without a
colon or a coding that is not known stays an error.
"""

from __future__ import annotations

import re

_STATUS = re.compile(rb"HTTP/(?P<version>1\.[01]|[23](?:\.0)?)[ \t]+(?P<status>\d{3})(?!\d)")
_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
#: Bytes that h11 takes for white space inside a value, and refuses.
_ODD_SPACE = re.compile(rb"[\r\x0b\x0c\x1c-\x1f]")
_END = re.compile(rb"\n\r?\n")
#: Transfer codings that `Capped` reads; "identity" means none.
_CODINGS = {b"gzip", b"x-gzip", b"deflate"}


def head_end(data: bytes | bytearray, start: int) -> int | None:
    """The offset behind the blank line that ends a head, None if it has not arrived. Looks from ``start`` on."""
    found = _END.search(data, max(0, start - 3))
    return None if found is None else found.end()


def mend(head: bytes) -> tuple[bytes, str]:
    """(the head as h11 reads it, the transfer codings around the body without "chunked")."""
    lines = _unfolded(head.split(b"\n"))
    first = _STATUS.match(lines[0])
    if first is None:
        return head, ""
    version = b"1.0" if first["version"] == b"1.0" else b"1.1"
    kept = [b"HTTP/" + version + b" " + first["status"]]
    codings: list[bytes] = []
    lengths: list[bytes] = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        name, value = name.strip(), _ODD_SPACE.sub(b" ", value).strip()
        if not colon:
            kept.append(line)  # h11 refuses it
        elif name.lower() == b"transfer-encoding":
            codings += [each.strip().lower() for each in value.split(b",")]
        elif name.lower() == b"content-length":
            lengths.append(b"Content-Length: " + value.removeprefix(b"+"))
        elif _TOKEN.fullmatch(name):
            kept.append(name + b": " + value)
    codings = list(dict.fromkeys(each for each in codings if each not in (b"", b"identity")))
    if codings and not {*codings} <= {*_CODINGS, b"chunked"}:
        kept.append(b"Transfer-Encoding: " + b", ".join(codings))  # h11 refuses it
    elif b"chunked" in codings:
        kept.append(b"Transfer-Encoding: chunked")
    elif not codings:  # with a coding and without chunks, the body ends with the connection
        kept += lengths
    return b"\r\n".join(kept) + b"\r\n\r\n", ",".join(each.decode() for each in codings if each in _CODINGS)


def _unfolded(lines: list[bytes]) -> list[bytes]:
    """The lines without their ends. A line that begins with white space continues the one before (obsolete folding)."""
    found: list[bytes] = []
    for line in lines:
        line = line.removesuffix(b"\r")
        if not line.strip():
            continue
        if line[:1] in (b" ", b"\t") and len(found) > 1:
            found[-1] += b" " + line.strip()
        else:
            found.append(line)
    return found or [b""]
