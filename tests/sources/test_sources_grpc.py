"""The grpc kind against the reference health server, and against servers that break the protocol."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.grpc import health
from artisan_tui.sources.checks.grpc.spec import GrpcSpec
from support.authority import Authority
from support.flooding import flooding
from support.probing import run_probe
from support.servers import Talk, free_port, http_answer, running, saying, talking

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")
_PROGRAM = Path(__file__).parents[1] / "support" / "grpc_health_server.py"


def _listens(port: int) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    return ask


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, log = free_port(), tmp_path_factory.mktemp("grpc") / "log"
    with running([sys.executable, str(_PROGRAM), str(port)], f"127.0.0.1:{port}", _listens(port), log) as server:
        yield server.url


@pytest.mark.parametrize(
    ("service", "state", "reason", "said"),
    [
        ("", State.UP, Reason.OK, ""),
        ("shop.Cart", State.UP, Reason.OK, ""),
        ("shop.Old", State.DOWN, Reason.HEALTH, "shop.Old is NOT_SERVING"),
        ("shop.New", State.UNKNOWN, Reason.NO_DATA, "shop.New reports its health as UNKNOWN"),
        ("shop.Gone", State.DOWN, Reason.ABSENT, "the health service knows no shop.Gone (NOT_FOUND)"),
        ("shop.cart", State.DOWN, Reason.ABSENT, "the health service knows no shop.cart (NOT_FOUND)"),
        ("x" * 900, State.DOWN, Reason.ABSENT, "NOT_FOUND"),
    ],
)
async def test_what_a_service_says_of_itself(
    service: str, state: State, reason: Reason, said: str, server: str
) -> None:
    seen, outcome = await run_probe("grpc", address=server, service=service)
    assert (outcome.verdict, outcome.reason) == (state, reason)
    assert said in outcome.detail
    if state is State.UP:
        assert seen.answers["body"] == {"status": "SERVING", "code": "OK", "message": ""}
        assert seen.latency is not None


@pytest.mark.parametrize(
    ("service", "expect", "state"),
    [
        ("shop.Cart", ["body.status == SERVING", "latency < 1s"], State.UP),
        ("shop.Cart", ["body.status == NOT_SERVING"], State.DOWN),
        ("shop.Old", ["body.status == NOT_SERVING"], State.UP),
        ("shop.Old", ["body.status == NOT_SERVING", "latency < 1ms"], State.DOWN),
        ("shop.Old", ["latency < 1s"], State.DOWN),
        ("shop.Gone", ["body.code == NOT_FOUND"], State.UP),
        ("shop.Gone", ["body.code == UNIMPLEMENTED"], State.DOWN),
    ],
)
async def test_conditions(service: str, expect: list[str], state: State, server: str) -> None:
    _, outcome = await run_probe("grpc", address=server, service=service, expect=expect)
    assert outcome.verdict is state, outcome.detail


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("UNAVAILABLE", Reason.REJECTED),
        ("RESOURCE_EXHAUSTED", Reason.REJECTED),
        ("DEADLINE_EXCEEDED", Reason.TIMEOUT),
        ("UNAUTHENTICATED", Reason.AUTH),
        ("PERMISSION_DENIED", Reason.DENIED),
        ("INTERNAL", Reason.STATUS),
        ("ABORTED", Reason.STATUS),
    ],
)
async def test_how_a_call_ends(code: str, reason: Reason, server: str) -> None:
    _, outcome = await run_probe("grpc", address=server, metadata={"fail": code})
    assert (outcome.verdict, outcome.reason) == (State.DOWN, reason)
    assert f"the call ended with {code}: 오류" in outcome.detail
    assert "50% of it" in outcome.detail
    assert outcome.detail.isprintable()


async def test_metadata_and_secrets_are_sent(server: str) -> None:
    metadata = {"fail": "env:CODE", "say": "env:SAY"}
    _, outcome = await run_probe(
        "grpc", address=server, metadata=metadata, environ={"CODE": "INTERNAL", "SAY": "heard"}
    )
    assert outcome.detail == "the call ended with INTERNAL: heard"
    _, outcome = await run_probe("grpc", address=server, metadata=metadata)
    assert outcome.verdict is State.UNKNOWN
    assert "CODE is not set" in outcome.detail


async def test_a_server_without_a_health_service(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, str(_PROGRAM), str(port), "plain"]
    with running(command, "", _listens(port), tmp_path / "log"):
        _, outcome = await run_probe("grpc", address=f"localhost:{port}")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.MISSING)
    assert 'add grpc.health.v1.Health to it, or write kind = "tcp"' in outcome.detail


async def test_client_certificates_and_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (cert, key), (own, own_key) = authority.issue(), authority.issue("client")
    port = free_port()
    address, trusted = f"127.0.0.1:{port}", {"tls": True, "ca_file": str(authority.cert), "timeout": "5s"}
    shown = {"cert_file": str(own), "key_file": str(own_key)}
    command = [sys.executable, str(_PROGRAM), str(port), str(cert), str(key), str(authority.cert)]
    with running(command, "", _listens(port), tmp_path / "log"):
        seen, outcome = await run_probe("grpc", address=address, expect=["tls.days > 10"], **trusted, **shown)
        assert outcome.verdict is State.UP, outcome.detail
        assert seen.answers["tls"]
        _, outcome = await run_probe("grpc", address=address, authority="localhost:1", **trusted, **shown)
        assert outcome.verdict is State.UP, outcome.detail
        _, outcome = await run_probe("grpc", address=address, authority="other.test", **trusted, **shown)
        assert outcome.reason is Reason.TLS
        assert "another host name" in outcome.detail
        _, outcome = await run_probe("grpc", address=address, **trusted)
        assert outcome.verdict is State.DOWN
        _, outcome = await run_probe("grpc", address=address, tls=True, **shown)
        assert outcome.reason is Reason.TLS
        _, outcome = await run_probe("grpc", address=address)
        assert outcome.verdict is State.DOWN
        assert "tls = true" in outcome.detail


async def test_nobody_there_or_silent() -> None:
    _, outcome = await run_probe("grpc", address=f"localhost:{free_port()}")
    assert outcome.reason is Reason.REFUSED

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with talking(silent) as port:
        _, outcome = await run_probe("grpc", address=f"127.0.0.1:{port}", timeout="300ms")
    assert outcome.reason is Reason.TIMEOUT
    assert "the first byte" in outcome.detail


# -- servers that are none, and hostile ones ----------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason", "detail"),
    [
        (http_answer("{}"), Reason.PROTOCOL, "speaks HTTP/1"),
        (b"\x15\x03\x01\x00\x02\x02\x46", Reason.PROTOCOL, "tls = true"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\x1b[2J", Reason.PROTOCOL, "does not speak HTTP/2"),
        (b"", Reason.RESET, "tls = true"),
        (b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", Reason.PROTOCOL, "closed before the answer ended"),
        (b"\x00\x00\x05\x04\x00\x00\x00\x00\x00" + b"\xff" * 64, Reason.PROTOCOL, "violates HTTP/2"),
    ],
)
async def test_what_is_no_grpc_server(said: bytes, reason: Reason, detail: str) -> None:
    async with talking(saying(said)) as port:
        _, outcome = await run_probe("grpc", address=f"127.0.0.1:{port}")
    assert (outcome.verdict, outcome.reason) == (State.DOWN, reason)
    assert detail in outcome.detail
    assert outcome.detail.isprintable()


def _http2(*acts: Callable[[h2.connection.H2Connection, int], None]) -> Talk:
    """A server of HTTP/2 that does ``acts`` once a call has come."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        config = h2.config.H2Configuration(
            client_side=False, validate_outbound_headers=False, normalize_outbound_headers=False
        )
        peer = h2.connection.H2Connection(config)
        peer.initiate_connection()
        writer.write(peer.data_to_send())
        while data := await reader.read(65_536):
            for event in peer.receive_data(data):
                if isinstance(event, h2.events.StreamEnded):
                    for act in acts:
                        act(peer, event.stream_id)
            writer.write(peer.data_to_send())
            await writer.drain()

    return talk


