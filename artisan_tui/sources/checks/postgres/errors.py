"""Map errors of PostgreSQL, PgBouncer and libpq to one reason and one printable sentence."""

from __future__ import annotations

import errno
import os
import re

from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.errors import failure


def query_failure(state: str, said: str) -> Failure:
    """The failure of a statement, by its SQLSTATE."""
    words = printable(said.strip(), 300)
    if state == "57014":
        return Failure(Reason.TIMEOUT, "the query took too long and was cancelled")
    if "statement pooling mode" in said:
        # It ends the connection when a transaction fails, sometimes before it has passed on the server's error.
        return Failure(Reason.QUERY, "the query failed or took too long: PgBouncer in statement mode does not say why")
    if state == "25006":
        return Failure(Reason.QUERY, f"the query must be read-only, but it writes: {words}")
    if state.startswith("57P"):
        return Failure(Reason.REJECTED, words)
    if not state:
        if "server closed the connection" in said or "could not receive data" in said:
            return Failure(Reason.RESET, "the connection was closed mid-response")
        return Failure(Reason.PROTOCOL, f"not a PostgreSQL server: {words}")
    return Failure(Reason.QUERY, f"{words} (SQLSTATE {printable(state, 5)})")


#: Login errors by their text. libpq hides their SQLSTATE, so the text has to be matched, in English and in Korean.
_LOGIN_ERRORS: tuple[tuple[Reason, str, tuple[str, ...]], ...] = (
    (
        Reason.REJECTED,
        "",
        (
            r"the database system is ",
            r"데이터베이스 시스템[이은]",
            r"currently accepting",
            r"현재 접속을 허용하지",
            r"administrator command",
            r"server_login_retry|server login has been|cannot connect to server",
        ),
    ),
    (
        Reason.REJECTED,
        ": see pg_stat_activity for who holds them",
        (
            r"too many (?:clients|connections)",
            r"remaining connection slots",
            r"동시 접속|최대 접속수|연결 슬롯",
            r"no more connections allowed|query_wait_timeout",
        ),
    ),
    (Reason.ABSENT, "", (r'database ".*" does not exist', r"데이터베이스 없음", r"no such database")),
    (Reason.DENIED, ": GRANT CONNECT", (r"permission denied for database", r"데이터베이스 \S+ 권한 없음")),
    (
        Reason.AUTH,
        ": see user, password and its pg_hba.conf",
        (
            r"authentication failed",
            r"pg_hba\.conf",
            r'role ".*" does not exist',
            r"permitted to log in",
            r"인증을 실패|롤\(role\) 없음|롤은 접속을 허용하지",
            r"no such user",
        ),
    ),
)
_FROM_SERVER = re.compile(r"failed: (?:\S+):  (.+)", re.DOTALL)
_LAST = re.compile(r"^connection to server .*? failed: ", re.MULTILINE)
_TLS = re.compile(r"SSL|certificate|TLS", re.IGNORECASE)
_BY_TEXT = {
    os.strerror(number): number
    for number in errno.errorcode
    if number not in (errno.EINPROGRESS, errno.EAGAIN, errno.EINTR)
}


def login_failure(message: str) -> Failure:
    """The failure of a connection attempt, from libpq's message.

    libpq's part is in English, the server's part in the server's language.
    """
    starts = [match.start() for match in _LAST.finditer(message)]
    last = message[starts[-1] :] if starts else message  # of several addresses, the last one
    server = _FROM_SERVER.search(last)
    if server is not None:
        words = printable(server[1].strip().partition("\n")[0], 250)
        for reason, mend, patterns in _LOGIN_ERRORS:
            if any(re.search(pattern, words) for pattern in patterns):
                return Failure(reason, f"{words}{mend}")
        return Failure(Reason.DENIED, words)
    text = last.partition(" failed: ")[2] or last
    first = text.partition("\n")[0].strip()
    if first in _BY_TEXT:
        number = _BY_TEXT[first]
        # There is no socket at that path, so no server listens.
        return failure(OSError(errno.ECONNREFUSED if number == errno.ENOENT else number, first))
    if "no password supplied" in first:
        return Failure(Reason.AUTH, 'a password is required: set password = "env:NAME"')
    if "definition of service" in message:
        return Failure(Reason.INTERNAL, "PGSERVICE in the environment is not a known service: unset it", blind=True)
    if "server closed the connection" in first:
        return Failure(Reason.PROTOCOL, "the connection was closed without a response")
    if "timeout expired" in first:
        return Failure(Reason.TIMEOUT, "timed out")
    if "does not support SSL" in first:
        return Failure(Reason.TLS, 'the server does not use TLS: enable it there, or set sslmode = "disable"')
    if _TLS.search(first) and "negotiation" not in first:
        return Failure(Reason.TLS, printable(first, 250))
    if re.search("authenticat|SASL|SCRAM", first) and not re.search("expected|invalid", first):
        # An authentication method that libpq or this machine does not support.
        return Failure(Reason.AUTH, printable(first.rpartition(" failed: ")[2], 250))
    return Failure(Reason.PROTOCOL, f"not a PostgreSQL server: {printable(first, 200) or 'no reason given'}")
