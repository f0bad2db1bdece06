"""One call of gRPC over a `Connection`, with a limit on what is read.

grpcio 1.85 is not used: it takes 19 MB on disk (h2 with its two packages 1.1 MB), its import 20 MB of memory and twice
the time of h2's, a first call starts six native threads that no `fork` survives, it resolves names and races addresses
by itself, and it does not use the TLS contexts of this program, so changed files would not be noticed. A health check
is one request of HTTP/2 with a message of one field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.checks.grpc.health import PATH
from artisan_tui.sources.exchange import FIRST_BYTE, Phase

if TYPE_CHECKING:
    import h2.connection
    import h2.events

    from artisan_tui.sources.network import Connection

#: Bytes of a connection that are read at most. A health response has a hundred.
LARGEST = 64 * 1024
#: Bytes that are read at once. h2 takes 50 us for a frame, and a hostile peer's has nine bytes.
_CHUNK = 2048
_STREAM = 1


class NotGrpc(Exception):
    """What came is no answer of a gRPC server. The message is printable."""


class CallReset(Exception):
    """The server gave up the call. The message is printable."""


@dataclass(slots=True)
class CallAnswer:
    """``headers`` has the trailers too, in lower case. ``data`` are the messages, each with its five bytes before."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)
    ended: bool = False

    @property
    def http_status(self) -> str:
        return self.headers.get(":status", "")

    @property
    def code(self) -> str:
        """The text of ``grpc-status``; empty if there is none."""
        return self.headers.get("grpc-status", "")

    @property
    def message(self) -> str:
        """What the server says about a call that failed, printable."""
        return printable(unquote_to_bytes(self.headers.get("grpc-message", "")), 200)


async def call(
    connection: Connection, headers: Sequence[tuple[str, str]], request: bytes, phase: Phase, *, scheme: str
) -> CallAnswer:
    """Send ``request``, and read until the server ends its answer. ``headers`` begin with ``:authority``.

    The caller holds the time limit. Raises OSError, NotGrpc and CallReset.
    """
    import h2.config
    import h2.connection
    import h2.exceptions
    import h2.settings

    peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    initial = {h2.settings.SettingCodes.ENABLE_PUSH: 0}
    peer.local_settings = h2.settings.Settings(client=True, initial_values=initial)
    peer.initiate_connection()
    begin = [(":method", "POST"), (":scheme", scheme), (":path", PATH), *headers]
    peer.send_headers(_STREAM, begin)
    peer.send_data(_STREAM, request, end_stream=True)
    answer = CallAnswer()
    phase.name = FIRST_BYTE
    first = True
    try:
        await connection.write(peer.data_to_send())
        while not answer.ended:
            data = await connection.read(_CHUNK)
            if first and data:
                _check_first(data)
                first, phase.name = False, "the end of the answer"
            if not data:
                raise ConnectionResetError if first else NotGrpc("the connection was closed before the answer ended")
            if connection.received > LARGEST:
                raise NotGrpc(f"the answer is larger than {LARGEST // 1024} kB")
            for event in peer.receive_data(data):
                _take(event, answer, peer)
            await connection.write(peer.data_to_send())
    except (h2.exceptions.H2Error, UnicodeError) as error:
        raise NotGrpc(f"the server violates HTTP/2 ({printable(type(error).__name__, 40)})") from None
    return answer


def _check_first(data: bytes) -> None:
    if data[:1] == b"\x15":  # the first byte of a TLS alert
        raise NotGrpc("it speaks TLS: write tls = true")
    if data.startswith(b"HTTP/1"):
        raise NotGrpc("the server speaks HTTP/1, and gRPC needs HTTP/2: is this its gRPC port?")
    if len(data) >= 9 and data[3] != 0x4:  # every server begins with SETTINGS
        raise NotGrpc(f"the server does not speak HTTP/2: it says {printable(data, 40)!r}")


def _take(event: h2.events.Event, answer: CallAnswer, peer: h2.connection.H2Connection) -> None:
    import h2.events

    if isinstance(event, h2.events.ConnectionTerminated):
        if not answer.ended and (event.error_code or (event.last_stream_id or 0) < _STREAM):
            raise CallReset(f"the server closes the connection ({_error_name(event.error_code)})")
    elif getattr(event, "stream_id", _STREAM) != _STREAM:
        return
    elif isinstance(event, h2.events.ResponseReceived | h2.events.TrailersReceived):
        answer.headers |= {_text(name).lower(): _text(value) for name, value in event.headers or ()}
    elif isinstance(event, h2.events.DataReceived):
        answer.data += event.data or b""
        peer.acknowledge_received_data(event.flow_controlled_length or 0, _STREAM)
    elif isinstance(event, h2.events.StreamReset):
        raise CallReset(f"the server gave up the call ({_error_name(event.error_code)})")
    elif isinstance(event, h2.events.StreamEnded):
        answer.ended = True


def _error_name(code: object) -> str:
    return str(getattr(code, "name", code if isinstance(code, int) else "no reason"))


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
