"""The maximum age of a response, by a time in its body. It detects a cached "healthy" from yesterday."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from artisan_tui.config.base import Frozen, Span
from artisan_tui.config.paths import path_fault
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.probe_result import MISSING, Failure, Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.lookup import search

#: Unix times above this are milliseconds. As seconds they would be in the year 5138 or later.
_MILLIS = 100_000_000_000


def _path(text: str) -> str:
    refused = path_fault(text)
    if refused is not None:
        raise Mistake(*refused)
    return text


class Freshness(Frozen):
    """The path of the time in the response, and its maximum age."""

    path: Annotated[
        str, AfterValidator(_path), Field(description=("JMESPath of the time in the JSON body, like checked_at"))
    ]
    within: Annotated[Span, Field(description="An older response is stale: the state is then unknown")]


def staleness(rule: Freshness, document: object, now: datetime) -> Failure | None:
    """Why ``document`` does not show the current state, or None.

    An old response is blind, because the current state is unknown. A missing time is a failure of the target.
    """
    found = search(rule.path, document)
    if found is MISSING or found is None:
        return Failure(Reason.MISSING, f"{rule.path}: missing, so the age of the response is unknown")
    shown = printable(str(found), 60)
    made = _moment(found)
    if made is None:
        return Failure(Reason.BODY, f"{rule.path}: {shown} is not a time with a zone")
    age = (now - made).total_seconds()
    if age > rule.within:
        old = f"{span_text(age)} old, more than {span_text(rule.within)}"
        return Failure(Reason.STALE, f"{rule.path}: {shown} is {old}", blind=True)
    if age < -rule.within:
        return Failure(Reason.STALE, f"{rule.path}: {shown} is {span_text(-age)} in the future", blind=True)
    return None


def _moment(value: object) -> datetime | None:
    """Parse ISO 8601 with a zone, or a Unix time in seconds or milliseconds."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        seconds = float(value)
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) > _MILLIS else seconds, UTC)
    except (ValueError, OverflowError, OSError, ArithmeticError):
        return None
