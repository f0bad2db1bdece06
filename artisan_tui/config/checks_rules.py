"""What one check must satisfy beyond the types of its keys.

Reads the raw table, so that a mistake in one key does not hide a mistake in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from artisan_tui.config.checks import CheckSpec, duration_text, read_condition, read_span
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.condition import Condition


def check_faults(table: Mapping[str, Any], kind: type[CheckSpec]) -> Iterator[Mistake]:
    """Every fault of one check that its model cannot see. Keys are relative to the check."""
    yield from _in_time(table, kind)
    for key in ("expect", "degraded"):
        listed = table.get(key)
        for index, text in enumerate(listed if isinstance(listed, list) else []):
            try:
                condition = read_condition(text)
            except ValueError:
                continue  # its model says so
            yield from _condition_faults(kind, str(table["kind"]), condition, (key, index))


def _in_time(table: Mapping[str, Any], kind: type[CheckSpec]) -> Iterator[Mistake]:
    try:
        every = read_span(table.get("every", kind.model_fields["every"].default))
        timeout = read_span(table.get("timeout", kind.model_fields["timeout"].default))
    except ValueError:
        return
    if timeout > every:
        limit = duration_text(every)
        yield Mistake(
            f"timeout {duration_text(timeout)} is longer than the {limit} between two probes",
            f'write timeout = "{limit}" or less, or increase every',
            ("timeout",) if "timeout" in table else ("every",),
        )


def _condition_faults(
    kind: type[CheckSpec], name: str, condition: Condition, key: tuple[str | int, ...]
) -> Iterator[Mistake]:
    if kind.ANSWERS and condition.root not in kind.ANSWERS:
        subjects = ", ".join(_subject(root) for root in sorted(kind.ANSWERS))
        yield Mistake(f"a check of kind {name!r} has no {condition.subject!r}", f"use one of {subjects}", key)
    elif condition.root == "body" and condition.path:
        try:
            jmespath.compile(condition.path)
        except (JMESPathError, RecursionError, ArithmeticError, ValueError) as error:
            why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            yield Mistake(
                f"{condition.path[:100]!r} is not a JMESPath: {why}",
                "write names with dots between, like body.services.database",
                key,
            )


def _subject(root: str) -> str:
    return {"tls": "tls.days", "body": "body, body.PATH", "header": "header.NAME"}.get(root, root)
