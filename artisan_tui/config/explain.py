"""Errors of pydantic as sentences with a correction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from artisan_tui.config.choice import Choice
from artisan_tui.config.models import Document
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, Place
from artisan_tui.config.suggest import closest

#: Errors from `domain` have the correction after a colon. It begins with one of these words.
_MEND = re.compile(r": (?=write |begin |did you mean |a condition is |after the name |expected )")
#: Words in an error from `domain` without a correction -> the correction.
_MENDS = {
    "regular expression": "correct the pattern; a \\ before a sign means the sign itself",
    "compares numbers": "write a number, or compare with == or !=",
    "needs a name": "write header.NAME",
}
_SECRET = re.compile(r"secret|password|token|credential|key", re.IGNORECASE)
_SCHEMA = "`artisan-tui config schema` lists what is allowed"

#: Type errors of pydantic -> (the expected type, how to write it).
_TYPES = {
    "string_type": ("text", "put it in quotes"),
    "int_type": ("a whole number", "write digits, without quotes"),
    "int_parsing": ("a whole number", "write digits, without quotes"),
    "int_from_float": ("a whole number", "write digits, without quotes"),
    "int_parsing_size": ("a whole number of sensible size", "write a smaller one"),
    "float_type": ("a number", "write digits, without quotes"),
    "float_parsing": ("a number", "write digits, without quotes"),
    "decimal_type": ("a number", "write digits, without quotes"),
    "decimal_parsing": ("a number", "write digits, without quotes"),
    "bool_type": ("true or false", "write it without quotes"),
    "bool_parsing": ("true or false", "write it without quotes"),
    "tuple_type": ("a list", "put it in [ ]"),
    "list_type": ("a list", "put it in [ ]"),
    "dict_type": ("a table", "write { key = value }"),
    "model_type": ("a table", "write its keys below a [header]"),
    "model_attributes_type": ("a table", "write its keys below a [header]"),
}
#: Limits of pydantic -> what is wrong, and how to correct it. The limit stands in the error's context.
_LIMITS = {
    "greater_than": ("this must be greater than {gt}", "write a greater number"),
    "greater_than_equal": ("this must be at least {ge}", "write a greater number"),
    "less_than": ("this must be less than {lt}", "write a smaller number"),
    "less_than_equal": ("this must be at most {le}", "write a smaller number"),
    "multiple_of": ("this must be a multiple of {multiple_of}", "write one"),
    "string_too_short": ("this text must have at least {min_length} characters", "write a longer one"),
    "string_too_long": ("this text may have at most {max_length} characters", "write a shorter one"),
    "too_short": ("this list must have at least {min_length} entries", "add what is missing"),
    "too_long": ("this list may have at most {max_length} entries", "take some out"),
    "string_unicode": ("this text has characters that are none", "write it anew"),
    "finite_number": ("this must be a finite number", "write digits"),
    "decimal_max_digits": ("this number has more than {max_digits} digits", "write a shorter one"),
    "decimal_max_places": ("this number has more than {decimal_places} decimals", "write a shorter one"),
    "none_required": ("this key takes no value", "remove it"),
    "date_type": ("this must be a date", "write it like 2026-12-01, without quotes"),
    "date_parsing": ("this must be a date", "write it like 2026-12-01, without quotes"),
    "date_from_datetime_parsing": ("this must be a date", "write it like 2026-12-01, without quotes"),
    "date_from_datetime_inexact": ("this must be a date without a time", "write it like 2026-12-01, without quotes"),
    "path_type": ("this must be a path", "put it in quotes"),
    "invalid_key": ("a key here is no text", "put it in quotes"),
}
#: What must not be empty.
_EMPTY = {
    "string_too_short": ("this text is empty", "write something"),
    "too_short": ("this list is empty", "add what is missing, or remove the key"),
}
_PATTERNS = {
    r"^[a-z0-9][a-z0-9_-]{0,62}$": ("an id", "write small letters, digits, - and _, at most 63, like api-health"),
    r"^[a-z0-9][a-z0-9_.-]{0,62}$": ("a binding's id", "write small letters, digits, - _ and ."),
    r"^[!-~]{1,60}$": ("a key's name", 'write it like "f5", "a" or "shift+a"'),
}


def explain(
    errors: list[ErrorDetails],
    document: Mapping[str, Any],
    kinds: Mapping[str, Any],
    root: type[BaseModel] = Document,
) -> Iterator[Finding]:
    """One finding per error. ``document`` is the raw document that was validated, with the model ``root``."""
    for error in errors:
        place = tuple(step for step in error["loc"] if step != "[key]")
        raised = error.get("ctx", {}).get("error")
        if isinstance(raised, Mistake):
            yield (*place, *raised.key), raised.what, raised.mend
        elif raised is not None:
            yield place, *_divide(str(raised))
        elif error["type"] == "extra_forbidden":
            yield place, *_unknown(place, document, kinds, root)
        else:
            yield place, *_plain(error, place)


def _divide(sentence: str) -> tuple[str, str]:
    match = _MEND.search(sentence)
    if match is not None:
        return sentence[: match.start()], sentence[match.end() :]
    mend = next((mend for words, mend in _MENDS.items() if words in sentence), f"correct it; {_SCHEMA}")
    return sentence, mend


def _unknown(
    place: Place, document: Mapping[str, Any], kinds: Mapping[str, Any], root: type[BaseModel]
) -> tuple[str, str]:
    key = str(place[-1])
    known = known_keys(place[:-1], document, kinds, root)
    near = closest(key, known)
    if near:
        return f"unknown key `{key[:80]}`, did you mean `{near}`?", f"write {near}"
    if len(place) > 1 and key in known_keys((), document, kinds, root):
        return (
            f"unknown key `{key}` here",
            f"{key} belongs at the top of the file, above the first [table]: move it there",
        )
    return f"unknown key `{key[:80]}`", f"remove it; allowed keys: {', '.join(known)}" if known else _SCHEMA


def _plain(error: ErrorDetails, place: Place) -> tuple[str, str]:
    kind, value, ctx = error["type"], error.get("input"), error.get("ctx", {})
    if kind == "missing":
        return f"`{place[-1]}` is missing", f"add {place[-1]} = …"
    if kind in _TYPES:
        wanted, mend = _TYPES[kind]
        if wanted == "a list" and isinstance(value, Mapping):
            name = ".".join(str(step) for step in place if isinstance(step, str))
            return "this must be a list of tables", f"write [[{name}]] with two brackets"
        return f"this must be {wanted}, not {_shown(value, place)}", mend
    if kind in _EMPTY and ctx.get("min_length") == 1:
        return _EMPTY[kind]
    if kind in _LIMITS:
        what, mend = _LIMITS[kind]
        return what.format_map(ctx), mend
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(ctx.get("expected", "")))
        near = closest(value, known) if isinstance(value, str) else None
        hint = f"did you mean {near!r}? " if near else ""
        return f"{_shown(value, place)} is not an allowed value", f"{hint}write one of {', '.join(known)}"
    if kind == "string_pattern_mismatch" and ctx.get("pattern") in _PATTERNS:
        wanted, mend = _PATTERNS[str(ctx["pattern"])]
        return f"{_shown(value, place)} is not {wanted}", mend
    if kind == "string_pattern_mismatch":
        return f"{_shown(value, place)} does not match {ctx.get('pattern', '')}", f"correct it; {_SCHEMA}"
    return f"this value is not allowed here ({error['msg']})", f"correct it; {_SCHEMA}"


def _shown(value: object, place: Place) -> str:
    """A wrong value, shortened. "this" when the key can hold a secret."""
    if any(isinstance(step, str) and _SECRET.search(step) for step in place):
        return "this"
    if isinstance(value, str):
        return repr(value[:60])
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value).lower()[:60] if isinstance(value, bool) else str(value)[:60]


def known_keys(
    place: Place, document: Mapping[str, Any], kinds: Mapping[str, Any], root: type[BaseModel] = Document
) -> list[str]:
    """The allowed keys of the table at ``place``, empty when they are unknown."""
    found: type[BaseModel] | Choice | None = root
    node: Any = document
    for step in (*place, None):
        if isinstance(step, int):
            node = node[step]
            continue
        model = found.model(node, kinds) if isinstance(found, Choice) else found
        if model is None:
            return []
        if step is None:
            return [field.alias or name for name, field in model.model_fields.items()]
        field = next((f for name, f in model.model_fields.items() if (f.alias or name) == step), None)
        if field is None:
            return []
        found = _table_of(Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation)
        node = node[step]
    return []


def _table_of(annotation: Any) -> type[BaseModel] | Choice | None:
    """The model or the `Choice` inside an annotation, None without one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, Choice):
        return annotation
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        inner = (*(a for a in inner if isinstance(a, Choice)), *inner)
    return next((found for each in inner if (found := _table_of(each)) is not None), None)
