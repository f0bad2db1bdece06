"""The dns kind against packets that no name server should send, and what is no target."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

import dns.message
import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.dns.asking import system_servers
from artisan_tui.sources.checks.dns.spec import DnsSpec
from support.dns_server import Answers, name_server
from support.probing import run_probe

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


def _spoiled(spoil: Callable[[bytes], bytes]) -> Callable[[bytes, bool], list[bytes]]:
    answers = Answers()
    return lambda packet, tcp: [spoil(answers(packet, tcp)[0])]


def _other_question(packet: bytes, tcp: bool) -> list[bytes]:
    message = Answers().message(packet, tcp)
    other = dns.message.make_query("www.other.test", "A", id=message.id)
    reply = dns.message.make_response(other)
    reply.answer.append(dns.rrset.from_text("www.other.test.", 60, "IN", "A", "192.0.2.66"))
    return [reply.to_wire()]


def _other_record(packet: bytes, tcp: bool) -> list[bytes]:
    reply = dns.message.make_response(dns.message.from_wire(packet))
    reply.answer.append(dns.rrset.from_text("www.other.test.", 60, "IN", "A", "192.0.2.66"))
    return [reply.to_wire()]


def _other_type(packet: bytes, tcp: bool) -> list[bytes]:
    query = dns.message.from_wire(packet)
    reply = dns.message.make_response(dns.message.make_query(query.question[0].name, "TXT", id=query.id))
    reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", "x"))
    return [reply.to_wire()]


def _compressed(pointer: int) -> Callable[[bytes, bool], list[bytes]]:
    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        head = packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
        question = packet[12 : packet.index(b"\0", 12) + 5]
        start = len(head + question)
        target = start if pointer < 0 else pointer
        return [head + question + struct.pack("!HHHIH", 0xC000 | target, 1, 1, 60, 4) + b"\1\2\3\4"]

    return reply


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (_spoiled(lambda wire: bytes([wire[0] ^ 1]) + wire[1:]), "packets had another id"),
        (_other_question, "about another question: A www.other.test"),
        (_other_type, "about another question: TXT www.shop.test"),
        (_other_record, "exists, but has no A record"),
        (lambda packet, tcp: [packet], "a question, not an answer"),
        (lambda packet, tcp: [packet[:5]], "5 bytes"),
        (lambda packet, tcp: [b""], "0 bytes"),
        (_compressed(-1), "malformed"),
        (_compressed(0x3FFF), "malformed"),
        (_spoiled(lambda wire: wire[:-3]), "malformed"),
        (_spoiled(lambda wire: wire + b"\x1b[2J" * 1000), "malformed"),
        (_spoiled(lambda wire: wire[:4] + b"\0\0" + wire[6:]), "malformed"),
        (_spoiled(lambda wire: wire[:6] + b"\xff\xff" + wire[8:]), "malformed"),
        (lambda packet, tcp: [packet[:2] + struct.pack("!HHHHH", 0x8180, 0, 0, 0, 0)], "0 questions"),
    ],
)
async def test_a3_what_is_no_answer_to_the_question(reply: Callable[[bytes, bool], list[bytes]], said: str) -> None:
    with name_server(reply) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test", timeout="500ms", every="1s")
    assert outcome.verdict is State.DOWN
    assert said in outcome.detail
    assert outcome.detail.isprintable()


async def test_a3_the_true_answer_behind_false_ones_is_taken() -> None:
    answers = Answers()

    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        false = _other_question(bytes([packet[0] ^ 1]) + packet[1:], tcp)
        return [*false * 20, *answers(packet, tcp)]

    with name_server(reply) as server:
        seen, outcome = await run_probe("dns", server=server, query="www.shop.test")
    assert outcome.verdict is State.UP
    assert seen.remarks == ("20 packets with another id were ignored",)


@pytest.mark.parametrize(
    ("packet", "said"),
    [
        (lambda wire: wire[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + wire[12:], "truncated over TCP too"),
        (lambda wire: bytes([wire[0] ^ 1]) + wire[1:], "another id"),
        (lambda wire: wire[:-2], "malformed"),
    ],
)
async def test_what_comes_over_tcp_is_checked_too(packet: Callable[[bytes], bytes], said: str) -> None:
    answers = Answers(big=10)

    def reply(question: bytes, tcp: bool) -> list[bytes]:
        wire = answers(question, tcp)[0]
        return [packet(wire)] if tcp else [wire]

    with name_server(reply) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test")
    assert outcome.reason is Reason.PROTOCOL
    assert said in outcome.detail


async def test_tcp_that_is_closed_or_refused() -> None:
    answers = Answers(big=10)
    with name_server(lambda packet, tcp: [] if tcp else answers(packet, tcp)) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test")
        assert "closed in the middle" in outcome.detail
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        loop = asyncio.get_running_loop()
        port = udp.getsockname()[1]
        task = asyncio.create_task(run_probe("dns", server=f"127.0.0.1:{port}", query="www.shop.test"))
        packet, sender = await loop.sock_recvfrom(udp, 4096)
        await loop.sock_sendto(udp, answers(packet, False)[0], sender)
        _, outcome = await task
    assert outcome.reason is Reason.PROTOCOL
    assert "TCP fails: connection refused" in outcome.detail


async def test_the_largest_answer_holds_nobody() -> None:
    """Four thousand records in one message take most of a second to parse."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

    with name_server(Answers(big=4000)) as server:
        await run_probe("dns", server=server, query="www.shop.test", timeout="5s")  # imports
        ticking = asyncio.create_task(tick())
        seen, _ = await run_probe("dns", server=server, query="www.shop.test", timeout="5s")
        ticking.cancel()
    assert seen.answers["value"] == 4000
    assert longest < 0.5


