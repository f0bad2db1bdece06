"""A DNS question in bytes, and what an answer to it says.

dnspython builds and parses the messages. Whether an answer is about the question is decided here.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    import dns.message
    import dns.rdata

#: Bytes of an answer over UDP that are asked for. More would be split into fragments, which get lost.
PAYLOAD = 1232
#: Aliases that are followed in one answer.
_LONGEST_CHAIN = 16
#: Records of one answer that are listed.
MOST_RECORDS = 500
_HEADER = struct.Struct("!HHHHHH")
_QR, _TC = 0x8000, 0x0200
_OPCODE = 0x7800


class NotAnAnswer(Exception):
    """The packet is no answer to the question. The message is printable."""


class OtherId(NotAnAnswer):
    """The packet has another id than the question: it was not sent by whom we asked, or not to us."""


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """``records`` are the records of the type as text, sorted. ``alias`` is the name at the end of the aliases.

    ``referral`` are name servers that the server refers to instead of answering.
    """

    rcode: str
    records: tuple[str, ...] = ()
    rows: tuple[Mapping[str, object], ...] = ()
    ttl: int | None = None
    alias: str = ""
    flags: tuple[str, ...] = ()
    referral: tuple[str, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One question with a random id. ``name`` is absolute."""

    name: str
    type: str
    edns: bool = True
    id: int = field(default_factory=lambda: secrets.randbelow(65_536))

    def packed(self) -> bytes:
        """The question as it is sent."""
        import dns.message

        message = dns.message.make_query(
            self.name, self.type, use_edns=0 if self.edns else False, payload=PAYLOAD, id=self.id
        )
        return message.to_wire()

    def truncated(self, packet: bytes) -> bool:
        """Whether ``packet`` is an answer that did not fit. Raises NotAnAnswer."""
        if len(packet) < _HEADER.size:
            raise NotAnAnswer(f"a packet of {len(packet)} bytes is no answer of a name server")
        number, flags = struct.unpack_from("!HH", packet)
        if number != self.id:
            raise OtherId("an answer has another id than the question")
        if not flags & _QR or flags & _OPCODE:
            raise NotAnAnswer("what came back is a question, not an answer")
        return bool(flags & _TC)

    def read(self, packet: bytes) -> DnsAnswer:
        """Raises NotAnAnswer. Takes up to a second for a packet of 64 kB that is made for it."""
        import dns.message

        self.truncated(packet)
        try:
            message = dns.message.from_wire(packet, raise_on_truncation=False)
            self._check(message)
            return self._answer(message)
        except NotAnAnswer:
            raise
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed packet
            raise NotAnAnswer(f"the answer is malformed ({printable(type(error).__name__, 40)})") from None

    def _check(self, message: dns.message.Message) -> None:
        import dns.name
        import dns.rcode
        import dns.rdatatype

        asked = message.question
        if not asked and message.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP):
            return  # a server that could not read the question cannot repeat it
        if len(asked) != 1:
            raise NotAnAnswer(f"the answer repeats {len(asked)} questions instead of one")
        same = asked[0].name == dns.name.from_text(self.name)
        if not same or asked[0].rdtype != dns.rdatatype.from_text(self.type) or asked[0].rdclass != 1:
            what = f"{_type_text(asked[0].rdtype)} {asked[0].name.to_text(omit_final_dot=True)}"
            raise NotAnAnswer(f"the answer is about another question: {printable(what, 200)}")

    def _answer(self, message: dns.message.Message) -> DnsAnswer:
        import dns.flags
        import dns.name
        import dns.rcode
        import dns.rdatatype

        wanted = dns.rdatatype.from_text(self.type)
        name, chain = dns.name.from_text(self.name), 0
        sets = {(each.name, each.rdtype): each for each in message.answer if each.rdclass == 1}
        ttls: list[int] = []
        found = sets.get((name, wanted))
        while found is None and (alias := sets.get((name, dns.rdatatype.CNAME))) is not None:
            chain += 1
            if chain > _LONGEST_CHAIN:
                raise NotAnAnswer("the aliases (CNAME) of the answer lead in a circle")
            name = alias[0].target
            ttls.append(alias.ttl)
            found = sets.get((name, wanted))
        data = list(found) if found is not None else []
        if found is not None:
            ttls.append(found.ttl)
        kept = sorted(data, key=_sort_key)[:MOST_RECORDS]
        authority = [each for each in message.authority if each.rdclass == 1]
        refers = not message.answer and not any(each.rdtype == dns.rdatatype.SOA for each in authority)
        servers = [one for each in authority if each.rdtype == dns.rdatatype.NS for one in each] if refers else []
        return DnsAnswer(
            dns.rcode.to_text(message.rcode()),
            tuple(_text(each) for each in kept),
            tuple(_row(each) for each in kept),
            min(ttls, default=None) if data else None,
            _name(name) if chain else "",
            tuple(dns.flags.to_text(message.flags).split()),
            tuple(sorted(_text(each) for each in servers)[:8]),
            len(data),
        )


def _type_text(number: int) -> str:
    import dns.rdatatype

    return dns.rdatatype.to_text(dns.rdatatype.RdataType(number))


def _name(name: Any) -> str:
    """A name as people write it: without the dot at its end."""
    return printable(name.to_text(omit_final_dot=True), 300)


def _sort_key(data: dns.rdata.Rdata) -> tuple[int, str]:
    """Servers rotate their records: in their order, the first one would be another each time."""
    first = getattr(data, "preference", getattr(data, "priority", 0))
    return (first if isinstance(first, int) else 0, data.to_text())


#: The fields of a record that conditions can read, by type.
_FIELDS: Mapping[str, Sequence[str]] = {
    "MX": ("preference", "exchange"),
    "SRV": ("priority", "weight", "port", "target"),
    "CAA": ("flags", "tag", "value"),
    "SOA": ("mname", "rname", "serial", "refresh", "retry", "expire", "minimum"),
}


def _row(data: dns.rdata.Rdata) -> Mapping[str, object]:
    fields = {name: _field(getattr(data, name)) for name in _FIELDS.get(_type_text(data.rdtype), ())}
    return {"data": _text(data), **fields}


def _text(data: dns.rdata.Rdata) -> str:
    """The record as people write it: names without the dot at their end, a text without quotes."""
    fields = _FIELDS.get(_type_text(data.rdtype))
    if fields is not None:
        return printable(" ".join(str(_field(getattr(data, name))) for name in fields), 1000)
    strings = getattr(data, "strings", None)
    if strings is not None:
        return printable(b"".join(strings), 4096)
    target = getattr(data, "target", None)
    return _name(target) if target is not None else printable(data.to_text(), 1000)


def _field(value: Any) -> object:
    if isinstance(value, bytes):
        return printable(value, 1000)
    return value if isinstance(value, int) else _name(value)
