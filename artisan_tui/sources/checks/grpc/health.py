"""The two messages of grpc.health.v1.Health/Check, and the status codes of gRPC.

A request has one text (field 1), a response one number (field 1). For that no compiler of protobuf is needed.
"""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable

PATH = "/grpc.health.v1.Health/Check"
#: By number: what a server says of a service.
STATES = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")
#: By number: how a call ended.
CODES = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED"),
    *("INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)
_LONGEST_VARINT = 10


class NotHealth(Exception):
    """The message is no health response. The text is printable."""


def code_name(text: str) -> str:
    """The name of a ``grpc-status``; the text itself for one that is none."""
    return CODES[int(text)] if text.isdecimal() and len(text) < 4 and int(text) < len(CODES) else printable(text, 20)


def packed(service: str) -> bytes:
    """The request, with the five bytes that begin every message of gRPC."""
    name = service.encode()
    message = b"\x0a" + _varint(len(name)) + name if name else b""
    return b"\0" + len(message).to_bytes(4, "big") + message


def read(data: bytes) -> str:
    """The state in a response. Raises NotHealth."""
    if len(data) < 5:
        raise NotHealth("the answer has no message" if not data else "the message is cut short")
    if data[0]:
        raise NotHealth("the message is compressed, although we said that we read no compression")
    size = int.from_bytes(data[1:5], "big")
    if size != len(data) - 5:
        raise NotHealth(f"the message has {len(data) - 5} bytes and says {size}")
    number = _field_one(data[5:])
    return STATES[number] if number < len(STATES) else f"state {number}"


def _field_one(message: bytes) -> int:
    """The last number in field 1, as protobuf reads it; 0 when it is not there. Other fields are skipped."""
    found, at = 0, 0
    while at < len(message):
        key, at = _read_varint(message, at)
        field, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _read_varint(message, at)
            found = value if field == 1 else found
        elif wire == 2:
            size, at = _read_varint(message, at)
            at += size
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise NotHealth("the message is not a health response")
        if field == 0 or (field == 1 and wire != 0) or at > len(message):
            raise NotHealth("the message is not a health response")
    return found


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """(the number, the offset after it)."""
    number = 0
    for shift, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << 7 * shift
        if not byte & 0x80:
            return number, at + shift + 1
    raise NotHealth("the message is not a health response")
