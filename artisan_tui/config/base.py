"""What every table of the configuration is built from: the base model and the types of common values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from artisan_tui.config.problems import Mistake
from artisan_tui.domain.condition import Condition, parse_condition
from artisan_tui.domain.span import parse_span

#: Limits in characters. Longer text is refused before it is parsed, because parsing it would take long.
_LONGEST_CONDITION = 1000
_LONGEST_SPAN = 40
_YEAR = 366 * 86400.0


class Frozen(BaseModel):
    """A table of the configuration. Unknown keys are refused, and a model does not change after reading.

    Error texts do not repeat the input, because a secret may have been written in the wrong place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


def read_span(value: object) -> float:
    """A duration in seconds, more than 0 and at most 366 days. Raises ValueError."""
    if isinstance(value, float):
        return value  # a default, or a model made in code; floats in the file are read as Decimal
    if not isinstance(value, str):
        raise Mistake(f"a duration is text with a unit, not {str(value)[:40]}", 'write it in quotes, like "30s"')
    if len(value) > _LONGEST_SPAN:
        raise Mistake("not a duration", 'write a number and a unit, like "30s"')
    seconds = float(parse_span(value))
    if not 0 < seconds <= _YEAR:
        raise Mistake(f"{value!r} is too {'short' if seconds <= 0 else 'long'}", "write more than 0s and at most 366d")
    return seconds


def duration_text(seconds: float) -> str:
    """An exact duration in the syntax of the file: ``4500ms``, ``90s``, ``5m``. `span_text` rounds, this does not."""
    millis = seconds * 1000
    units = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))
    unit, size = next(((unit, size) for unit, size in units if millis >= size and millis % size == 0), ("ms", 1))
    return f"{millis / size:.15g}{unit}"


def read_condition(value: object) -> Condition:
    """A parsed condition. Raises ValueError."""
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        raise Mistake("a condition must be text", 'write it in quotes, like "status == 200"')
    if len(value) > _LONGEST_CONDITION:
        raise Mistake(f"a condition of {len(value)} characters is too long", f"write at most {_LONGEST_CONDITION}")
    return parse_condition(value.strip())


def _absolute_path(value: str, info: ValidationInfo) -> str:
    """A path as the file means it: relative to the folder of the file, ``~`` is the home directory."""
    if not value.strip() or "\0" in value:
        raise Mistake("this is not a path", "write the path of a file")
    folder = (info.context or {}).get("folder")
    try:
        path = Path(value).expanduser()
    except RuntimeError:
        raise Mistake("the home directory in this path is unknown", ("write the full path")) from None
    return str(Path(folder) / path) if folder is not None else str(path)


#: A duration. The model holds seconds, the file has text such as "30s".
Span = Annotated[
    float,
    BeforeValidator(read_span),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$", "examples": ["500ms", "30s", "5m"]}),
]
#: A condition. The model holds the parsed `Condition`.
ConditionText = Annotated[
    Condition,
    BeforeValidator(read_condition),
    PlainSerializer(lambda c: c.text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["status == 200", "latency < 500ms"]}),
]
#: An id. People type it, and a check is addressed as "service.check", so an id has no dots.
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
#: Marks in the metadata of a type: its value is the path of a file; the file need not be there yet.
PATH_MARK: Final = "path"
MADE_MARK: Final = "made when it is not there"
#: The path of a file that has to be there. The model holds it made absolute.
PathText = Annotated[str, AfterValidator(_absolute_path), PATH_MARK]
#: The path of a file that this program or a job makes.
MadePathText = Annotated[str, AfterValidator(_absolute_path), PATH_MARK, MADE_MARK]