async def test_texts_of_strangers_are_printable() -> None:
    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(packet)
        message = dns.message.make_response(query)
        message.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "TXT", r'"\027[2Jred\010"'))
        return [message.to_wire()]

    with name_server(reply) as server:
        seen, outcome = await run_probe("dns", server=server, query="x.test", type="TXT")
    assert outcome.verdict is State.UP
    assert "\x1b" not in str(seen.answers) + seen.excerpt


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "needs a name to ask for"),
        ({"query": "a..b"}, "not a domain name"),
        ({"query": "two words"}, "contains a space"),
        ({"name": "The DNS of the shop"}, "not a domain name"),
        ({"query": "x" * 64 + ".test"}, "longer than 63"),
        ({"query": "192.0.2.1"}, 'type = "PTR"'),
        ({"query": "::1", "type": "AAAA"}, 'type = "PTR"'),
        ({"query": "a.test", "type": "HINFO"}, "type"),
        ({"query": "a.test", "server": "127.0.0.1:99999"}, "not an address"),
        ({"query": "a.test", "server": "/run/dns"}, "host:port"),
        ({"query": "a.test", "server": "udp://1.1.1.1"}, "host:port"),
    ],
)
def test_mistakes(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DnsSpec.model_validate({"id": "x", "kind": "dns", **keys})
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


@pytest.mark.parametrize(
    ("server", "endpoint"),
    [
        ("NS1.example", "ns1.example:53"),
        ("192.0.2.1:5353", "192.0.2.1:5353"),
        ("::1", "[::1]:53"),
        ("[::1]", "[::1]:53"),
        ("[::1]:5353", "[::1]:5353"),
        ("", ""),
    ],
)
def test_where_it_asks(server: str, endpoint: str) -> None:
    assert DnsSpec.model_validate({"id": "x", "query": "a.test", "server": server}).endpoint == endpoint


def test_names_in_korean() -> None:
    assert DnsSpec.model_validate({"id": "x", "query": "서울.kr"}).wire_name() == "xn--2i4bq6h.kr."


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("nameserver 192.0.2.1\n# nameserver 192.0.2.2\nnameserver ::1 \noptions x\n", ["192.0.2.1:53", "[::1]:53"]),
        ("", ["127.0.0.1:53"]),
        ("nameserver 1.1.1.1\n" * 9, ["1.1.1.1:53"] * 3),
        ("nameserver\n\xff\xfe", ["127.0.0.1:53"]),
    ],
)
def test_the_name_servers_of_this_machine(text: str, servers: list[str], tmp_path: Path) -> None:
    (tmp_path / "resolv.conf").write_bytes(text.encode("latin-1"))
    assert [str(each) for each in system_servers(str(tmp_path / "resolv.conf"))] == servers
    assert [str(each) for each in system_servers(str(tmp_path / "none"))] == ["127.0.0.1:53"]
