"""Measures in the file -> `domain.measure` values.

Each shape has one model, which defines its keys, defaults, errors and JSON Schema. A check kind or an SLI
that reads a measure declares ``measure: MeasureField``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, PlainSerializer, PlainValidator, WithJsonSchema

from artisan_tui.config.base import Frozen, Span, duration_text
from artisan_tui.config.choice import Choice
from artisan_tui.config.problems import Mistake
from artisan_tui.config.suggest import closest
from artisan_tui.domain.measure import Measure, Promql, Quantile, Rate, Ratio, Value
from artisan_tui.domain.selector import Selector, parse_selector

_LONGEST = 4096
_MOST_SELECTORS = 16


def _selector(value: object) -> Selector:
    if isinstance(value, Selector):
        return value
    if not isinstance(value, str):
        raise Mistake(
            "a selector is text", "write a metric's name, with labels or without: 'queue_length{queue=\"llm\"}'"
        )
    if len(value) > _LONGEST:
        raise Mistake(f"a selector of {len(value)} characters is too long", f"write at most {_LONGEST}")
    return parse_selector(value)


def _selectors(value: object) -> tuple[Selector, ...]:
    """One selector or several. Two equal ones would count everything twice."""
    if isinstance(value, list | tuple):
        read = tuple(_selector(each) for each in value)
        if not read or len(read) > _MOST_SELECTORS:
            raise Mistake(
                f"a list of {len(read)} selectors", f"write 1 to {_MOST_SELECTORS}, like ['hits_total', 'misses_total']"
            )
        twice = next((each for index, each in enumerate(read) if each in read[:index]), None)
        if twice is not None:
            raise Mistake(f"{str(twice)[:200]} is there twice, so its events would count twice", "write it once")
        return read
    return (_selector(value),)


def _written(of: tuple[Selector, ...]) -> str | list[str]:
    return str(of[0]) if len(of) == 1 else [str(each) for each in of]


def _share(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Mistake("a quantile is a number", "write one between 0 and 1, like 0.95")
    try:
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        exact = Decimal("NaN")
    if not exact.is_finite() or not 0 <= exact <= 1:
        raise Mistake(f"{str(value)[:40]} is not between 0 and 1", "write a share, like 0.95 for the 95th percentile")
    return exact


def _query(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Mistake("a query is text", "write PromQL in quotes")
    return value.strip()


#: One instant selector, or a list of several that are added. The model holds a tuple of `Selector`.
SelectorsText = Annotated[
    tuple[Selector, ...],
    PlainValidator(_selectors),
    PlainSerializer(lambda of: _written(of), return_type=str | list[str]),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "minItems": 1,
                    "maxItems": _MOST_SELECTORS,
                },
            ],
            "examples": ["http_requests_total", ["cache_hits_total", "cache_misses_total"]],
        }
    ),
]
#: A PromQL instant selector. The model holds the parsed `Selector`.
SelectorText = Annotated[
    Selector,
    PlainValidator(_selector),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["http_requests_total", 'up{job="api"}']}),
]
#: A raw query, not empty.
QueryText = Annotated[str, PlainValidator(_query), WithJsonSchema({"type": "string", "minLength": 1})]
_Share = Annotated[Decimal, PlainValidator(_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
_Window = Annotated[Span, Field(description="Window of the query; default 5m")]


class ValueShape(Frozen):
    """The value of a gauge."""

    value: Annotated[SelectorText, Field(description="The gauge")]
    agg: Annotated[
        Literal["max", "min", "sum", "avg"] | None,
        Field(description="How to aggregate several series; without it exactly one must match"),
    ] = None

    def measure(self) -> Measure:
        return Value(self.value, self.agg)


class RateShape(Frozen):
    """Events per second."""

    rate: Annotated[SelectorText, Field(description="The counter")]
    window: _Window = 300.0

    def measure(self) -> Measure:
        return Rate(self.rate, self.window)


class RatioShape(Frozen):
    """The share of some events in all events, 0 to 1."""

    ratio: Annotated[SelectorText, Field(description="Numerator counter")]
    of: Annotated[SelectorsText, Field(description="Denominator counter, or a list of counters that are added")]
    window: _Window = 300.0

    def measure(self) -> Measure:
        return Ratio(self.ratio, self.of, self.window)


class QuantileShape(Frozen):
    """A quantile of a histogram, in the unit of the histogram."""

    quantile: Annotated[_Share, Field(description="0.95 for the 95th percentile")]
    histogram: Annotated[SelectorText, Field(description="The histogram, named without its _bucket")]
    window: _Window = 300.0

    def measure(self) -> Measure:
        return Quantile(self.quantile, self.histogram, self.window)


class PromqlShape(Frozen):
    """A raw query; only a Prometheus can answer it."""

    promql: Annotated[QueryText, Field(description="A query that gives one number")]

    def measure(self) -> Measure:
        return Promql(self.promql)


Shape = ValueShape | RateShape | RatioShape | QuantileShape | PromqlShape
SHAPES: Mapping[str, type[Shape]] = {
    "value": ValueShape,
    "rate": RateShape,
    "ratio": RatioShape,
    "quantile": QuantileShape,
    "promql": PromqlShape,
}
_WRITE = (
    "write one of { value = … }, { rate = … }, { ratio = …, of = … }, { quantile = …, histogram = … }, { promql = … }"
)


def shape_of(raw: object, _kinds: object = None) -> type[Shape] | None:
    """The shape of ``raw``, None when it has the first key of no shape or of several."""
    heads = [head for head in SHAPES if head in raw] if isinstance(raw, Mapping) else []
    return SHAPES[heads[0]] if len(heads) == 1 else None


def parse_measure(raw: object) -> Measure:
    """Raises Mistake or pydantic's ValidationError, which are ValueErrors."""
    if isinstance(raw, Value | Rate | Ratio | Quantile | Promql):
        return raw
    if not isinstance(raw, Mapping):
        raise Mistake("a measure must be a table", _WRITE)
    shape = shape_of(raw)
    if shape is not None:
        return shape.model_validate(raw).measure()
    heads = [head for head in SHAPES if head in raw]
    if heads:
        raise Mistake(f"a measure needs exactly one kind, this one has {' and '.join(heads)}", f"keep one; {_WRITE}")
    for key in raw:
        near = closest(str(key), SHAPES)
        if near:
            raise Mistake(f"unknown key `{key}`, did you mean `{near}`?", _WRITE, (str(key),))
    raise Mistake("a measure must say what to read", _WRITE)


def measure_table(measure: Measure) -> dict[str, Any]:
    """A measure as a table of the file."""
    match measure:
        case Value(selector, agg):
            return {"value": str(selector)} | ({"agg": agg} if agg else {})
        case Rate(selector, window):
            return {"rate": str(selector), "window": duration_text(window)}
        case Ratio(selector, of, window):
            return {"ratio": str(selector), "of": _written(of), "window": duration_text(window)}
        case Quantile(q, histogram, window):
            return {"quantile": float(q), "histogram": str(histogram), "window": duration_text(window)}
        case Promql(query):
            return {"promql": query}


class _Schema:
    """The schema is built on request, not at every start."""

    def __get_pydantic_json_schema__(self, _core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"oneOf": [handler(shape.__pydantic_core_schema__) for shape in SHAPES.values()]}


#: A measure in any shape. The model holds the `domain.measure` value.
MeasureField = Annotated[
    Measure,
    PlainValidator(parse_measure),
    PlainSerializer(measure_table, return_type=dict[str, Any]),
    Choice(shape_of),
    _Schema(),
]
