"""The kind redis: send PING to a Redis server, and read from INFO whether it serves."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.certificate import Expiry, peer_certificates
from artisan_tui.sources.checks.redis.resp import NotRedis, RedisReply, RespSession, TooLong, read_info
from artisan_tui.sources.checks.redis.spec import RedisSpec
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import FIRST_BYTE, HANDSHAKE, Phase
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.network import Connection
from artisan_tui.sources.trust import Trust
from artisan_tui.sources.waits import Waited

if TYPE_CHECKING:
    import ssl

    from artisan_tui.sources.probe_context import ProbeContext

#: Characters of INFO that are shown.
EXCERPT = 8192


class RedisProbe:
    """Opens a new connection for every probe: an old one may work while the server accepts no new ones."""

    def __init__(self, spec: RedisSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._probe_context = probe_context
        self._endpoint = spec.place
        self._trust = Trust(spec.ca_file, spec.verify, spec.cert_file, spec.key_file)
        self._expiry = Expiry(spec.warn_before())
        self._sections = ("",) if spec.wants_body() else ("persistence", "replication", "memory", "cluster")
        self._query = f"PING {printable(str(self._endpoint), 300)}" + (" with TLS" if spec.secured else "")

    async def probe(self) -> ProbeResult:
        spec, phase = self._spec, Phase()
        connection: Connection | None = None
        try:
            async with asyncio.timeout(spec.timeout):
                commands = self._commands()
                tls = await self._probe_context.connections.tls(self._trust) if spec.secured else None
                waited = Waited.begin()
                connection = await self._connect(tls, phase)
                phase.name = FIRST_BYTE
                session = RespSession(connection)
                said = dict(zip(commands, await session.ask(*commands), strict=False))
                took = waited.latency
                phase.name = "INFO"
                said |= await self._details(session)
            size = 4 * sum(len(reply.text) for reply in said.values())  # lines cost more than letters
            return await self._probe_context.connections.by_size(size, self._result, connection, said, took)
        except TimeoutError:
            late = f"no response within {span_text(spec.timeout)}, waiting for {phase.name}"
            failed = Failure(Reason.TIMEOUT, late, connected=phase.connected)
        except NotRedis as error:
            failed = Failure(Reason.PROTOCOL, str(error))
        except TooLong as error:
            failed = Failure(Reason.TOO_LARGE, str(error))
        except Exception as error:  # noqa: BLE001 - whatever the peer does is a failed probe
            failed = failure(error)
            if failed.reason is Reason.RESET and not spec.secured and phase.name == FIRST_BYTE:
                failed = Failure(Reason.RESET, "reset before it answered; if it speaks TLS only, write rediss://")
        finally:
            if connection is not None:
                connection.close()
        return ProbeResult(failed, remarks=self._expiry.last_seen(datetime.now(UTC)), query=self._query)

    async def prepare(self) -> None:
        await self._probe_context.connections.prepare(self._trust if self._spec.secured else None, http=False)

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    async def _connect(self, tls: ssl.SSLContext | None, phase: Phase) -> Connection:
        place = self._endpoint
        if place.path:
            phase.name = "connecting"
            return await _connect_unix(place.path)
        connection = await self._probe_context.connections.network.connect(place.host, place.port, phase.step)
        if tls is not None:
            phase.name = HANDSHAKE
            await connection.secure(tls, place.host)
        return connection

    def _commands(self) -> tuple[tuple[str, ...], ...]:
        """The commands of one probe. Raises SecretMissing."""
        spec = self._spec
        first: list[tuple[str, ...]] = []
        if spec.password is not None:
            secret = spec.password.reveal(self._probe_context.environ)
            first.append(("AUTH", spec.username, secret) if spec.username else ("AUTH", secret))
        if spec.chosen:
            first.append(("SELECT", str(spec.chosen)))
        return (*first, ("PING",))

    async def _details(self, session: RespSession) -> dict[tuple[str, ...], RedisReply]:
        """INFO, and what a cluster says. Not sent with PING: a proxy may close the connection at what it does not
        know, before it has answered PING.
        """
        wanted: list[tuple[str, ...]] = [("INFO", each) if each else ("INFO",) for each in self._sections]
        said = dict(zip(wanted, await session.ask_more(*wanted), strict=False))
        if any("cluster_enabled:1" in reply.text for reply in said.values()):
            said |= zip([_CLUSTER], await session.ask_more(_CLUSTER), strict=False)
        return said

    def _result(self, connection: Connection, said: Mapping[tuple[str, ...], RedisReply], took: Decimal) -> ProbeResult:
        now, answers = datetime.now(UTC), dict[str, object]()
        if connection.tls is not None:
            self._expiry.update(peer_certificates(connection.tls))
            days = self._expiry.days(now)
            if days is not None:
                answers["tls"] = {"days": days}
        told = [reply for words, reply in said.items() if words[0] == "INFO"]
        cluster = said.get(_CLUSTER, RedisReply("", error=True))
        text = "\n".join(reply.text.strip() for reply in told)
        info = {} if any(reply.error for reply in told) else read_info(text)
        remarks = self._expiry.remarks(now)
        if info:
            answers["body"] = info
        elif told:
            remarks = (f"INFO is refused: {printable(text, 200)}", *remarks)
        else:
            remarks = ("it answers PING and closes the connection at INFO, as some proxies do", *remarks)
        state = {} if cluster.error else read_info(cluster.text)
        failed = _service_failure(info, state)
        for words, reply in said.items():
            if words[0] not in ("INFO", "CLUSTER") and (reply.error or (words[0] == "PING" and reply.text != "PONG")):
                failed = self._refusal(words[0], reply, info)
                break
        return ProbeResult(
            failure=failed,
            latency=took if failed is None else None,
            answers=answers,
            excerpt=printable(text, EXCERPT, lines=True),
            notes=(*_notes(info, state), *self._expiry.notes(now)),
            remarks=remarks,
            query=self._query,
        )

    def _refusal(self, command: str, reply: RedisReply, info: Mapping[str, object]) -> Failure:
        """The failure for an error reply to ``command``, with a fix if there is one."""
        code, _, rest = reply.text.partition(" ")
        if not reply.error:
            return Failure(Reason.PROTOCOL, f"unexpected reply to PING: {printable(reply.text, 60)!r}")
        if code == "LOADING" and "loading_loaded_perc" in info:
            done = printable(str(info["loading_loaded_perc"]), 20)
            return Failure(Reason.LOADING, f"it is still reading its data: {done}% done")
        if code == "NOPERM":
            user = printable(self._spec.username or "default", 100)
            return Failure(
                Reason.DENIED, (f"user {user} is not allowed to run {command}: ACL SETUSER {user} +{command.lower()}")
            )
        if code == "MISCONF" and "AOF" in rest:
            return Failure(Reason.MISCONF, _AOF)
        if code in _COMPLAINTS:
            return Failure(*_COMPLAINTS[code])
        for start, found in _ERRORS.items():
            if rest.startswith(start):
                return Failure(*found)
        if command == "SELECT":
            return Failure(Reason.ABSENT, f"database {self._spec.chosen} does not exist there: see its `databases`")
        if command == "AUTH":  # some servers repeat the arguments, which contain the password
            return Failure(Reason.AUTH, "it refuses AUTH: see its ACL, and whether the command was renamed")
        return Failure(Reason.QUERY, f"it refuses {command}: {printable(reply.text, 200)}")


async def _connect_unix(path: str) -> Connection:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, path)
    except FileNotFoundError:
        sock.close()
        raise ConnectionRefusedError(errno.ECONNREFUSED, path) from None  # without a socket file no server listens
    except BaseException:
        sock.close()
        raise
    return Connection(sock)


_CLUSTER = ("CLUSTER", "INFO")
_SLOTS = 16384
_AOF = "it cannot write its append-only file and refuses every write: check its disk and log"
_COMPLAINTS: Mapping[str, tuple[Reason, str]] = {
    "LOADING": (Reason.LOADING, "it is still reading its data"),
    "NOAUTH": (Reason.AUTH, 'a password is required: set password = "env:NAME"'),
    "WRONGPASS": (Reason.AUTH, "user or password rejected: check the ACL of the server"),
    "DENIED": (Reason.DENIED, "it is in protected mode and accepts local clients only: set a password on the server"),
    "MISCONF": (Reason.MISCONF, "it cannot save and refuses every write: check its disk and log"),
    "CLUSTERDOWN": (Reason.HEALTH, "its cluster is down: see CLUSTER NODES"),
    "MASTERDOWN": (Reason.STALE, "the link to its master is down and replica-serve-stale-data is off"),
    "BUSY": (Reason.REJECTED, "a script blocks the server: use SCRIPT KILL if it has written nothing yet"),
}
_ERRORS: Mapping[str, tuple[Reason, str]] = {
    "max number of clients": (
        Reason.REJECTED,
        ("the maximum number of clients is reached: see CLIENT LIST, raise maxclients"),
    ),
    "AUTH <password> called without": (Reason.AUTH, "it has no password for this user: take `password` out"),
    "Client sent AUTH, but no password": (Reason.AUTH, "it has no password: take `password` out"),
    "invalid password": (Reason.AUTH, "password rejected"),
    "SELECT is not allowed in cluster": (Reason.ABSENT, "a cluster has database 0 only: take `database` out"),
}


def _service_failure(info: Mapping[str, object], cluster: Mapping[str, object]) -> Failure | None:
    """The failure if the server refuses what it is there for but still replies PONG. ``cluster`` is CLUSTER INFO."""
    if cluster.get("cluster_state") == "fail":
        served = f"{cluster.get('cluster_slots_ok')} of {_SLOTS} slots are served"
        return Failure(Reason.HEALTH, f"its cluster is down (CLUSTERDOWN): {printable(served, 100)}, see CLUSTER NODES")
    if info.get("loading") == 1:
        return Failure(Reason.LOADING, "it is still reading its data")
    if info.get("aof_enabled") == 1 and info.get("aof_last_write_status") == "err":
        return Failure(Reason.MISCONF, _AOF)
    return None


def _notes(info: Mapping[str, object], cluster: Mapping[str, object]) -> tuple[str, ...]:
    found = []
    lost = cluster.get("cluster_slots_fail")
    if isinstance(lost, int) and lost > 0:
        found.append(f"{lost} of {_SLOTS} slots of its cluster are not served: see CLUSTER NODES")
    used, most = info.get("used_memory"), info.get("maxmemory")
    full = isinstance(used, int) and isinstance(most, int) and 0 < most < used
    if full and info.get("maxmemory_policy") == "noeviction" and info.get("role") == "master":
        found.append("its memory is full (maxmemory, noeviction) and it refuses most writes")
    if info.get("min_slaves_good_slaves") == 0:
        found.append("it has no replica in time and refuses every write (min-replicas-to-write)")
    if info.get("rdb_last_bgsave_status") == "err":
        found.append("the last background save failed: check its disk and log")
    if info.get("master_link_status") == "down":
        master = printable(f"{info.get('master_host')}:{info.get('master_port')}", 200)
        copying = info.get("master_sync_in_progress") == 1
        found.append(f"it is copying the data of its master {master}" if copying else f"no link to its master {master}")
    return tuple(found)


__all__ = ["KIND", "RedisProbe", "RedisSpec"]

KIND = Kind("redis", RedisSpec, RedisProbe)
