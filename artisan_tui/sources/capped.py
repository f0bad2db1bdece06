"""Read response bodies with a size limit, compressed or not."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import urllib3

_CHUNK = 65_536


class TooLarge(Exception):
    """The body exceeds the limit. The message names the limit."""


class NotEncoded(Exception):
    """The body's compression is unsupported, or does not match its header."""


class Capped:
    """Decompresses and counts a body while it arrives. Stops at ``cap`` bytes.

    httpx and requests decompress whole chunks: 64 KiB of gzip can become 64 MiB before the size can be checked. zlib
    itself stops at the limit here.
    """

    def __init__(self, cap: int, encoding: str = "", length: str = "") -> None:
        """``encoding`` and ``length`` are the response's Content-Encoding and Content-Length.

        Raises TooLarge if ``length`` exceeds ``cap`` (bytes), and NotEncoded for an unsupported compression.
        """
        self.cap, self.size = cap, 0
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise NotEncoded("the body uses an unsupported compression")
        # 32 + 15 lets zlib detect gzip and zlib headers.
        self._unpack = zlib.decompressobj(47) if name not in {"", "identity"} else None
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > cap):
            raise TooLarge(f"the body exceeds {_size(cap)}")

    def feed(self, chunk: bytes) -> bytes:
        """Return the decompressed bytes of ``chunk``. Raises TooLarge or NotEncoded."""
        if self._unpack is not None:
            try:
                chunk = self._unpack.decompress(chunk, self.cap - self.size + 1)
            except zlib.error:
                raise NotEncoded("the body is not compressed as its header says") from None
        self.size += len(chunk)
        if self.size > self.cap or (self._unpack is not None and self._unpack.unconsumed_tail):
            raise TooLarge(f"the body exceeds {_size(self.cap)}")
        return chunk

    def finish(self) -> None:
        """Call after the last chunk. Raises NotEncoded if a compressed body is incomplete."""
        if self._unpack is not None and self.size and not self._unpack.eof:
            raise NotEncoded("the compressed body was cut short")


def _size(count: int) -> str:
    return f"{count // 1024**2} MiB" if count >= 1024**2 else f"{count // 1024} KiB"


def read_capped(answer: urllib3.BaseHTTPResponse, largest: int, deadline: float) -> bytes:
    """Read the body of an unread response, at most ``largest`` bytes.

    ``deadline`` is on the monotonic clock. Raises TooLarge, NotEncoded, or TimeoutError after the deadline.
    """
    capped = Capped(largest, answer.headers.get("content-encoding", ""), answer.headers.get("content-length", ""))
    parts: list[bytes] = []
    # read1() returns what has arrived. read() would wait for a whole chunk, which a slow sender can delay for ever.
    while chunk := answer.read1(_CHUNK, decode_content=False):
        parts.append(capped.feed(chunk))
        if time.monotonic() >= deadline:
            raise TimeoutError
    capped.finish()
    answer.release_conn()
    return b"".join(parts)
