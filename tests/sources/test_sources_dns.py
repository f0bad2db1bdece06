"""The dns kind against a real name server, and against servers that lose or refuse."""

from __future__ import annotations

import asyncio
import socket
import struct

import dns.message
import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.dns.asking import Asking
from artisan_tui.sources.checks.dns.message import Question
from artisan_tui.sources.connections import Connections
from artisan_tui.sources.exchange import Phase
from artisan_tui.sources.server_url import read_address
from support.dns_server import Answers, name_server
from support.probing import run_probe
from support.servers import free_port

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


@pytest.mark.parametrize(
    ("keys", "records"),
    [
        ({"query": "www.shop.test"}, ["192.0.2.3", "192.0.2.7"]),
        ({"query": "WWW.Shop.Test."}, ["192.0.2.3", "192.0.2.7"]),
        ({"name": "www.shop.test"}, ["192.0.2.3", "192.0.2.7"]),
        ({"query": "www.shop.test", "type": "aaaa"}, ["2001:db8::7"]),
        ({"query": "two.shop.test"}, ["192.0.2.3", "192.0.2.7"]),
        ({"query": "alias.shop.test", "type": "CNAME"}, ["www.shop.test"]),
        ({"query": "shop.test", "type": "MX"}, ["10 mail.shop.test", "20 backup.shop.test"]),
        ({"query": "shop.test", "type": "TXT"}, ["v=spf1 -all"]),
        ({"query": "shop.test", "type": "NS"}, ["ns1.shop.test"]),
        ({"query": "_http._tcp.shop.test", "type": "SRV"}, ["0 5 8080 www.shop.test"]),
        ({"query": "shop.test", "type": "CAA"}, ["0 issue letsencrypt.org"]),
        (
            {"query": "shop.test", "type": "SOA"},
            ["ns1.shop.test hostmaster.shop.test 2026113001 7200 900 1209600 300"],
        ),
    ],
)
async def test_records_of_every_type(keys: dict[str, object], records: list[str]) -> None:
    with name_server(Answers()) as server:
        seen, outcome = await run_probe("dns", server=server, **keys)
    assert outcome.verdict is State.UP
    assert seen.answers["body"]["records"] == records  # type: ignore[index]
    assert seen.answers["value"] == len(records)
    assert seen.latency is not None


async def test_the_name_of_an_address() -> None:
    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(packet)
        assert query.question[0].to_text() == "7.2.0.192.in-addr.arpa. IN PTR"
        message = dns.message.make_response(query)
        message.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "PTR", "www.shop.test."))
        return [message.to_wire()]

    with name_server(reply) as server:
        keys = {"query": "192.0.2.7", "type": "PTR", "expect": ["body.records[0] == www.shop.test"]}
        _, outcome = await run_probe("dns", server=server, **keys)
    assert outcome.verdict is State.UP, outcome.detail


@pytest.mark.parametrize(
    ("keys", "expect", "verdict"),
    [
        ({"query": "www.shop.test"}, ["body.records[0] == 192.0.2.3", "body.count == 2", "value >= 2"], State.UP),
        ({"query": "www.shop.test"}, ["body.ttl >= 60", "body.rcode == NOERROR", "latency < 1s"], State.UP),
        ({"query": "www.shop.test"}, ["body.ttl > 60"], State.DOWN),
        ({"query": "two.shop.test"}, ["body.ttl == 30", "body.alias == www.shop.test"], State.UP),
        ({"query": "www.shop.test"}, ["body.authoritative == true"], State.UP),
        ({"query": "shop.test", "type": "SOA"}, ["body.answers[0].serial >= 2026113001"], State.UP),
        ({"query": "shop.test", "type": "MX"}, ["body.answers[0].exchange == mail.shop.test"], State.UP),
        # A name that must not exist, and one that must have no record of the type.
        ({"query": "gone.shop.test"}, ["body.rcode == NXDOMAIN"], State.UP),
        ({"query": "gone.shop.test"}, ["body.rcode == NXDOMAIN", "latency < 1s"], State.UP),
        ({"query": "www.shop.test"}, ["body.rcode == NXDOMAIN"], State.DOWN),
        ({"query": "mail.shop.test", "type": "A"}, ["body.authoritative == true"], State.DOWN),
        ({"query": "www.shop.test", "type": "MX"}, ["body.count == 0"], State.UP),
        ({"query": "www.shop.test", "type": "MX"}, ["value == 0"], State.UP),
        ({"query": "www.shop.test", "type": "MX"}, ["body.rcode == NOERROR"], State.DOWN),
        ({"query": "www.shop.test", "type": "MX"}, ["body.count >= 1"], State.DOWN),
    ],
)
async def test_conditions(keys: dict[str, object], expect: list[str], verdict: State) -> None:
    with name_server(Answers()) as server:
        _, outcome = await run_probe("dns", server=server, expect=expect, **keys)
    assert outcome.verdict is verdict, outcome.detail


