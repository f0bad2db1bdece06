"""The configuration keys of the kind dns."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.server_url import ServerAddress, read_address

RecordType = Literal["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "PTR", "CAA", "SOA"]
_PORT = 53
_MEND = 'write "host:port" or "host", like "127.0.0.1:53" or "[::1]:53"'
_WITHOUT_PORT = re.compile(r"\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s\[\]:/@]+)", re.ASCII)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class DnsSpec(CheckSpec):
    """A name that a name server must know. Without ``expect``, there must be a record of the type."""

    kind: Annotated[Literal["dns"], Field(description="Ask a name server")] = "dns"
    query: Annotated[
        str,
        Field(max_length=255, description="The name to ask for, always complete; for PTR an address; default: `name`"),
    ] = ""
    type: Annotated[RecordType, BeforeValidator(_upper), Field(description="The type of the records")] = "A"
    server: Annotated[
        str, Field(max_length=300, description='The name server, "host:port"; default: those in /etc/resolv.conf')
    ] = ""

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "value", "latency"})
    FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"rcode", "count", "records", "answers", "ttl", "alias", "flags", "authoritative", "server", "transport"}
    )

    @model_validator(mode="after")
    def _names(self) -> DnsSpec:
        key = "query" if self.query else "name"
        if not self.wanted:
            raise Mistake("a dns check needs a name to ask for", 'write query = "www.example.com"')
        if _is_address(self.wanted) and self.type != "PTR":
            raise Mistake(
                f"{self.wanted[:60]!r} is an address: it has no {self.type} record",
                'write a name, or type = "PTR" for the name of this address',
                (key,),
            )
        try:
            self.wire_name()
        except ValueError as error:
            raise Mistake(
                f"{printable(self.wanted, 60)!r} is not a domain name: {error}",
                'write query = "www.example.com"',
                (key,),
            ) from None
        if self.server:
            _ = self.place
        return self

    @property
    def wanted(self) -> str:
        """The name or address that is asked for."""
        return self.query or self.name

    def wire_name(self) -> str:
        """The absolute name in ASCII, with a dot at its end. Raises ValueError that says why it is none."""
        import dns.exception
        import dns.name
        import dns.reversename

        text = self.wanted
        if self.type == "PTR" and _is_address(text):
            return dns.reversename.from_address(text).to_text()
        if not text.strip(".") and text != ".":
            raise ValueError("it is empty")
        if any(char.isspace() or not char.isprintable() for char in text):
            raise ValueError("it contains a space")
        try:
            found = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
        except dns.name.LabelTooLong:
            raise ValueError("a part is longer than 63 characters") from None
        except dns.name.NameTooLong:
            raise ValueError("it is longer than 253 characters") from None
        except (dns.exception.DNSException, UnicodeError, ValueError):
            raise ValueError("a part is empty, or has characters that no name has") from None
        return found.to_text()

    @property
    def place(self) -> ServerAddress | None:
        """The server's address, None for those of the system. Raises Mistake."""
        if not self.server:
            return None
        try:
            bare = ipaddress.IPv6Address(self.server)
        except ValueError:
            pass
        else:
            return ServerAddress(str(bare), _PORT)
        match = _WITHOUT_PORT.fullmatch(self.server)
        if match is not None:
            return ServerAddress(match["six"] or match["host"], _PORT)
        try:
            found = read_address(self.server, _MEND)
        except Mistake as fault:
            raise Mistake(fault.what, _MEND, ("server",)) from None
        if found.path:
            raise Mistake("a name server has no socket file", _MEND, ("server",))
        return found

    @property
    def target(self) -> str:
        at = f" at {self.place}" if self.server else ""
        return printable(f"{self.type} {self.wanted}{at}", 300)

    @property
    def endpoint(self) -> str:
        return "" if self.place is None else self.place.network

    def accepts_failure(self) -> bool:
        """Whether a condition says which response code is right."""
        return self._reads(r"\brcode\b")

    def accepts_nothing(self) -> bool:
        """Whether a condition says how many records are right."""
        return self._reads(r"\b(count|records|answers)\b") or any(c.root == "value" for c in self.expect)

    def _reads(self, names: str) -> bool:
        return any(c.root == "body" and re.search(names, c.path) for c in self.expect)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
