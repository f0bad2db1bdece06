"""The one place where the name of a host is normalised.

The same host can be written in several ways: ``LOCALHOST.``, ``서울.kr``, ``127.1``, ``[fe80::1%25eth0]``. Three uses
need three forms of it: to look it up, to verify its certificate, and to know whether two checks reach the same place.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import lru_cache

_IPV4 = re.compile(r"(?:0[xX][0-9A-Fa-f]+|\d+)(?:\.(?:0[xX][0-9A-Fa-f]+|\d+)){0,3}", re.ASCII)


class NotAHost(ValueError):
    """The text cannot be the name or the address of a host."""


@lru_cache(maxsize=4096)
def lookup_name(host: str) -> str:
    """``host`` for the resolver: ASCII in lower case, addresses in their usual form, an IPv6 zone after ``%``.

    A dot at the end stays: it keeps the resolver from trying its search domains. Raises NotAHost.
    """
    host = host.removeprefix("[").removesuffix("]")
    address, percent, zone = host.partition("%")
    if ":" in address:
        try:
            address = str(ipaddress.IPv6Address(address))
        except ValueError:
            raise NotAHost(f"{host[:100]!r} is not an IPv6 address") from None
        zone = zone.removeprefix("25") if percent and len(zone) > 2 else zone  # a URL escapes the percent sign
        return f"{address}%{zone}" if zone else address
    if _IPV4.fullmatch(bare := host.removesuffix(".")):
        try:
            return socket.inet_ntoa(socket.inet_aton(bare))
        except OSError:
            raise NotAHost(f"{host[:100]!r} is not an IPv4 address") from None
    if not host.isascii():
        host = _ascii(host)
    if not bare or len(bare) > 253 or any(not 0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise NotAHost(f"{host[:100]!r} is not the name of a host")
    # RFC 6761: it is this machine, whatever a name server says, and /etc/hosts has no dot.
    return "localhost" if host.lower() == "localhost." else host.lower()


def verified_name(host: str) -> str:
    """``host`` as certificates have it: without the dot at the end, and without the zone. Raises NotAHost."""
    return lookup_name(host).removesuffix(".").partition("%")[0]


def place(host: str, port: int) -> str:
    """ "host:port", the same text for the same place. Raises NotAHost."""
    name = lookup_name(host).removesuffix(".")
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _ascii(host: str) -> str:
    import idna  # only for names that are not ASCII

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise NotAHost(f"{host[:100]!r} is not the name of a host") from None