@pytest.mark.parametrize(
    ("answers", "keys", "reason", "said"),
    [
        (Answers(), {"query": "gone.shop.test"}, Reason.ABSENT, "gone.shop.test does not exist (NXDOMAIN)"),
        (
            Answers(),
            {"query": "dangling.shop.test"},
            Reason.ABSENT,
            "dangling.shop.test is an alias of nothing.shop.test, which does not exist",
        ),
        (Answers(), {"query": "www.shop.test", "type": "MX"}, Reason.NO_DATA, "exists, but has no MX record"),
        (
            Answers(),
            {"query": "other.shop.test", "type": "AAAA"},
            Reason.NO_DATA,
            "its alias ns1.shop.test has no AAAA record",
        ),
        (Answers(rcode="SERVFAIL"), {"query": "www.shop.test"}, Reason.STATUS, "could not find out (SERVFAIL)"),
        (Answers(rcode="REFUSED"), {"query": "www.shop.test"}, Reason.DENIED, "refuses to answer us (REFUSED)"),
        (Answers(rcode="NOTIMP"), {"query": "www.shop.test"}, Reason.QUERY, "(NOTIMP)"),
        (Answers(rcode="YXDOMAIN"), {"query": "www.shop.test"}, Reason.STATUS, "answered YXDOMAIN"),
        (Answers(), {"query": "loop1.shop.test"}, Reason.PROTOCOL, "in a circle"),
    ],
)
async def test_what_is_wrong_is_said_in_words(
    answers: Answers, keys: dict[str, object], reason: Reason, said: str
) -> None:
    with name_server(answers) as server:
        # A condition that fails too does not hide why.
        _, outcome = await run_probe("dns", server=server, expect=["body.count >= 1"], **keys)
    assert outcome.verdict is State.DOWN
    assert outcome.reason is reason
    assert said in outcome.detail


async def test_a_server_that_only_refers_to_others() -> None:
    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        message = dns.message.make_response(dns.message.from_wire(packet))
        message.authority.append(dns.rrset.from_text("test.", 60, "IN", "NS", "a.nic.test.", "b.nic.test."))
        return [message.to_wire()]

    with name_server(reply) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test")
    assert outcome.reason is Reason.NO_DATA
    assert "refers to a.nic.test, b.nic.test" in outcome.detail


async def test_every_probe_has_its_own_id_and_port() -> None:
    ids, ports = set(), set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        for _ in range(8):
            keys = {"query": "www.shop.test", "timeout": "100ms", "every": "1s"}
            await run_probe("dns", server=f"127.0.0.1:{sock.getsockname()[1]}", **keys)
            while True:
                try:
                    packet, sender = sock.recvfrom(4096)
                except BlockingIOError:
                    break
                ids.add(packet[:2])
                ports.add(sender[1])
    assert len(ids) >= 7
    assert len(ports) >= 7


async def test_a_lost_packet_is_sent_again() -> None:
    answers, seen = Answers(), list[bytes]()

    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        seen.append(packet)
        return answers(packet, tcp) if len(seen) > 1 else []

    with name_server(reply) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test")
    assert outcome.verdict is State.UP


async def test_an_answer_that_does_not_fit_is_read_over_tcp() -> None:
    with name_server(Answers(big=2000)) as server:
        seen, outcome = await run_probe("dns", server=server, query="www.shop.test", expect=["value == 2000"])
    assert outcome.verdict is State.UP, outcome.detail
    assert seen.answers["body"]["transport"] == "tcp"  # type: ignore[index]


async def test_a_server_without_edns() -> None:
    answers = Answers()

    def reply(packet: bytes, tcp: bool) -> list[bytes]:
        query = dns.message.from_wire(packet)
        if query.edns < 0:
            return answers(packet, tcp)
        return [packet[:2] + struct.pack("!HHHHH", 0x8181, 0, 0, 0, 0)]

    with name_server(reply) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test")
    assert outcome.verdict is State.UP


async def test_a_server_by_name_and_by_ipv6() -> None:
    with name_server(Answers()) as server:
        port = server.rpartition(":")[2]
        _, outcome = await run_probe("dns", server=f"localhost:{port}", query="www.shop.test")
        assert outcome.verdict is State.UP
    try:
        with name_server(Answers(), "::1") as server:
            _, outcome = await run_probe("dns", server=server, query="www.shop.test")
            assert outcome.verdict is State.UP
    except OSError:
        pytest.skip("no IPv6 here")


async def test_nobody_there() -> None:
    _, outcome = await run_probe("dns", server=f"127.0.0.1:{free_port()}", query="www.shop.test")
    assert outcome.reason is Reason.REFUSED
    with name_server(lambda packet, tcp: []) as server:
        _, outcome = await run_probe("dns", server=server, query="www.shop.test", timeout="300ms")
    assert outcome.reason is Reason.TIMEOUT
    _, outcome = await run_probe("dns", server="nonexistent.invalid", query="www.shop.test", timeout="5s")
    assert outcome.reason is Reason.DNS


async def test_a10_a_silent_server_does_not_keep_us_from_the_next() -> None:
    connections = Connections()
    with name_server(lambda packet, tcp: []) as silent, name_server(Answers()) as server:
        places = [read_address(each, "") for each in (silent, server)]
        asking = Asking(connections, Question("www.shop.test.", "A"), 2.0, Phase())
        async with asyncio.timeout(2):
            heard = await asking.ask(places)
    await connections.aclose()
    assert heard.server == server
    assert heard.answer.total == 2