_HEAD = [(":status", "200"), ("content-type", "application/grpc")]


def _answer(message: bytes, *trailers: tuple[str, str]) -> Talk:
    return _http2(
        lambda peer, stream: peer.send_headers(stream, _HEAD),
        lambda peer, stream: peer.send_data(stream, message),
        lambda peer, stream: peer.send_headers(stream, trailers or [("grpc-status", "0")], end_stream=True),
    )


def _head(*headers: tuple[str, str]) -> Talk:
    return _http2(lambda peer, stream: peer.send_headers(stream, headers, end_stream=True))


@pytest.mark.parametrize(
    ("talk", "state", "detail"),
    [
        (_answer(b"\0\0\0\0\2\x08\1"), State.UP, ""),
        (_answer(b"\0\0\0\0\7\x12\3abc\x08\1"), State.UP, ""),
        (_answer(b"\0\0\0\0\0"), State.UNKNOWN, "as UNKNOWN"),
        (_answer(b"\0\0\0\0\2\x08\3"), State.DOWN, "SERVICE_UNKNOWN"),
        (_answer(b"\0\0\0\0\2\x08\7"), State.UNKNOWN, "state 7"),
        (_answer(b""), State.DOWN, "no message"),
        (_answer(b"\0\0\0"), State.DOWN, "cut short"),
        (_answer(b"\0\0\0\0\5\x08\1"), State.DOWN, "2 bytes and says 5"),
        (_answer(b"\1\0\0\0\2\x08\1"), State.DOWN, "compressed"),
        (_answer(b"\0\0\0\0\2\x08\xff"), State.DOWN, "not a health response"),
        (_answer(b"\0\0\0\0\x0b\x08" + b"\xff" * 10), State.DOWN, "not a health response"),
        (_answer(b"\0\0\0\0\2\x0a\x7f"), State.DOWN, "not a health response"),
        (_answer(b"\0\0\0\0\2\x0f\1"), State.DOWN, "not a health response"),
        (_answer(b"\0\0\0\0\2\x08\1", ("x", "y")), State.DOWN, "without a gRPC status"),
        (_answer(b"\0\0\0\0\2\x08\1", ("grpc-status", "0x0")), State.DOWN, "the call ended with 0x0"),
        (_answer(b"\0\0\0\0\2\x08\1", ("grpc-status", "99")), State.DOWN, "the call ended with 99"),
        (_answer(b"\0\0\0\0\2\x08\1", ("grpc-status", "13"), ("grpc-message", "%zz%1b")), State.DOWN, "INTERNAL: %zz"),
        (_head(*_HEAD, ("grpc-status", "12")), State.UNKNOWN, "no health service"),
        (_head((":status", "502"), ("content-type", "text/html")), State.DOWN, "HTTP status 502"),
        (_head((":status", "200"), ("content-type", "text/html")), State.DOWN, "text/html, not gRPC"),
        (_head(*_HEAD, *[("x", "y" * 4000)] * 20), State.DOWN, "violates HTTP/2"),
        (_http2(lambda peer, stream: peer.reset_stream(stream, 7)), State.DOWN, "gave up the call (REFUSED_STREAM)"),
        (_http2(lambda peer, stream: peer.close_connection(11, last_stream_id=0)), State.DOWN, "ENHANCE_YOUR_CALM"),
    ],
)
async def test_answers_of_every_shape(talk: Talk, state: State, detail: str) -> None:
    async with talking(talk) as port:
        _, outcome = await run_probe("grpc", address=f"127.0.0.1:{port}", service="shop.Cart")
    assert outcome.verdict is state, outcome.detail
    assert detail in outcome.detail
    assert outcome.detail.isprintable()


