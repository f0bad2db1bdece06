"""``sql``: one statement on PostgreSQL. A read cannot write; a change is told afterwards by its transaction's id."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from artisan_tui.domain.runbooks.definition import Action
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import (
    ABSENT,
    FAILED,
    HAPPENED,
    OK,
    UNKNOWN,
    UNSURE,
    Attempted,
    Evidence,
    Finding,
    QuietKind,
    Resolved,
    StepChannel,
    StepContext,
    StepOutcome,
    StepRefused,
    marked,
    plain,
    resolved_act,
)
from artisan_tui.steps.runbooks.sql.query import check_change, check_read, with_values
from artisan_tui.steps.runbooks.sql.session import Rows, asked, begin, connected, excess_of, said

_OWN_LOGIN = "make a login that can only SELECT, and use it in read steps"
#: `pg_current_xact_id` and `pg_xact_status` have these names from here on.
_OLDEST = 130000


class Sql(QuietKind):
    def plan(self, action: Action, context: StepContext) -> Resolved:
        body = action.body
        params = {str(name): each for name, each in body.get("params", {}).items()}
        query, values = with_values(plain(body["query"]), params)
        (check_change if context.mutates else check_read)(query)
        database = marked(plain(body["database"]))
        shown = " ".join(plain(body["query"]).split())
        request: dict[str, Any] = {"database": database, "query": query, "values": values, "rows": body.get("rows", 20)}
        given = f" with {', '.join(f'{name}={plain(each)}' for name, each in params.items())}" if params else ""
        return resolved_act(action, context, printable(f"{shown}{given}", 4000), request)

    def act(self, resolved: Resolved, before: Mapping[str, Any], channel: StepChannel) -> StepOutcome:
        import psycopg

        request = resolved.request
        # The text that is sent is checked, whoever made it.
        (check_change if resolved.mutates else check_read)(str(request["query"]))
        began = time.monotonic()
        with connected(str(request["database"]), resolved.mark, channel) as connection:
            try:
                if resolved.mutates:
                    return self._changed(connection, request, channel, began)
                return self._read(connection, request, channel, began)
            except psycopg.errors.QueryCanceled:
                raise TimeoutError from None
            except psycopg.Error as error:
                # Nothing was committed: COMMIT has its own errors.
                return StepOutcome(FAILED, f"{said(error)}; nothing was changed")

    def _read(self, connection: Any, request: Mapping[str, Any], channel: StepChannel, began: float) -> StepOutcome:
        excess, _ = excess_of(connection)
        if excess:
            raise StepRefused(excess, _OWN_LOGIN)
        begin(connection, channel, read_only=True)
        rows = asked(connection, str(request["query"]), request.get("values", ()))
        connection.execute("ROLLBACK")
        return _answered(rows, int(request.get("rows", 20)), channel, time.monotonic() - began)

    def _changed(self, connection: Any, request: Mapping[str, Any], channel: StepChannel, began: float) -> StepOutcome:
        import psycopg

        if connection.info.server_version < _OLDEST:
            raise StepRefused("the server is older than PostgreSQL 13: nothing tells afterwards whether it happened")
        begin(connection, channel, read_only=False)
        channel.note({"pid": connection.info.backend_pid})
        rows = asked(connection, str(request["query"]), request.get("values", ()))
        xid = str(asked(connection, "SELECT pg_catalog.pg_current_xact_id()::text").rows[0][0])
        hints = {"xid": xid, "pid": connection.info.backend_pid}
        channel.note(hints)  # before COMMIT: whatever happens now, the server knows what became of it
        try:
            connection.execute("COMMIT")
        except psycopg.Error as error:
            if error.sqlstate is not None:
                return StepOutcome(FAILED, f"COMMIT was refused: {said(error)}; nothing was changed", hints=hints)
            return StepOutcome(UNKNOWN, f"the connection ended at COMMIT: transaction {xid} tells", hints=hints)
        channel.say(f"committed as transaction {xid}, {rows.count} rows")
        outcome = _answered(rows, int(request.get("rows", 20)), channel, time.monotonic() - began)
        return StepOutcome(OK, answers=outcome.answers, hints=hints, latency=outcome.latency)

    def evidence(self, attempted: Attempted, channel: StepChannel) -> Evidence:
        if not attempted.resolved.mutates:
            return Evidence(ABSENT, "it only reads")
        import psycopg

        xid = attempted.hints.get("xid")
        with connected(str(attempted.resolved.request["database"]), "artisan-tui/evidence", channel) as connection:
            try:
                begin(connection, channel, read_only=True)
                left = asked(
                    connection,
                    "SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name = $1 AND datname = "
                    "pg_catalog.current_database()",
                    [attempted.resolved.mark[:63]],
                ).rows
                if xid is None:
                    if left:
                        return Evidence(UNSURE, f"COMMIT was never sent; backend {left[0][0]} is still at it")
                    return Evidence(ABSENT, "COMMIT was never sent, so it was rolled back")
                found = asked(connection, "SELECT pg_catalog.pg_xact_status($1::xid8)", [str(xid)]).rows[0][0]
            except psycopg.errors.InvalidParameterValue:
                return Evidence(UNSURE, f"the server has no transaction {xid}: is it another server?")
            except psycopg.Error as error:
                return Evidence(UNSURE, f"the server does not tell: {said(error)}")
        match found:
            case "committed":
                return Evidence(HAPPENED, f"transaction {xid} committed")
            case "aborted":
                return Evidence(ABSENT, f"transaction {xid} was rolled back")
            case "in progress":
                who = f", by backend {left[0][0]}" if left else ""
                return Evidence(UNSURE, f"transaction {xid} is in progress{who}")
        return Evidence(UNSURE, f"transaction {xid} is too old for the server to know")

    def dry(self, resolved: Resolved, channel: StepChannel) -> StepOutcome:
        if not resolved.mutates:
            return self.act(resolved, {}, channel)
        with connected(str(resolved.request["database"]), resolved.mark, channel) as connection:
            plan = _explained(connection, resolved, channel)
        if isinstance(plan, str):
            return StepOutcome(FAILED, plan)
        for row in plan.rows:
            channel.say(str(row[0]))
        return StepOutcome(OK, f"would run: {resolved.shown}")

    def preflight(self, resolved: Resolved, channel: StepChannel) -> tuple[Finding, ...]:
        found: list[Finding] = []
        try:
            with connected(str(resolved.request["database"]), "artisan-tui/preflight", channel) as connection:
                version = connection.info.server_version
                found.append(Finding(True, f"PostgreSQL {version // 10000}.{version % 10000} lets us in"))
                if resolved.mutates:
                    found.extend(_change_findings(connection, version))
                else:
                    excess, writes = excess_of(connection)
                    if excess:
                        return (*found, Finding(False, excess, _OWN_LOGIN))
                    found.append(Finding(None, writes, _OWN_LOGIN) if writes else Finding(True, "the login only reads"))
                plan = _explained(connection, resolved, channel)
                if isinstance(plan, str):
                    found.append(Finding(False, plan, "correct the query, or grant what it needs"))
        except StepRefused as refused:
            found.append(Finding(False, refused.what, refused.mend))
        return tuple(found)


def _change_findings(connection: Any, version: int) -> list[Finding]:
    found = []
    if version < _OLDEST:
        found.append(Finding(False, "nothing tells afterwards whether a change happened", "use PostgreSQL 13 or newer"))
    if asked(connection, "SELECT pg_catalog.pg_is_in_recovery()").rows[0][0]:
        found.append(Finding(False, "the server is a replica, which takes no changes", "name the primary"))
    return found


def _explained(connection: Any, resolved: Resolved, channel: StepChannel) -> Rows | str:
    """The server's plan, without executing anything; or why there is none. It checks names and rights, too."""
    import psycopg

    query = str(resolved.request["query"])
    word = query.lstrip().partition(" ")[0].upper()
    try:
        begin(connection, channel, read_only=True)
        if word not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "MERGE", "TABLE"):
            return Rows((), [], 0)
        return asked(connection, f"EXPLAIN {query}", resolved.request.get("values", ()))
    except psycopg.errors.QueryCanceled:
        raise TimeoutError from None
    except psycopg.Error as error:
        return said(error)
    finally:
        connection.rollback()


def _answered(rows: Rows, shown: int, channel: StepChannel, lasted: float) -> StepOutcome:
    if rows.names:
        channel.say(" | ".join(rows.names))
    for row in rows.rows[:shown]:
        channel.say(" | ".join("" if each is None else printable(str(each), 200) for each in row))
    if len(rows.rows) > shown:
        channel.say(f"… {len(rows.rows) - shown} more rows")
    table = [dict(zip(rows.names, map(_value, row), strict=True)) for row in rows.rows]
    answers: dict[str, Any] = {"rows": rows.count, "body": table}
    if rows.rows and rows.rows[0]:
        answers["value"] = _value(rows.rows[0][0])
    return StepOutcome(OK, answers=answers, latency=lasted)


def _value(value: Any) -> Any:
    known = value is None or isinstance(value, bool | int | float | str | Decimal | dict | list)
    return value if known else str(value)


KIND = Sql()
