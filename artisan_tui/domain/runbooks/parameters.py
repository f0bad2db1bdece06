"""Values of parameters: from what a person wrote to a value of the parameter's type, or a refusal with its mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from artisan_tui.domain.pattern import PatternTooSlow, read_pattern
from artisan_tui.domain.runbooks.definition import Parameter, Runbook
from artisan_tui.domain.span import parse_span

_LONGEST = 4000
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*", re.ASCII | re.DOTALL)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_BOOLS = {"true": True, "false": False}


class ParameterRefused(ValueError):
    """``what`` is wrong, ``mend`` is the correction. Neither has the value of a secret."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}: {mend}")
        self.what, self.mend = what, mend


def checked(parameter: Parameter, value: Any) -> Any:
    """``value``, which may be text from the command line, as a JSON value of the parameter's type.

    A duration is seconds, a secret its reference. Raises ParameterRefused.
    """
    name, kind = parameter.id, parameter.kind
    found: Any
    match kind:
        case "int":
            found = _whole(name, value)
        case "float":
            found = _number(name, value)
        case "bool":
            found = value if isinstance(value, bool) else _BOOLS.get(str(value).strip().lower())
            if found is None:
                raise ParameterRefused(f"{name} is true or false, not {str(value)[:40]!r}", "write true or false")
        case "duration":
            found = _duration(name, value)
        case "secret":
            if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
                raise ParameterRefused(f"{name} must be a reference to a secret", 'write "env:NAME" or "file:PATH"')
            return value
        case _:
            found = _text(parameter, value)
    for bound, wrong, word in ((parameter.minimum, -1, "least"), (parameter.maximum, 1, "most")):
        if bound is not None and (found > bound if wrong > 0 else found < bound):
            raise ParameterRefused(f"{name} is {found}", f"write {bound} at {word}")
    return found


def resolved(runbook: Runbook, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all parameters, the defaults where none is given. Raises ParameterRefused."""
    known = [each.id for each in runbook.params]
    for name in given:
        if name not in known:
            mend = f"parameters are {', '.join(known)}" if known else "it has no parameters"
            raise ParameterRefused(f"{runbook.id} has no parameter {str(name)[:60]!r}", mend)
    found: dict[str, Any] = {}
    for each in runbook.params:
        if each.id in given:
            found[each.id] = checked(each, given[each.id])
        elif each.default is not None:
            found[each.id] = each.default
        else:
            raise ParameterRefused(f"{runbook.id} needs a value for {each.id}", f"add --param {each.id}=…")
    return found


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, str) and _WHOLE.fullmatch(value))):
        raise ParameterRefused(f"{name} is a whole number, not {str(value)[:40]!r}", "write digits only")
    return int(value)


def _number(name: str, value: Any) -> float:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite() or abs(found) > 10**15:
        raise ParameterRefused(f"{name} is a number, not {str(value)[:40]!r}", "write digits, like 0.5")
    return float(found)


def _duration(name: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(parse_span(str(value).strip()))
    except ValueError:
        raise ParameterRefused(f"{name} is a duration, not {str(value)[:40]!r}", "write one like 30s or 5m") from None


def _text(parameter: Parameter, value: Any) -> str:
    name = parameter.id
    if not isinstance(value, str):
        raise ParameterRefused(f"{name} is text, not {str(value)[:40]!r}", "put it in quotes")
    if len(value) > _LONGEST or "\0" in value:
        raise ParameterRefused(f"{name} is too long or not text", f"write at most {_LONGEST} characters")
    if parameter.kind == "choice" and value not in parameter.choices:
        raise ParameterRefused(
            f"{value[:60]!r} is no choice for {name}", f"write one of {', '.join(parameter.choices)}"
        )
    if parameter.pattern:
        try:
            fits = read_pattern(f"^(?:{parameter.pattern})$").found_in(value)
        except PatternTooSlow:
            fits = False
        if not fits:
            raise ParameterRefused(f"{value[:60]!r} does not match {parameter.pattern[:80]!r} for {name}", "correct it")
    return value
