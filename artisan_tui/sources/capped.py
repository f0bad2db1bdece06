"""Bodies with a limit: never more bytes than the cap, compressed or not."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import urllib3

_CHUNK = 65_536


class TooLarge(Exception):
    """The body goes past the cap. The sentence says by which measure."""


class NotEncoded(Exception):
    """The body is not compressed the way its header says."""


class Capped:
    """Unpacks and counts a body as it comes in, and stops at ``cap`` bytes.

    httpx and requests unpack whole chunks: 64 KiB of gzip become 64 MiB before anybody can
    count them. Here zlib itself stops at the cap.
    """

    def __init__(self, cap: int, encoding: str = "", length: str = "") -> None:
        """``encoding`` and ``length`` are the answer's Content-Encoding and Content-Length.

        Raises TooLarge at once when the length says so, NotEncoded for a compression nobody asked for.
        """
        self.cap, self.size = cap, 0
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise NotEncoded("the body uses an unsupported compression")
        # 32 + 15: zlib tells gzip and zlib headers apart itself.
        self._unpack = zlib.decompressobj(47) if name not in {"", "identity"} else None
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > cap):
            raise TooLarge(f"the body exceeds {_size(cap)}")

    def feed(self, chunk: bytes) -> bytes:
        """What ``chunk`` adds to the body. Raises TooLarge or NotEncoded."""
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
        """After the last chunk. Raises NotEncoded when a compressed body was cut short."""
        if self._unpack is not None and self.size and not self._unpack.eof:
            raise NotEncoded("the compressed body was cut short")


def _size(count: int) -> str:
    return f"{count // 1024**2} MiB" if count >= 1024**2 else f"{count // 1024} KiB"


def read_capped(answer: urllib3.BaseHTTPResponse, largest: int, deadline: float) -> bytes:
    """The body of an answer not read yet. Raises TooLarge, NotEncoded, TimeoutError past ``deadline`` (monotonic)."""
    capped = Capped(largest, answer.headers.get("content-encoding", ""), answer.headers.get("content-length", ""))
    parts: list[bytes] = []
    # read1 gives what is there: read would wait for a whole chunk, for as long as a trickle lasts.
    while chunk := answer.read1(_CHUNK, decode_content=False):
        parts.append(capped.feed(chunk))
        if time.monotonic() >= deadline:
            raise TimeoutError
    capped.finish()
    answer.release_conn()
    return b"".join(parts)
