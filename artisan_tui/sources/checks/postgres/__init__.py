"""The kind postgres: log into a PostgreSQL server and run a query."""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from artisan_tui.config.address import verified_name
from artisan_tui.config.certificates import CaFile, CertFile, KeyFile, check_client_certificate
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret_fields import SecretRef
from artisan_tui.domain.condition import shown_value
from artisan_tui.domain.probe_result import MISSING, Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.checks.postgres.libpq import LARGEST, MOST_ROWS, PgAnswer, PgRefusal, PgSession
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import Phase
from artisan_tui.sources.installed import missing
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search
from artisan_tui.sources.network import numeric_text
from artisan_tui.sources.server_url import ServerAddress, read_address, read_url
from artisan_tui.sources.trust import Trust
from artisan_tui.sources.waits import Waited

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

#: Characters of the rows that are shown.
EXCERPT = 8192
#: Addresses of one name that are tried.
_ADDRESSES = 8
_PORT = 5432
_SCHEMES = ("postgresql", "postgres")
_MEND = 'write url = "postgresql://user@host:5432/name", or address, user and dbname'
Mode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


class PostgresSpec(CheckSpec):
    """A PostgreSQL server that must accept a login and answer a query. The transaction is read-only."""

    kind: Annotated[Literal["postgres"], Field(description="Connect to a PostgreSQL server")] = "postgres"
    url: Annotated[str, Field(max_length=2048, description='"postgresql://user@host:5432/name"')] = ""
    address: Annotated[
        str, Field(max_length=300, description='Instead of url: "host:port", or the folder of its Unix socket')
    ] = ""
    user: Annotated[str, Field(max_length=200, description=("User to log in with; use a role with few privileges"))] = (
        ""
    )
    dbname: Annotated[str, Field(max_length=200, description="Database; default: the user name")] = ""
    password: Annotated[SecretRef | None, Field(description="Where its password is kept")] = None
    query: Annotated[
        str,
        Field(
            max_length=10_000,
            description="Instead of SELECT 1; `rows` counts its rows, `value` is the first column of one row",
        ),
    ] = ""
    sslmode: Annotated[
        Mode | None, Field(description="sslmode as in libpq; default prefer, or verify-full with ca_file")
    ] = None
    ca_file: CaFile = None
    cert_file: CertFile = None
    key_file: KeyFile = None

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "rows", "value"})

    @classmethod
    def lacking(cls, table: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
        if table.get("query"):
            return {}
        return dict.fromkeys(("body", "rows", "value"), ("without query, nothing is read", "add query, a SELECT"))

    @model_validator(mode="after")
    def _one_place(self) -> PostgresSpec:
        if bool(self.url) == bool(self.address):
            raise Mistake("a postgres check needs one of url and address", _MEND, ("url",) if self.url else ())
        filled: dict[str, str] = {}
        if self.url:
            parts = read_url(self.url, _SCHEMES, _PORT, _MEND)
            if parts.endpoint is None:
                raise Mistake("url names no host", _MEND, ("url",))
            filled = {"user": parts.user, "dbname": parts.path, **parts.options}
        else:
            read_address(self.address, 'write "host:5432", or the folder of its socket, like "/run/postgresql"')
        for key, value in filled.items():
            if key not in ("user", "dbname", "sslmode"):
                raise Mistake(f"url ends in {key[:40]}=, which is not understood", "remove it", ("url",))
            if value and getattr(self, key) and getattr(self, key) != value:
                raise Mistake(f"url and {key} say two things", "keep one of the two", (key,))
        for key in ("user", "dbname"):
            object.__setattr__(self, key, getattr(self, key) or filled.get(key, ""))
        if not self.user:
            raise Mistake("a postgres check needs a user", _MEND, ("url",) if self.url else ("user",))
        if filled.get("sslmode", "prefer") not in get_args(Mode):
            raise Mistake(
                "url ends in a sslmode that does not exist", f"write one of {', '.join(get_args(Mode))}", ("url",)
            )
        for key in ("url", "user", "dbname", "query"):
            if "\0" in getattr(self, key):
                raise Mistake(f"{key} holds a zero byte", "remove it", (key,))
        mend = 'write sslmode = "verify-full", or remove cert_file and key_file'
        tls = self.security != "disable" and not self.place.path
        check_client_certificate(self.cert_file, self.key_file, tls=tls, mend=mend)
        return self

    @property
    def target(self) -> str:
        return printable(self.url or self.address, 300)

    @property
    def endpoint(self) -> str:
        return self.place.network

    @property
    def place(self) -> ServerAddress:
        """The server's address. For a Unix socket: its directory and port."""
        found = read_url(self.url, _SCHEMES, _PORT, _MEND).endpoint if self.url else None
        found = found or read_address(self.address, _MEND)
        folder, _, port = found.path.rpartition("/.s.PGSQL.")
        return ServerAddress(port=int(port), path=folder) if folder and port.isdigit() else found

    @property
    def security(self) -> str:
        """The effective sslmode, one of libpq's."""
        in_url = read_url(self.url, _SCHEMES, _PORT, _MEND).options.get("sslmode", "") if self.url else ""
        return self.sslmode or in_url or ("verify-full" if self.ca_file else "prefer")


def _system_certificates() -> str:
    """The system's certificates as one file, because libpq accepts only a file; certifi's if there is none."""
    found = ssl.get_default_verify_paths().cafile
    if found is None:
        import certifi

        found = certifi.where()
    return found


def _load() -> None:
    for name in ("psycopg.pq", "psycopg.conninfo"):
        importlib.import_module(name)


class PostgresProbe:
    """Opens a new connection for every probe: an old one may work while the server accepts no new ones."""

    def __init__(self, spec: PostgresSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._probe_context = probe_context
        self._endpoint = spec.place
        self._known = {
            "port": str(self._endpoint.port or _PORT),
            "user": spec.user,
            "dbname": spec.dbname or spec.user,
            "sslmode": spec.security,
        }
        self._loaded = False
        asked = f": {printable(spec.query, 4000)}" if spec.query else ""
        self._query = f"log into {printable(str(self._endpoint), 300)}{asked}"

    async def probe(self) -> ProbeResult:
        spec, phase = self._spec, Phase()
        deadline = asyncio.get_running_loop().time() + spec.timeout
        session: PgSession | None = None
        answer = PgAnswer()
        try:
            async with asyncio.timeout_at(deadline):
                if not self._loaded:
                    await self._probe_context.connections.off_loop(_load)
                    self._loaded = True
                options = await self._options()
                waited = Waited.begin()
                session = await PgSession.open(await self._places(options, phase), phase)
                phase.name = "the query" if spec.query else "SELECT 1"
                if spec.query:
                    answer = await session.ask(spec.query, deadline - asyncio.get_running_loop().time())
                else:
                    await session.ask_nothing()
                took = waited.latency
            return await self._probe_context.connections.by_size(answer.size, self._result, answer, took)
        except ImportError:
            failed = missing("psycopg", "postgres")
        except TimeoutError:
            said = f"no response within {span_text(spec.timeout)}, waiting for {phase.name}"
            failed = Failure(Reason.TIMEOUT, said, connected=phase.connected)
        except PgRefusal as refusal:
            failed = refusal.failure
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
            failed = failure(error)
        finally:
            if session is not None:
                session.close()
        return ProbeResult(failed, query=self._query)

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    async def _options(self) -> dict[str, str]:
        """libpq's options without the address. Raises SecretMissing, Untrusted."""
        spec, options = self._spec, dict(self._known)
        if spec.password is not None:
            options["password"] = spec.password.reveal(self._probe_context.environ)
        verify = options["sslmode"].startswith("verify")
        if verify or spec.cert_file is not None:
            # raises Untrusted with a message for an unusable file
            trusted = Trust(spec.ca_file if verify else None, verify, spec.cert_file, spec.key_file)
            await self._probe_context.connections.tls(trusted)
        if verify:
            options["sslrootcert"] = spec.ca_file or _system_certificates()
        if spec.cert_file is not None and spec.key_file is not None:
            options |= {"sslcert": spec.cert_file, "sslkey": spec.key_file, "sslcertmode": "allow"}
        return options

    async def _places(self, options: Mapping[str, str], phase: Phase) -> list[Mapping[str, str]]:
        """The options of a connection to each address. libpq would resolve the name itself and block the loop, and try
        the addresses one after the other.
        """
        place = self._endpoint
        if place.path:
            return [{**options, "host": place.path}]
        found = await self._probe_context.connections.network.addresses(place.host, place.port, phase.step)
        addresses = list(dict.fromkeys(numeric_text(each) for each in found))[:_ADDRESSES]
        return [{**options, "host": verified_name(place.host), "hostaddr": each} for each in addresses]

    def _result(self, answer: PgAnswer, took: Decimal) -> ProbeResult:
        """One row is an object in ``body``, several are a list of them."""
        rows, answers = answer.rows(), dict[str, object]()
        if self._spec.query and not answer.more:
            answers["rows"] = len(rows)
            if len(rows) == 1:
                answers |= {"body": rows[0], "value": next(iter(rows[0].values()), None)}
            elif rows:
                answers["body"] = list(rows)
        return ProbeResult(
            self._unanswered(rows, answers, more=answer.more),
            latency=took,
            answers=answers,
            excerpt=printable("\n".join(_table(rows)), EXCERPT, lines=True),
            remarks=(f"the query returns more than {MOST_ROWS} rows or {LARGEST} bytes: add LIMIT",)
            if answer.more
            else (),
            query=self._query,
        )

    def _unanswered(self, rows: Sequence[object], answers: Mapping[str, object], *, more: bool) -> Failure | None:
        """The failure if a condition asks for one row and there are several. It is blind: any of them could be meant."""
        if len(rows) < 2:
            return None
        for _, condition in self._spec.conditions():
            if condition.root == "latency":
                continue
            if more:
                what = f"the query returns more than {MOST_ROWS} rows: count them with SELECT count(*), or add LIMIT"
                return Failure(Reason.TOO_LARGE, what, blind=True)
            found = answers.get(condition.root, MISSING)
            if (search(condition.path, found) if condition.path else found) is MISSING:
                what = f"the query returns {len(rows)} rows, not one: ask for rows, or add LIMIT 1"
                return Failure(Reason.VALUE, what, blind=True)
        return None


def _table(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """One row as a line per column, several as a line per row below their names."""
    if len(rows) == 1:
        yield from (f"{name} = {shown_value(value)}" for name, value in rows[0].items())
    elif rows:
        yield " | ".join(rows[0])
        yield from (" | ".join(shown_value(value) for value in row.values()) for row in rows)


KIND = Kind("postgres", PostgresSpec, PostgresProbe)
