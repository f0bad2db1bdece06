"""The maximum age of a response, by a time in its body. It detects a cached "healthy" from yesterday."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from artisan_tui.config.base import Frozen, Span
from artisan_tui.config.maintenance import ZoneName
from artisan_tui.config.paths import path_fault
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.probe_result import MISSING, Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.lookup import search

#: Unix times above this are of a smaller unit. As seconds they would be in the year 5138 or later.
_MILLIS = 100_000_000_000
#: Larger than the nanoseconds of today by far.
_LATEST = Decimal(10) ** 20
#: A Unix time as text. Eight digits are a date of ISO 8601: 20261130.
_UNIX = re.compile(r"\d{9,20}(?:\.\d{1,20})?", re.ASCII)


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
    zone: Annotated[ZoneName | None, Field(description='Zone of a time that names none, such as "UTC"')] = None


def staleness(rule: Freshness, document: object, now: datetime, *, required: bool = False) -> Failure | None:
    """Why ``document`` does not show the current state, or None.

    An old response is blind, because the current state is unknown. So is one without a time, unless it is ``required``.
    """
    found = search(rule.path, document)
    if found is MISSING or found is None:
        what = "null" if found is None else "missing"
        detail = f"{rule.path}: {what}, so the age of the response is unknown"
        return Failure(Reason.MISSING, detail, blind=not required)
    shown = printable(str(found), 60)
    try:
        made = _moment(found)
    except (ValueError, OverflowError, OSError, ArithmeticError):
        return Failure(Reason.BODY, f"{rule.path}: {shown} is not a time")
    if made.tzinfo is None:
        if rule.zone is None:
            why = 'has no zone, so the age of the response is unknown; write zone = "UTC" beside path'
            return Failure(Reason.BODY, f"{rule.path}: {shown} {why}", blind=True)
        made = _placed(made, ZoneInfo(rule.zone), now)
    age = (now - made).total_seconds()
    if age > rule.within:
        old = f"{span_text(age)} old, more than {span_text(rule.within)}"
        return Failure(Reason.STALE, f"{rule.path}: {shown} is {old}", blind=True)
    if age < -rule.within:
        return Failure(Reason.STALE, f"{rule.path}: {shown} is {span_text(-age)} in the future", blind=True)
    return None


def _moment(value: object) -> datetime:
    """Parse ISO 8601, or a Unix time in seconds, milli-, micro- or nanoseconds, as a number or as text.

    Without a zone when the text has none. Raises ValueError, OverflowError, OSError or ArithmeticError.
    """
    if isinstance(value, str):
        text = value.strip()
        if not _UNIX.fullmatch(text):
            return datetime.fromisoformat(text)
        value = Decimal(text)
    seconds = Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else _LATEST
    if not abs(seconds) < _LATEST:
        raise ValueError("not a time")
    while abs(seconds) > _MILLIS:
        seconds /= 1000
    return datetime.fromtimestamp(float(seconds), UTC)


def _placed(local: datetime, zone: tzinfo, now: datetime) -> datetime:
    """The moment of a local time. Of the two in the hour that a clock repeats, the one closer to ``now``."""
    both = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return min(both, key=lambda moment: abs(now - moment))
