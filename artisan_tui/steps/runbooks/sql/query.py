"""What a statement is, before any server sees it: one statement, and for a read one that can do nothing but read.

A list of what is allowed, never of what is forbidden. The server's own layers stand behind it: a login of its own, READ
ONLY, the extended protocol.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import StepRefused
from artisan_tui.steps.runbooks.sql.functions import READING, WORDS

_PARAMETER: Final = re.compile(
    r"""(?P<kept>(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|--[^\n]*|/\*.*?\*/|::)
      |:(?P<name>[a-z][a-z0-9_]*)""",
    re.DOTALL | re.VERBOSE,
)
_MEND: Final = "a read step sends one SELECT; set mutates = true for anything else"


def with_values(query: str, params: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The query with ``$1`` for ``:name``, and the values in their order. Raises StepRefused."""
    order: dict[str, int] = {}

    def one(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return found[0]
        if name not in params:
            raise StepRefused(f"the query has :{name}, and params do not", f"add params = {{ {name} = … }}")
        return f"${order.setdefault(name, len(order) + 1)}"

    text = _PARAMETER.sub(one, query)
    unused = [name for name in params if name not in order]
    if unused:
        raise StepRefused(f"the query has no :{unused[0]}", "remove it from params")
    return text, [params[name] for name in order]


def check_read(query: str) -> None:
    """Raises StepRefused unless the query is one statement that only reads."""
    parsed = _single(query)
    from sqlglot import exp

    if isinstance(parsed, exp.Command):
        _check_command(query, parsed)
        return
    if not isinstance(parsed, exp.Select | exp.SetOperation | exp.Values | exp.Subquery | exp.Table):
        raise StepRefused(f"{_shown(query)} is a {_name(parsed)}", _MEND)
    for node in parsed.walk():
        if isinstance(node, exp.DML | exp.DDL | exp.Command | exp.Set | exp.Copy | exp.Transaction) and not isinstance(
            node, exp.Query
        ):
            raise StepRefused(f"{_shown(query)} has a {_name(node)} in it", _MEND)
        if isinstance(node, exp.Into):
            raise StepRefused("SELECT INTO makes a table", _MEND)
        if isinstance(node, exp.Lock):
            raise StepRefused("FOR UPDATE and FOR SHARE lock rows", "remove it")
    _check_functions(query)


def check_change(query: str) -> None:
    """Raises StepRefused unless the query is one statement that a transaction can hold and undo."""
    parsed = _single(query)
    first = re.sub(r"\s+", " ", _bare(query)).upper()
    ends = r"(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE TRANSACTION|SET TRANSACTION)\b"
    if re.match(ends, first):
        raise StepRefused(f"{_name(parsed)} ends or begins a transaction", "the step has its own: remove it")
    outside = (
        r"(VACUUM|CREATE DATABASE|DROP DATABASE|ALTER SYSTEM|CREATE TABLESPACE|REINDEX (\(.*\) )?(DATABASE|SYSTEM)|CLUSTER$"
        r"|(CREATE (UNIQUE )?INDEX|DROP INDEX|REINDEX .*) CONCURRENTLY)\b"
    )
    if re.match(outside, first):
        raise StepRefused(
            f"{_shown(query)} cannot be held by a transaction, so nothing tells afterwards whether it happened",
            "run it as a command with psql, and verify it",
        )
    if re.match(r"COPY\b.*\bPROGRAM\b", first):
        raise StepRefused("COPY … PROGRAM runs a program on the server", "write it as a command step")


def _single(query: str) -> Any:
    """The one statement. Raises StepRefused."""
    try:
        import sqlglot
        from sqlglot.errors import SqlglotError
    except ImportError:
        raise StepRefused("sqlglot is not installed", "pip install 'artisan-tui[postgres]'") from None
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        found = [each for each in sqlglot.parse(query, dialect="postgres") if each is not None]
    except (SqlglotError, RecursionError, ValueError) as error:
        raise StepRefused(f"{_shown(query)} cannot be parsed: {printable(str(error), 200)}", "correct it") from None
    found = [each for each in found if type(each).__name__ != "Semicolon"]
    if len(found) != 1:
        raise StepRefused(f"the query has {len(found)} statements", "write one, and a step for each")
    return found[0]


def _check_command(query: str, parsed: Any) -> None:
    text = _bare(query)
    if re.fullmatch(r"SHOW\s+[A-Za-z_][\w.]*(\s+[A-Za-z_]+)*\s*;?", text, re.IGNORECASE):
        return
    inner = re.fullmatch(
        r"EXPLAIN\s+(?:VERBOSE\s+)?((?:SELECT|WITH|VALUES|TABLE)\b.*)", text, re.IGNORECASE | re.DOTALL
    )
    if inner is not None:
        check_read(inner[1])
        return
    if re.match(r"EXPLAIN\b", text, re.IGNORECASE):
        raise StepRefused("EXPLAIN with options may execute its statement", "write EXPLAIN SELECT …, without ANALYZE")
    raise StepRefused(f"{_shown(query)} is a {_name(parsed)}", _MEND)


def _check_functions(query: str) -> None:
    from sqlglot import tokenize
    from sqlglot.tokens import TokenType  # type: ignore[attr-defined]

    tokens = tokenize(query, read="postgres")
    for index, token in enumerate(tokens[:-1]):
        if tokens[index + 1].token_type != TokenType.L_PAREN:
            continue
        quoted = token.token_type == TokenType.IDENTIFIER
        if not quoted and not re.fullmatch(r"[A-Za-z_\u0080-\uffff][\w$]*", token.text):
            continue
        name = token.text if quoted else token.text.lower()
        schema = tokens[index - 2].text.lower() if index > 1 and tokens[index - 1].token_type == TokenType.DOT else ""
        if not quoted and not schema and name in WORDS | READING:
            continue
        if schema == "pg_catalog" and name in READING:
            continue
        whole = f"{schema}.{name}" if schema else name
        raise StepRefused(
            f"the function {printable(whole, 100)} is not known to only read",
            "leave it out, or set mutates = true and say how it is undone",
        )


def _bare(query: str) -> str:
    """Without the comments and spaces before it."""
    return re.sub(r"^(\s+|--[^\n]*(\n|$)|/\*.*?\*/)+", "", query, flags=re.DOTALL).strip()


def _name(node: Any) -> str:
    said = str(getattr(node, "this", "")) if type(node).__name__ == "Command" else type(node).__name__
    return printable(said, 60).upper()


def _shown(query: str) -> str:
    return repr(printable(" ".join(_bare(query).split()), 60))
