"""What every check has, whatever its kind. The kinds themselves live in `sources.checks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from artisan_tui.config.problems import Mistake
from artisan_tui.domain.checks.health import Policy
from artisan_tui.domain.condition import Condition, parse_condition
from artisan_tui.domain.span import parse_span

#: Nobody writes a longer condition or duration by hand, and longer ones cost time to read.
_LONGEST_CONDITION = 1000
_LONGEST_SPAN = 40
_YEAR = 366 * 86400.0


def read_span(value: object) -> float:
    """Seconds. Raises ValueError."""
    if isinstance(value, float):
        return value  # a default, or a model made in code: the file cannot hold one, its floats are Decimal
    if not isinstance(value, str):
        raise Mistake(f"a duration is text with a unit, not {str(value)[:40]}", 'write it in quotes, like "30s"')
    if len(value) > _LONGEST_SPAN:
        raise Mistake("not a duration", 'write a number and a unit, like "30s"')
    seconds = float(parse_span(value))
    if not 0 < seconds <= _YEAR:
        raise Mistake(f"{value!r} is too {'short' if seconds <= 0 else 'long'}", "write more than 0s and at most 366d")
    return seconds


def duration_text(seconds: float) -> str:
    """As the file could have written it, exactly: ``4500ms``, ``90s``, ``5m``. `span_text` is for eyes and rounds."""
    millis = seconds * 1000
    units = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))
    unit, size = next(((unit, size) for unit, size in units if millis >= size and millis % size == 0), ("ms", 1))
    return f"{millis / size:.15g}{unit}"


def read_condition(value: object) -> Condition:
    """Raises ValueError."""
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        raise Mistake("a condition must be text", 'write it in quotes, like "status == 200"')
    if len(value) > _LONGEST_CONDITION:
        raise Mistake(f"a condition of {len(value)} characters is too long", f"write at most {_LONGEST_CONDITION}")
    try:
        return parse_condition(value.strip())
    except (OverflowError, RecursionError):
        raise Mistake("the regular expression is too large", "write a simpler one") from None


#: Seconds, written as "30s" in the file.
Span = Annotated[
    float,
    BeforeValidator(read_span),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$", "examples": ["500ms", "30s", "5m"]}),
]
ConditionText = Annotated[
    Condition,
    BeforeValidator(read_condition),
    PlainSerializer(lambda c: c.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["status == 200", "latency < 500ms"]}),
]
#: Ids are known everywhere as "service.check" and are typed by people.
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class Frozen(BaseModel):
    """A table of the configuration: no unknown keys, no changes after reading.

    Input stays out of error texts: it may be a secret in the wrong place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


class CheckSpec(Frozen):
    """One ``[[service.check]]``. A kind subclasses this with its own keys.

    ``expect`` unmet is down; met but ``degraded`` unmet is degraded.
    """

    id: Annotated[Id, Field(description='Full name is "service.check"')]
    kind: Annotated[str, Field(description="Kind of probe")]
    name: Annotated[str, Field(description="Shown instead of the id")] = ""
    every: Annotated[Span, Field(description="Time between two probes")] = 30.0
    timeout: Annotated[Span, Field(description="A probe that takes longer fails; at most `every`")] = 5.0
    fall: Annotated[int, Field(ge=1, le=100, strict=True, description="Failed probes in a row before it is down")] = 3
    rise: Annotated[
        int, Field(ge=1, le=100, strict=True, description=("Successful probes in a row before it is up again"))
    ] = 2
    expect: Annotated[tuple[ConditionText, ...], Field(description="All must hold, or the probe fails")] = ()
    degraded: Annotated[
        tuple[ConditionText, ...],
        Field(description=("The check is degraded when `expect` holds but one of these does not")),
    ] = ()
    needs: Annotated[
        tuple[str, ...],
        Field(description=('Checks this one depends on, as "service.check"; they are the cause when they fail too')),
    ] = ()
    targets: Annotated[
        tuple[Id, ...], Field(description="Probed only when one of these [[target]]s is chosen; empty: always")
    ] = ()

    #: Subject roots this kind can answer; a condition about another is refused when the file is read. Empty: any.
    ANSWERS: ClassVar[frozenset[str]] = frozenset()
    #: The kind reads through `[metrics]`, which must then be there.
    NEEDS_METRICS: ClassVar[bool] = False
    #: The kind needs `[metrics] prometheus` in particular.
    NEEDS_PROMETHEUS: ClassVar[bool] = False

    @property
    def target(self) -> str:
        """What is probed, on one printable line. Every kind has its own."""
        return ""

    @property
    def endpoint(self) -> str:
        """ "host:port" in lower case that the network must reach; "" when there is none, or the file does not say."""
        return ""

    @property
    def policy(self) -> Policy:
        return Policy(self.fall, self.rise)

    def conditions(self) -> Iterable[tuple[str, Condition]]:
        """(key, condition) of both lists, in file order."""
        yield from (("expect", c) for c in self.expect)
        yield from (("degraded", c) for c in self.degraded)

    def effective(self) -> tuple[Condition, ...]:
        """The conditions that decide "up"; a kind supplies its default when ``expect`` is empty."""
        return self.expect
