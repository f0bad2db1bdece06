"""The part of the Redis protocol (RESP) that a probe needs, with a limit on the size of a reply.

redis-py 8.1 is not used: a new connection costs it 2.7 ms of CPU, here 0.19 ms, it builds its TLS context on the loop
each time, and it reads a reply of any size (0.7 GB in two seconds from a hostile server). The replies to AUTH,
SELECT, PING and INFO are lines and strings only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.network import Connection

#: Bytes of one reply. INFO of a large cluster has about ten thousand.
LARGEST = 256 * 1024
#: Bytes of a line, which is a status or an error.
LONGEST_LINE = 8192
_CHUNK = 65_536
# Longer digits, or digits with a leading zero, are ids and digests.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?", re.ASCII)
_FIELDS = re.compile(r"\w+=[^,=]*(?:,\w+=[^,=]*)*", re.ASCII)


class NotRedis(Exception):
    """The reply is none that these commands have. The message contains `printable` text of the peer."""


class HungUp(NotRedis):
    """The server closed the connection instead of a reply."""


class TooLong(Exception):
    """A reply exceeds the limit."""


@dataclass(frozen=True, slots=True)
class RedisReply:
    """A status line or a string. With ``error`` it is an error message without its leading ``-``."""

    text: str
    error: bool = False


class RespSession:
    """Sends commands over ``connection`` and reads their replies."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held = bytearray()

    async def ask(self, *commands: tuple[str, ...]) -> list[RedisReply]:
        """Send all commands at once and return their replies: one round trip.

        Returns fewer replies if the server sends an error and closes. Raises NotRedis, TooLong and OSError.
        """
        return await self._exchange(commands, lambda replies: any(reply.error for reply in replies))

    async def ask_more(self, *commands: tuple[str, ...]) -> list[RedisReply]:
        """The same for commands that a proxy may not know: fewer replies if the server closes."""
        return await self._exchange(commands, lambda replies: True)

    async def _exchange(
        self, commands: Sequence[tuple[str, ...]], may_close: Callable[[list[RedisReply]], bool]
    ) -> list[RedisReply]:
        replies: list[RedisReply] = []
        try:
            await self._connection.write(b"".join(_packed(command) for command in commands))
            while len(replies) < len(commands):
                replies.append(await self._reply())
        except (HungUp, ConnectionError):
            if not may_close(replies):
                raise
        return replies

    async def _reply(self) -> RedisReply:
        line = await self._read_line()
        kind, text = line[:1], line[1:]
        if kind in (b"+", b"-"):
            return RedisReply(text.decode("utf-8", "replace"), kind == b"-")
        if kind != b"$" or not text.isdigit():
            raise NotRedis(f"not a Redis server: the reply is {printable(line, 60)!r}")
        size = int(text[:20])
        if size > LARGEST:
            raise TooLong(f"a reply of {size} bytes is more than the {LARGEST} that are read")
        while len(self._held) < size + 2:
            await self._more("the connection was closed in the middle of a reply")
        return RedisReply(self._take(size).decode("utf-8", "replace"))

    async def _read_line(self) -> bytes:
        while (end := self._held.find(b"\r\n")) < 0:
            if len(self._held) > LONGEST_LINE:
                raise NotRedis("not a Redis server: data without line ends")
            await self._more("the connection was closed without a response", HungUp)
        return self._take(end)

    def _take(self, size: int) -> bytes:
        """Take ``size`` bytes from the buffer, and remove the line end after them."""
        taken = bytes(self._held[:size])
        del self._held[: size + 2]
        return taken

    async def _more(self, ended: str, ending: type[NotRedis] = NotRedis) -> None:
        data = await self._connection.read(_CHUNK)
        self._held += data
        if self._held[:1] == b"\x15":  # the first byte of a TLS alert
            raise NotRedis("it speaks TLS: write tls = true, or rediss://")
        if not data:
            said = self._held if b"\r\n" not in self._held else b""
            if said:
                raise NotRedis(f"not a Redis server: the reply is {printable(bytes(said), 60, cut=True)!r}")
            raise ending(ended)


def _packed(words: tuple[str, ...]) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


def read_info(text: str) -> dict[str, object]:
    """Parse INFO: numbers as int or Decimal, ``keys=1,expires=0`` as an object, the rest as text."""
    found: dict[str, object] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            pairs = "=" in value and _FIELDS.fullmatch(value)
            found[name] = dict(_pair(each) for each in value.split(",")) if pairs else _value(value)
    return found


def _pair(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    return name, _value(value)


def _value(text: str) -> object:
    if not _NUMBER.fullmatch(text):
        return text
    return Decimal(text) if "." in text else int(text)
