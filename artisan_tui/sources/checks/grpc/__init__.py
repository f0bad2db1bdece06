"""The kind grpc: call the health service of a gRPC server."""

from __future__ import annotations

import asyncio
import importlib
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.config.secret import reveal_headers
from artisan_tui.domain.condition import examine
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.certificate import Expiry, peer_certificates
from artisan_tui.sources.checks.grpc import health
from artisan_tui.sources.checks.grpc.call import CallAnswer, CallReset, NotGrpc, call
from artisan_tui.sources.checks.grpc.spec import GrpcSpec
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import FIRST_BYTE, HANDSHAKE, Phase
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search
from artisan_tui.sources.trust import Trust

if TYPE_CHECKING:
    import ssl

    from artisan_tui.sources.network import Connection
    from artisan_tui.sources.probe_context import ProbeContext


class GrpcProbe:
    """Opens a new connection for every probe: an old one may work while the server accepts no new ones."""

    def __init__(self, spec: GrpcSpec, probe_context: ProbeContext) -> None:
        self._spec, self._probe_context = spec, probe_context
        self._connections = probe_context.connections
        self._trust = Trust(spec.ca_file, spec.verify, spec.cert_file, spec.key_file)
        self._expiry = Expiry(spec.warn_before())
        self._whose = printable(spec.service, 100) or "the server"
        self._query = f"{health.PATH[1:]} {{service: {printable(spec.service, 200)!r}}} at {printable(spec.address)}"

    async def probe(self) -> ProbeResult:
        spec, phase = self._spec, Phase()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + spec.timeout
        connection: Connection | None = None
        try:
            async with asyncio.timeout_at(deadline):
                await self._connections.off_loop(importlib.import_module, "h2.connection")
                tls = await self._connections.tls(self._trust) if spec.tls else None
                headers = self._headers()
                began = time.monotonic()
                connection = await self._connect(tls, phase)
                left = max(1, int((deadline - loop.time()) * 1000))
                answer = await call(
                    connection,
                    [*headers, ("grpc-timeout", f"{min(left, 99_999_999)}m")],
                    health.packed(spec.service),
                    phase,
                    scheme="https" if spec.tls else "http",
                )
                took = Decimal(str(round(time.monotonic() - began, 6)))
            return self._result(connection, answer, took)
        except TimeoutError:
            failed = Failure(Reason.TIMEOUT, f"no response within {span_text(spec.timeout)}, waiting for {phase.name}")
        except (NotGrpc, health.NotHealth) as error:
            failed = Failure(Reason.PROTOCOL, str(error))
        except CallReset as error:
            failed = Failure(Reason.REJECTED, str(error))
        except Exception as error:  # noqa: BLE001 - whatever the peer does is a failed probe
            failed = failure(error)
            if failed.reason is Reason.RESET and not spec.tls and phase.name == FIRST_BYTE:
                failed = Failure(Reason.RESET, "closed before it answered; if it speaks TLS only, write tls = true")
        finally:
            if connection is not None:
                connection.close()
        return ProbeResult(failed, remarks=self._expiry.last_seen(datetime.now(UTC)), query=self._query)

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    def _headers(self) -> list[tuple[str, str]]:
        """Raises SecretMissing."""
        spec, environ = self._spec, self._probe_context.environ
        metadata = reveal_headers(spec.metadata, environ)
        if spec.bearer_token is not None:
            metadata["authorization"] = f"Bearer {spec.bearer_token.reveal(environ)}"
        fixed = [("te", "trailers"), ("content-type", "application/grpc"), ("user-agent", "artisan-tui")]
        return [(":authority", spec.authority or str(spec.place)), *fixed, *metadata.items()]

    async def _connect(self, tls: ssl.SSLContext | None, phase: Phase) -> Connection:
        place = self._spec.place
        connection = await self._connections.network.connect(place.host, place.port, phase.step)
        if tls is not None:
            phase.name = HANDSHAKE
            await connection.secure(tls, self._spec.server_name, ("h2",))
            self._expiry.update(peer_certificates(connection.tls) if connection.tls is not None else ())
            chosen = connection.tls.selected_alpn_protocol() if connection.tls is not None else None
            if chosen != "h2":
                connection.close()
                raise NotGrpc("the server does not agree to HTTP/2 (ALPN h2), which gRPC needs: is this its gRPC port?")
        return connection

    def _result(self, connection: Connection, answer: CallAnswer, took: Decimal) -> ProbeResult:
        now = datetime.now(UTC)
        _check(answer)
        code = health.code_name(answer.code)
        state = health.read(bytes(answer.data)) if code == "OK" else ""
        if code == "NOT_FOUND":
            state = "SERVICE_UNKNOWN"
        body = {"status": state, "code": code, "message": answer.message}
        answers: dict[str, object] = {"body": body}
        if connection.tls is not None and (days := self._expiry.days(now)) is not None:
            answers["tls"] = {"days": days}
        seen = ProbeResult(
            latency=took,
            answers=answers,
            excerpt=" ".join(part for part in (state, code, answer.message) if part),
            notes=self._expiry.notes(now),
            noted=Reason.TLS,
            remarks=self._expiry.remarks(now),
            query=self._query,
        )
        failed = self._failure(state, code, answer.message)
        if failed is None or self._accepted(seen):
            return seen
        return ProbeResult(failed, None, answers, seen.excerpt, remarks=seen.remarks, query=self._query)

    def _accepted(self, seen: ProbeResult) -> bool:
        """Whether the conditions ask for just this state, such as NOT_SERVING of a substitute."""
        conditions = [each for each in self._spec.expect if each.root == "body"]
        return self._spec.accepts_other_states() and all(examine(each, seen, search).ok for each in conditions)

    def _failure(self, state: str, code: str, message: str) -> Failure | None:
        whose, said = self._whose, f": {message}" if message else ""
        if state == "SERVING":
            return None
        if state == "NOT_SERVING":
            return Failure(Reason.HEALTH, f"{whose} is NOT_SERVING")
        if state == "SERVICE_UNKNOWN":
            return Failure(
                Reason.ABSENT, f"the health service knows no {whose} ({code if code != 'OK' else state}){said}"
            )
        if state:  # it answers, and says neither that it serves nor that it does not
            return Failure(Reason.NO_DATA, f"{whose} reports its health as {state}", blind=True)
        if code == "UNIMPLEMENTED":
            mend = 'add grpc.health.v1.Health to it, or write kind = "tcp"'
            return Failure(Reason.MISSING, f"the server has no health service (UNIMPLEMENTED): {mend}", blind=True)
        reason = _BY_CODE.get(code, Reason.STATUS)
        return Failure(reason, f"the call ended with {code}{said}")


_BY_CODE = {
    "DEADLINE_EXCEEDED": Reason.TIMEOUT,
    "PERMISSION_DENIED": Reason.DENIED,
    "UNAUTHENTICATED": Reason.AUTH,
    "RESOURCE_EXHAUSTED": Reason.REJECTED,
    "UNAVAILABLE": Reason.REJECTED,
}


def _check(answer: CallAnswer) -> None:
    """Raises NotGrpc for what is no answer of gRPC."""
    if answer.code:
        return
    status, kind = printable(answer.http_status, 10), printable(answer.headers.get("content-type", ""), 60)
    if status != "200":
        raise NotGrpc(f"HTTP status {status} without a gRPC status: is this its gRPC port?")
    if not kind.startswith("application/grpc"):
        raise NotGrpc(f"the answer is {kind or 'of no type'}, not gRPC")
    raise NotGrpc("the answer ends without a gRPC status")


__all__ = ["KIND", "GrpcProbe", "GrpcSpec"]

KIND = Kind("grpc", GrpcSpec, GrpcProbe)
