"""``[[slo]]``: what is promised, over which window, and how it is measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from artisan_tui.config.check import ConditionText, Frozen, Id, Span
from artisan_tui.config.choice import Choice
from artisan_tui.config.measure import MeasureField, SelectorText
from artisan_tui.config.problems import Fault
from artisan_tui.config.suggest import closest
from artisan_tui.domain.condition import Condition

_PERCENT = re.compile(r"(\d{1,2}(?:\.\d{1,6})?)%", re.ASCII)
_WINDOW = re.compile(r"([1-9]\d{0,2})d", re.ASCII)
_LONGEST_WINDOW = 366


def _objective(value: object) -> Decimal:
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None and Decimal(match[1]) > 0:
        return Decimal(match[1]).scaleb(-2)
    if isinstance(value, str) and re.fullmatch(r"0*100(\.0*)?%", value.strip()):
        raise Fault("an objective of 100% leaves no error budget", 'write less, like "99.9%"')
    raise Fault("an objective is text with a per cent sign", 'write more than 0% and less than 100%, like "99.9%"')


def percent_text(share: Decimal) -> str:
    """``0.999`` -> ``99.9``, exactly."""
    text = f"{share.scaleb(2):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _window(value: object) -> str:
    if isinstance(value, str):
        days = _WINDOW.fullmatch(value)
        if value == "month" or (days and int(days[1]) <= _LONGEST_WINDOW):
            return value
    raise Fault("a window is a number of days or the calendar month", 'write "30d", "7d" or "month"')


def _about_value(condition: Condition) -> Condition:
    if condition.root != "value":
        raise Fault(
            f"a slice is good by its measured value, not by {condition.subject!r}", 'write it like "value > 10.0"'
        )
    return condition


#: The promise as an exact share, ``Decimal("0.999")`` from "99.9%".
Objective = Annotated[
    Decimal,
    PlainValidator(_objective),
    PlainSerializer(lambda share: f"{percent_text(share)}%", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}(\.\d{1,6})?%$", "examples": ["99.9%", "95%"]}),
]
Window = Annotated[
    str,
    PlainValidator(_window),
    WithJsonSchema({"type": "string", "pattern": r"^([1-9]\d{0,2}d|month)$", "examples": ["30d", "7d", "month"]}),
]


class EventsSli(Frozen):
    """Good events of all events."""

    kind: Literal["events"] = "events"
    total: Annotated[SelectorText, Field(description="The counter of all events")]
    bad: Annotated[SelectorText | None, Field(description="The counter of bad events; or `good`")] = None
    good: Annotated[SelectorText | None, Field(description="The counter of good events; or `bad`")] = None


class LatencySli(Frozen):
    """Events that took no longer than the threshold, of all events."""

    kind: Literal["latency"] = "latency"
    histogram: Annotated[SelectorText, Field(description="The histogram, named without its _bucket")]
    threshold: Annotated[Span, Field(description="Slower is bad; the histogram should have a bucket exactly there")]


class SlicesSli(Frozen):
    """Slices of time in which a measured value was good."""

    kind: Literal["slices"] = "slices"
    measure: Annotated[MeasureField, Field(description="What is measured")]
    good: Annotated[ConditionText, AfterValidator(_about_value), Field(description="When a slice counts as good")]
    slice: Annotated[Span, Field(description="How long a slice is")] = 60.0


class ChecksSli(Frozen):
    """Looks of our own checks that found them up."""

    kind: Literal["checks"] = "checks"
    checks: Annotated[tuple[str, ...], Field(min_length=1, description='Checks as "service.check"')]


Sli = EventsSli | LatencySli | SlicesSli | ChecksSli
SLI_KINDS: Mapping[str, type[Sli]] = {
    "events": EventsSli,
    "latency": LatencySli,
    "slices": SlicesSli,
    "checks": ChecksSli,
}


def sli_model(raw: object, _kinds: object = None) -> type[Sli] | None:
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    return SLI_KINDS.get(kind) if isinstance(kind, str) else None


def _sli(raw: object, info: ValidationInfo) -> Sli:
    if isinstance(raw, EventsSli | LatencySli | SlicesSli | ChecksSli):
        return raw
    kinds = ", ".join(SLI_KINDS)
    if not isinstance(raw, Mapping):
        raise Fault("an sli is a table", f'write {{ kind = "…", … }}; kinds are {kinds}')
    model = sli_model(raw)
    if model is None:
        if "kind" not in raw:
            raise Fault("an sli needs a kind", f"add kind = one of {kinds}")
        near = closest(str(raw["kind"]), SLI_KINDS)
        hint = f"did you mean {near!r}? " if near else ""
        raise Fault(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {kinds}", ("kind",))
    read = model.model_validate(raw, context=info.context)
    if isinstance(read, EventsSli) and (read.bad is None) == (read.good is None):
        raise Fault("events need exactly one of `bad` and `good`", "keep the counter that the service really has")
    return read


class _Schema:
    def __get_pydantic_json_schema__(self, _core: Any, handler: Any) -> dict[str, Any]:
        return {"oneOf": [handler(model.__pydantic_core_schema__) for model in SLI_KINDS.values()]}


SliField = Annotated[
    Sli,
    PlainValidator(_sli),
    PlainSerializer(lambda sli: sli.model_dump(), return_type=dict[str, Any]),
    Choice(sli_model),
    _Schema(),
]


class Slo(Frozen):
    """A service level objective."""

    id: Annotated[Id, Field(description="Typed by people: `slo explain ID`")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    objective: Annotated[Objective, Field(description="The share that must be good")]
    window: Annotated[Window, Field(description="Rolling days, or the calendar month in [artisan].timezone")]
    sli: Annotated[SliField, Field(description="How it is measured")]

    @property
    def rolling_seconds(self) -> float | None:
        """The window's length, None for the calendar month."""
        return None if self.window == "month" else int(self.window[:-1]) * 86400.0
