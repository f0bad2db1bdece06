"""Send a question to name servers, by UDP, and by TCP for an answer that does not fit."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from artisan_tui.sources.checks.dns.message import DnsAnswer, NotAnAnswer, OtherId, Question
from artisan_tui.sources.errors import explain
from artisan_tui.sources.exchange import FIRST_BYTE, Phase
from artisan_tui.sources.network import STAGGER, AddressInfo, Turn, race, significance
from artisan_tui.sources.server_url import ServerAddress

if TYPE_CHECKING:
    from artisan_tui.sources.connections import Connections
    from artisan_tui.sources.network import Connection

#: How often a question is sent at most. Of packets, some get lost.
SENDINGS = 3
#: Larger answers are parsed in a thread.
_MOST_ON_LOOP = 4096
#: Servers of the system's list that are asked, as in its C library.
_MOST_SERVERS = 3
RESOLV_CONF = "/etc/resolv.conf"


@dataclass(frozen=True, slots=True)
class Heard:
    """``answer`` is what ``server`` said, over ``transport``. ``foreign`` packets with another id were ignored."""

    answer: DnsAnswer
    server: str
    transport: str
    foreign: int = 0


def system_servers(path: str = RESOLV_CONF) -> list[ServerAddress]:
    """The name servers of this machine; the local one where none is named. Raises OSError."""
    found = []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file.read(65_536).splitlines():
                words = line.split()
                if len(words) > 1 and words[0] == "nameserver":
                    found.append(ServerAddress(words[1], 53))
    except FileNotFoundError:
        pass
    return found[:_MOST_SERVERS] or [ServerAddress("127.0.0.1", 53)]


class Asking:
    """Asks one question within ``timeout`` seconds. The caller holds the time limit."""

    def __init__(self, connections: Connections, question: Question, timeout: float, phase: Phase) -> None:
        self._connections, self._question, self._timeout, self._phase = connections, question, timeout, phase
        self.foreign = 0

    async def ask(self, servers: Sequence[ServerAddress]) -> Heard:
        """The first answer. Several servers, and several addresses of one, are asked in turn and side by side.

        Raises OSError and NotAnAnswer.
        """
        network = self._connections.network
        places: list[AddressInfo] = []
        failed: OSError | None = None
        for each in servers:
            try:
                places += await network.addresses(each.host, each.port, self._phase.step)
            except OSError as error:
                failed = error
        if not places:
            raise failed or OSError("no name server")
        self._phase.step(FIRST_BYTE)
        # The next server of the system's list is a substitute, so the first is given its time.
        stagger = STAGGER if len(servers) == 1 else self._timeout / (len(servers) + 1)
        return await race([partial(self._ask_one, each) for each in places], lambda heard: None, significance, stagger)

    async def _ask_one(self, place: AddressInfo) -> Heard:
        heard = await self._by_udp(place)
        if self._question.edns and heard.answer.rcode in ("FORMERR", "NOTIMP", "BADVERS"):
            # A server older than EDNS refuses every question that uses it.
            self._question = Question(self._question.name, self._question.type, edns=False)
            heard = await self._by_udp(place)
        return heard

    async def _by_udp(self, place: AddressInfo) -> Heard:
        family, _, _, _, address = place
        question, packed = self._question, self._question.packed()
        loop, turn = asyncio.get_running_loop(), Turn()
        # A new socket has a new random port, and a connected one takes packets of this server only.
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.connect(address)
            sock.send(packed)
            resend = asyncio.create_task(self._resend(sock, packed))
            try:
                while True:
                    await turn.give_way()
                    packet = await loop.sock_recv(sock, 65_535)
                    try:
                        truncated = question.truncated(packet)
                    except OtherId:
                        self.foreign += 1
                        continue
                    if truncated:
                        break
                    return Heard(await self._read(question, packet), _shown(address), "udp", self.foreign)
            finally:
                resend.cancel()
        finally:
            sock.close()
        return await self._by_tcp(question, packed, address)

    async def _resend(self, sock: socket.socket, packed: bytes) -> None:
        for _ in range(SENDINGS - 1):
            await asyncio.sleep(self._timeout / (SENDINGS + 0.5))
            with suppress(OSError):
                sock.send(packed)

    async def _by_tcp(self, question: Question, packed: bytes, address: tuple[str, int]) -> Heard:
        host, port = address[:2]
        self._phase.step("the answer over TCP")
        connection: Connection | None = None
        try:
            connection = await self._connections.network.connect(host, port)
            await connection.write(len(packed).to_bytes(2, "big") + packed)
            size = int.from_bytes(await _exactly(connection, 2), "big")
            packet = await _exactly(connection, size)
        except OSError as error:
            why = explain(error)[1]
            raise NotAnAnswer(f"the answer is too large for UDP, and TCP fails: {why}") from None
        finally:
            if connection is not None:
                connection.close()
        if question.truncated(packet):
            raise NotAnAnswer("the answer is truncated over TCP too")
        return Heard(await self._read(question, packet), _shown(address), "tcp", self.foreign)

    async def _read(self, question: Question, packet: bytes) -> DnsAnswer:
        if len(packet) <= _MOST_ON_LOOP:
            return question.read(packet)
        return await self._connections.off_loop(question.read, packet)


async def _exactly(connection: Connection, size: int) -> bytes:
    held = b""
    while len(held) < size:
        more = await connection.read(size - len(held))
        if not more:
            raise NotAnAnswer("the connection was closed in the middle of the answer")
        held += more
    return held


def _shown(address: tuple[str, int]) -> str:
    return str(ServerAddress(*address[:2]))
