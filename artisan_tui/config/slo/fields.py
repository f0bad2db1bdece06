"""What is written in an ``[[slo]]``: percentages, windows, burn rates and labels, as types of pydantic."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema

from artisan_tui.config.base import Span
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.slo.labels import check_label
from artisan_tui.domain.slo.windows import CALENDAR_DAYS

_PERCENT = re.compile(r"(\d{1,2}(?:\.\d{1,6})?)%", re.ASCII)
_WINDOW = re.compile(r"([1-9]\d{0,2})d", re.ASCII)
_LONGEST_WINDOW = 366


def _objective(value: object) -> Decimal:
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None and Decimal(match[1]) > 0:
        return Decimal(match[1]).scaleb(-2)
    if isinstance(value, str) and re.fullmatch(r"0*100(\.0*)?%", value.strip()):
        raise Mistake("an objective of 100% leaves no error budget", 'write less, like "99.9%"')
    raise Mistake("an objective is text with a per cent sign", 'write more than 0% and less than 100%, like "99.9%"')


def percent_text(share: Decimal) -> str:
    """An exact share as a percentage: ``0.999`` -> ``99.9``."""
    text = f"{share.scaleb(2):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _window(value: object) -> str:
    if isinstance(value, str):
        days = _WINDOW.fullmatch(value)
        if value in CALENDAR_DAYS or (days and int(days[1]) <= _LONGEST_WINDOW):
            return value
    raise Mistake(
        "a window is a number of days, or a calendar week, month or quarter",
        'write "30d", "7d", "week", "month" or "quarter"',
    )


def _minutes(seconds: float) -> float:
    if seconds % 60:
        raise Mistake("a burn window is a number of whole minutes", 'write it like "5m" or "1h"')
    return seconds


def _share(value: object) -> Decimal:
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None and Decimal(match[1]) > 0:
        return Decimal(match[1]).scaleb(-2)
    raise Mistake("this is text with a per cent sign", 'write more than 0% and less than 100%, like "90%"')


def _factor(value: object) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        if number.is_finite() and 0 < number <= 1_000_000:
            return number
    raise Mistake("a burn rate is a number above 0", "write it like 14.4")


def _label_name(name: str) -> str:
    try:
        check_label(name)
    except ValueError as error:
        what, _, mend = str(error).partition(": ")
        raise Mistake(what, mend) from None
    return name


def _label_value(text: object) -> str:
    if not isinstance(text, str) or len(text) > 200:
        raise Mistake("a label is text of at most 200 characters", 'write it like team = "platform"')
    return text


#: A burn rate.
Factor = Annotated[
    Decimal,
    PlainValidator(_factor),
    PlainSerializer(float, return_type=float),
    WithJsonSchema({"type": "number", "minimum": 0, "examples": [14.4]}),
]
#: A duration of whole minutes. The model holds seconds.
Minutes = Annotated[Span, AfterValidator(_minutes)]
ShareText = Annotated[
    Decimal,
    PlainValidator(_share),
    PlainSerializer(lambda share: f"{percent_text(share)}%", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}(\.\d{1,6})?%$", "examples": ["90%"]}),
]
#: An objective. The model holds the exact share: ``Decimal("0.999")`` for "99.9%".
Objective = Annotated[
    Decimal,
    PlainValidator(_objective),
    PlainSerializer(lambda share: f"{percent_text(share)}%", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}(\.\d{1,6})?%$", "examples": ["99.9%", "95%"]}),
]
Window = Annotated[
    str,
    PlainValidator(_window),
    WithJsonSchema(
        {"type": "string", "pattern": r"^([1-9]\d{0,2}d|week|month|quarter)$", "examples": ["30d", "7d", "month"]}
    ),
]
LabelName = Annotated[str, AfterValidator(_label_name)]
LabelValue = Annotated[str, PlainValidator(_label_value), WithJsonSchema({"type": "string", "maxLength": 200})]
