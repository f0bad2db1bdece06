"""Types of values in a scenario file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from artisan_tui.config.base import duration_text
from artisan_tui.config.problems import Mistake
from artisan_tui.config.suggest import closest
from artisan_tui.domain.drills.scenario import Criterion, CriterionRefused, read_criterion
from artisan_tui.domain.drills.vocabulary import ACTS, FAULTS, fault_in
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.span import parse_span

#: A drill lasts four hours at most.
LONGEST = 4 * 3600


def _moment(value: object) -> object:
    """Whole seconds of the drill. Raises Mistake."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise Mistake(f"a time is text with a unit, not {value}", 'write it in quotes, like "90s"')
    if not isinstance(value, str) or len(value) > 40:
        raise Mistake("a time is text with a unit", 'write it in quotes, like "90s" or "5m"')
    seconds = float(parse_span(value))
    if seconds != int(seconds) or not 0 <= seconds <= LONGEST:
        raise Mistake(f"{value!r} is no time of a drill", "write whole seconds from 0s to 4h")
    return int(seconds)


def _days(value: object) -> object:
    if not isinstance(value, str) or len(value) > 40:
        raise Mistake("a period is text with a unit", 'write it in quotes, like "30d"')
    seconds = float(parse_span(value))
    if not 86400 <= seconds <= 366 * 86400:
        raise Mistake(f"{value!r} is no period of drills", "write one from 1d to 366d")
    return int(seconds)


def _criterion(value: object) -> object:
    if isinstance(value, Criterion):
        return value
    if not isinstance(value, str):
        raise Mistake("a bound on a measure is text", 'write it in quotes, like "creative.p95 < 4.5"')
    try:
        return read_criterion(value)
    except CriterionRefused as refused:
        raise Mistake(refused.what, refused.mend) from None


def _one_of(word: str, known: Iterable[str]) -> Any:
    names = tuple(known)

    def read(value: object) -> object:
        if value in names:
            return value
        near = closest(value, names) if isinstance(value, str) else None
        mend = f"did you mean {near!r}?" if near else f"write one of {', '.join(names)}"
        raise Mistake(f"there is no {word} {str(value)[:60]!r}", mend)

    return read


def _arguments(value: object) -> object:
    if not isinstance(value, Mapping):
        raise Mistake("arguments are a table", 'write { component = "app", replicas = 4 }')
    return {str(name): as_json(each) for name, each in value.items()}


def check_act(do: str, arguments: Mapping[str, object]) -> None:
    """Raises Mistake if an act does not take these arguments."""
    key, what, mend = fault_in(do, arguments)
    if what:
        raise Mistake(what, mend, ("with", key) if key in arguments else ("with",) if arguments else ("do",))


_STRING = {"type": "string"}
#: A tick of the drill. The model holds seconds, the file has text such as "90s".
Moment = Annotated[
    int,
    BeforeValidator(_moment),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({**_STRING, "pattern": r"^(\d+(\.\d+)?(ms|s|m|h|d))+$", "examples": ["0s", "90s", "5m"]}),
]
#: A number of days. The model holds seconds.
Period = Annotated[
    int,
    BeforeValidator(_days),
    PlainSerializer(duration_text, return_type=str),
    WithJsonSchema({**_STRING, "examples": ["30d"]}),
]
#: A bound on a measure of the world.
CriterionText = Annotated[
    Criterion,
    BeforeValidator(_criterion),
    PlainSerializer(lambda each: each.text, return_type=str),
    WithJsonSchema({**_STRING, "examples": ["creative.p95 < 4.5"]}),
]
ActName = Annotated[str, BeforeValidator(_one_of("act", ACTS)), WithJsonSchema({"enum": list(ACTS)})]
FaultName = Annotated[str, BeforeValidator(_one_of("fault", FAULTS)), WithJsonSchema({"enum": list(FAULTS)})]
Arguments = Annotated[dict[str, Any], BeforeValidator(_arguments), WithJsonSchema({"type": "object"})]
#: A short text that a person reads, and one that may have several sentences.
Line = Annotated[str, Field(min_length=1, max_length=200)]
LineKo = Annotated[str, Field(max_length=200)]
Paragraph = Annotated[str, Field(min_length=1, max_length=4000)]
ParagraphKo = Annotated[str, Field(max_length=4000)]
