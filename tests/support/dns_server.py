"""A small authoritative name server for tests, over UDP and TCP, in a thread. It can misbehave."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.zone

ZONE = """
$ORIGIN shop.test.
@ 3600 IN SOA ns1 hostmaster 2026113001 7200 900 1209600 300
@ 3600 IN NS ns1
ns1 300 IN A 127.0.0.1
www 60 IN A 192.0.2.7
www 60 IN A 192.0.2.3
www 60 IN AAAA 2001:db8::7
alias 30 IN CNAME www
two 30 IN CNAME alias
dangling 30 IN CNAME nothing
other 30 IN CNAME ns1
@ 120 IN MX 20 backup
@ 120 IN MX 10 mail
@ 120 IN TXT "v=spf1 " "-all"
@ 120 IN CAA 0 issue "letsencrypt.org"
_http._tcp 90 IN SRV 0 5 8080 www
loop1 30 IN CNAME loop2
loop2 30 IN CNAME loop1
"""
#: (question, over TCP) -> the packets to send back.
Reply = Callable[[bytes, bool], list[bytes]]


class Answers:
    """Answers from the zone. ``rcode`` is said to everything; without ``recursion`` a foreign name is refused."""

    def __init__(self, *, rcode: str = "", big: int = 0) -> None:
        self._zone = dns.zone.from_text(ZONE, relativize=False)
        self._rcode, self._big = rcode, big
        self.asked: list[dns.message.Message] = []

    def __call__(self, packet: bytes, tcp: bool) -> list[bytes]:
        return [self.message(packet, tcp).to_wire(max_size=65_535)]

    def message(self, packet: bytes, tcp: bool) -> dns.message.Message:
        query = dns.message.from_wire(packet)
        self.asked.append(query)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        name, wanted = query.question[0].name, query.question[0].rdtype
        if self._rcode:
            reply.set_rcode(dns.rcode.from_text(self._rcode))
            return reply
        if self._big and not tcp:
            reply.flags |= dns.flags.TC
            return reply
        for _ in range(3):
            rdataset = self._zone.get_rdataset(name, wanted)
            if rdataset is not None:
                reply.answer.append(dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset)))
                break
            alias = self._zone.get_rdataset(name, "CNAME")
            if alias is None:
                break
            reply.answer.append(dns.rrset.from_rdata_list(name, alias.ttl, list(alias)))
            name = alias[0].target
        if self._big:
            rows = [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in range(self._big)]
            reply.answer = [dns.rrset.from_text_list(query.question[0].name, 60, "IN", "A", rows)]
        soa = dns.rrset.from_text("shop.test.", 300, "IN", "SOA", "ns1.shop.test. h.shop.test. 1 2 3 4 5")
        if self._zone.get_node(name) is None and not self._big:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        if not reply.answer:
            reply.authority.append(soa)
        return reply


@contextmanager
def name_server(reply: Reply, host: str = "127.0.0.1") -> Iterator[str]:
    """Its "host:port"."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp, tcp = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_STREAM)
    ended_here, ended_there = socket.socketpair()
    with udp, tcp, ended_here, ended_there:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((host, 0))
        port = tcp.getsockname()[1]
        udp.bind((host, port))
        tcp.listen()

        def serve() -> None:
            while True:
                ready, _, _ = select.select([udp, tcp, ended_there], [], [])
                if ended_there in ready:
                    return
                if udp in ready:
                    packet, sender = udp.recvfrom(65_535)
                    for each in reply(packet, False):
                        udp.sendto(each, sender)
                if tcp in ready:
                    _over_tcp(tcp.accept()[0], reply)

        thread = threading.Thread(target=serve, name="name server", daemon=True)
        thread.start()
        try:
            yield f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        finally:
            ended_here.send(b"x")
            thread.join(5)


def _over_tcp(talk: socket.socket, reply: Reply) -> None:
    with talk:
        talk.settimeout(5)
        held = b""
        while len(held) < 2 or len(held) < 2 + struct.unpack_from("!H", held)[0]:
            more = talk.recv(4096)
            if not more:
                return
            held += more
        for each in reply(held[2:], True):
            talk.sendall(struct.pack("!H", len(each)) + each)
