"""Read response bodies with a size limit, compressed or not."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import urllib3

_CHUNK = 65_536
#: Bytes that are decompressed at a time, at most. The reader can give way between two pieces.
_PIECE = 65_536
#: Bytes that are given to zlib at a time. It copies what follows the end of a stream.
_SLICE = 8192
#: Compressions that exist and are not read. Any other name, such as UTF-8 or none, is no compression at all: servers
#: write it on plain bodies, which curl and browsers read as they are.
_UNSUPPORTED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
#: Layers of compression at most, as in curl.
_MOST_LAYERS = 5


class TooLarge(Exception):
    """The body exceeds the limit. The message names the limit."""


class NotEncoded(Exception):
    """The body's compression is unsupported, or does not match its header."""


def wire_limit(cap: int) -> int:
    """Bytes that may be consumed for ``cap`` bytes of body: an eighth more, for chunk sizes and incompressible data."""
    return cap + cap // 8 + _CHUNK


class Capped:
    """Decompresses and counts a body while it arrives. Stops at ``cap`` bytes.

    httpx and requests decompress whole chunks: 64 KiB of gzip can become 64 MiB before the size can be checked. zlib
    itself stops at the limit here. What is consumed counts as well as what it becomes: data after the end of a gzip
    stream becomes nothing, and would never end.
    """

    def __init__(self, cap: int, encoding: str = "", length: str = "") -> None:
        """``encoding`` and ``length`` are the response's Content-Encoding and Content-Length.

        Raises TooLarge if ``length`` exceeds ``cap`` (bytes), and NotEncoded for an unsupported compression.
        """
        self.cap, self.size = cap, 0
        self._consumed = 0
        names = [name.strip().lower() for name in encoding.split(",")]
        if not _UNSUPPORTED.isdisjoint(names):
            raise NotEncoded("the body uses an unsupported compression")
        # The last name is the outer layer.
        self._layers = [_Layer(name) for name in reversed(names) if name in {"gzip", "x-gzip", "deflate"}]
        if len(self._layers) > _MOST_LAYERS:
            raise NotEncoded(f"the body is compressed more than {_MOST_LAYERS} times")
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > cap):
            raise TooLarge(f"the body exceeds {_size(cap)}")

    def feed(self, chunk: bytes) -> bytes:
        """Return the decompressed bytes of ``chunk``. Raises TooLarge or NotEncoded."""
        return b"".join(self.pieces(chunk))

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """The same in small pieces, some of them empty: a reader on the loop gives way between two of them."""
        self._consumed += len(chunk)
        if self._consumed > wire_limit(self.cap):
            raise TooLarge(f"the body exceeds {_size(self.cap)}")
        for piece in _unpacked(self._layers, chunk):
            self.size += len(piece)
            if self.size > self.cap:
                raise TooLarge(f"the body exceeds {_size(self.cap)}")
            yield piece

    def finish(self) -> None:
        """Call after the last chunk. Raises NotEncoded if a compressed body is incomplete."""
        if any(layer.begun and not layer.complete for layer in self._layers):
            raise NotEncoded("the compressed body was cut short")


class _Layer:
    """One compression of a body: gzip with all its members, or deflate with or without the header of zlib."""

    def __init__(self, name: str) -> None:
        self._deflate = name == "deflate"
        # 32 + 15 lets zlib detect gzip and zlib headers.
        self._unpack = zlib.decompressobj(47)
        self._first = b""
        self._known = name != "deflate"
        self._tentative = False
        self._ended = False
        self.begun = False

    @property
    def complete(self) -> bool:
        """Whether the stream has ended as it should."""
        return self._ended or self._tentative or self._unpack.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Decompressed bytes in pieces of at most `_PIECE`, some of them empty. Raises NotEncoded."""
        self.begun = self.begun or bool(data)
        for start in range(0, len(data), _SLICE):
            yield from self._slice(data[start : start + _SLICE])

    def _slice(self, data: bytes) -> Iterator[bytes]:
        if not self._known:
            data = self._with_header(data)
        while data and not self._ended:
            if self._unpack.eof:
                # Bytes that begin no further member are ignored, as gzip does. They still count as consumed.
                if self._deflate or data[0] != 0x1F:
                    self._ended = True
                    return
                self._unpack, self._tentative = zlib.decompressobj(31), True
            yield from self._inflate(data)
            data = self._unpack.unused_data
            yield b""

    def _with_header(self, data: bytes) -> bytes:
        """Hold the first two bytes back, which tell whether the header of zlib or gzip is there. Some servers omit it."""
        self._first += data
        if len(self._first) < 2:
            return b""
        data, self._first, self._known = self._first, b"", True
        zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        if not zlib_header and data[:2] != b"\x1f\x8b":
            self._unpack = zlib.decompressobj(-15)
        return data

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = self._unpack.decompress(data, _PIECE)
            except zlib.error:
                if self._tentative:  # what looked like a further member was none
                    self._ended = True
                    return
                raise NotEncoded("the body is not compressed as its header says") from None
            if piece or self._unpack.eof:
                self._tentative = False
            if piece:
                yield piece
            data = self._unpack.unconsumed_tail
            # A full piece may have left some output inside zlib, although all input is consumed.
            if self._unpack.eof or (not data and len(piece) < _PIECE):
                return


def _unpacked(layers: list[_Layer], data: bytes) -> Iterator[bytes]:
    if not layers:
        yield data
        return
    for piece in layers[0].pieces(data):
        yield from _unpacked(layers[1:] if piece else [], piece)


def _size(count: int) -> str:
    return f"{count // 1024**2} MiB" if count >= 1024**2 else f"{count // 1024} KiB"


def read_capped(answer: urllib3.BaseHTTPResponse, largest: int, deadline: float) -> bytes:
    """Read the body of an unread response, at most ``largest`` bytes.

    ``deadline`` is on the monotonic clock. Raises TooLarge, NotEncoded, or TimeoutError after the deadline.
    """
    capped = Capped(largest, answer.headers.get("content-encoding", ""), answer.headers.get("content-length", ""))
    parts = bytearray()
    # read1() returns what has arrived. read() would wait for a whole chunk, which a slow sender can delay for ever.
    while chunk := answer.read1(_CHUNK, decode_content=False):
        for piece in capped.pieces(chunk):
            parts += piece
        if time.monotonic() >= deadline:
            raise TimeoutError
    capped.finish()
    answer.release_conn()
    return bytes(parts)