@pytest.mark.parametrize(
    "block",
    [
        b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 4000,  # settings, each of which is acknowledged
        b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + b"x" * 8,  # pings
        b"\x00\x40\x00\x00\x00\x00\x00\x00\x01" + b"x" * 16_384,  # data of our stream before any head
        b"\x00\x00\x00\xfe\x00\x00\x00\x00\x00",  # a type of frame that nobody knows
    ],
)
async def test_a1_a_server_that_sends_without_end_ends_and_holds_nobody(block: bytes) -> None:
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(0.005)
            longest, last = max(longest, loop.time() - last), loop.time()

    settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    with flooding(settings, block) as port:
        ticking = asyncio.create_task(tick())
        _, outcome = await run_probe("grpc", address=f"127.0.0.1:{port}")
        ticking.cancel()
    assert outcome.verdict is State.DOWN
    assert longest < 0.5


# -- configuration ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"address": "grpc://db:1"}, "host:port"),
        ({"address": "db"}, "host:port"),
        ({"address": "/run/grpc.sock"}, "over the network"),
        ({"address": "db:1", "service": "/shop.Cart/Get"}, "without a slash"),
        ({"address": "db:1", "service": "a b"}, "is not the name of a service"),
        ({"address": "db:1", "authority": "https://x"}, "without a scheme"),
        ({"address": "db:1", "metadata": {"X-Tenant": "a"}}, "lower case"),
        ({"address": "db:1", "metadata": {"grpc-timeout": "1S"}}, "set by the protocol"),
        ({"address": "db:1", "metadata": {"authorization": "Bearer abc"}}, "literal secret"),
        ({"address": "db:1", "metadata": {"x": "서울"}}, "write it in ASCII"),
        ({"address": "db:1", "metadata": {"authorization": "env:A"}, "bearer_token": "env:B"}, "one of the two"),
        ({"address": "db:1", "cert_file": "a"}, "go together"),
        ({"address": "db:1", "cert_file": "a", "key_file": "b"}, "write tls = true"),
        ({"address": "db:1", "certificate": "7d"}, "no certificate without TLS"),
    ],
)
def test_mistakes(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GrpcSpec.model_validate({"id": "x", "kind": "grpc", **keys})
    assert said in str(caught.value) + str([each.get("ctx") for each in caught.value.errors()])


def test_the_request_is_that_of_the_compiled_messages() -> None:
    from grpc_health.v1 import health_pb2

    for name in ("", "a", "shop.v1.Cart", "x" * 127, "x" * 128, "x" * 1000):
        message = health_pb2.HealthCheckRequest(service=name).SerializeToString()
        assert health.packed(name) == b"\0" + len(message).to_bytes(4, "big") + message
    for number, state in enumerate(health.STATES):
        message = health_pb2.HealthCheckResponse(status=number).SerializeToString()
        assert health.read(b"\0" + len(message).to_bytes(4, "big") + message) == state
