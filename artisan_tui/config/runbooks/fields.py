"""Types of values in `runbooks.toml`. Any text of a step's body can be a template; a number can be one, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

from artisan_tui.config.base import read_condition, read_span
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import Secret
from artisan_tui.config.secret_fields import parse_secret

#: Characters of one template, before it is rendered.
LONGEST = 64 * 1024
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_CAPTURE = re.compile(
    r"body(?:[.\[].+)?|stdout(?:\s*~\s*\S.*)?|exit|status|value|rows|header\.[\w-]+", re.ASCII | re.DOTALL
)
_COMPARES = re.compile(r"(==|!=|<=|>=|<|>|~)")


def is_template(value: object) -> bool:
    """Whether a text has anything that rendering would change."""
    return isinstance(value, str) and any(mark in value for mark in ("{{", "{%", "{#"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Mistake("this must be text", "put it in quotes")
    if len(value) > LONGEST:
        raise Mistake("this text is too long", "write at most 64 KiB")
    if "\0" in value:
        raise Mistake("this text has a null character", "remove it")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise Mistake("this text is empty", "write something, or remove the key")
    return value


def _count(value: object) -> int | str:
    if is_template(value):
        return _text(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Mistake("this must be a whole number", 'write digits without quotes, or a template like "{{ params.n }}"')
    if not 0 <= value <= 10_000:
        raise Mistake(f"{value} is not a sensible number", "write one from 0 to 10000")
    return value


def _span_or_template(value: object) -> float | str:
    return _text(value) if is_template(value) else read_span(value)


def _span_text(value: object) -> Any:
    return value


def _expectation(value: object) -> str:
    if is_template(value):
        text = _text(value)
        if _COMPARES.search(text) is None:
            raise Mistake("this is no condition", 'write SUBJECT OP LITERAL, like "value <= {{ params.limit }}"')
        return text
    return read_condition(value).text


def _captures(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Mistake("captures are a table", 'write { before = "body.state" }')
    if len(value) > 20:
        raise Mistake("a step captures 20 values at most", "remove some")
    for name, where in value.items():
        if not _NAME.fullmatch(str(name)):
            raise Mistake("this is no name", "write small letters, digits and _", (str(name),))
        if not isinstance(where, str) or not _CAPTURE.fullmatch(where.strip()):
            mend = 'write "body.PATH", "stdout", "stdout ~ PATTERN", "exit", "status", "value" or "header.NAME"'
            raise Mistake("a captured value is found in the result of the step", mend, (str(name),))
        _, tilde, pattern = where.partition("~")
        if tilde:
            try:
                re.compile(pattern.strip())
            except re.error as error:
                raise Mistake(f"this is no pattern: {error}", "correct it", (str(name),)) from None
    return {str(name): str(where).strip() for name, where in value.items()}


def _reference(value: object, info: ValidationInfo) -> str:
    return str(parse_secret(value, info))


def _environment(value: object, info: ValidationInfo) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Mistake("an environment is a table", 'write { NAME = "value", TOKEN = "env:TOKEN" }')
    found: dict[str, str] = {}
    for name, each in value.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name)):
            raise Mistake("this is no name of a variable", "write letters, digits and _", (str(name),))
        try:
            found[str(name)] = _secret_aware(str(name), each, info)
        except Mistake as mistake:
            raise Mistake(mistake.what, mistake.mend, (str(name),)) from None
    return found


_SENSITIVE = re.compile(r"auth|cookie|token|secret|passw|api[-_]?key|credential|private[-_]?key", re.IGNORECASE)


def sensitive(name: str) -> bool:
    """Whether a field, header or variable of this name holds a secret."""
    return _SENSITIVE.search(name) is not None


def _secret_aware(name: str, value: object, info: ValidationInfo) -> str:
    if isinstance(value, Secret):
        return str(value)
    text = _text(value)
    if text.startswith(("env:", "file:")):
        return _reference(text, info)
    if sensitive(name) and not is_template(text):
        return _reference(text, info)
    return text


def _headers(value: object, info: ValidationInfo) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Mistake("headers are a table", 'write { "X-Scope-OrgID" = "artisan" }')
    found: dict[str, str] = {}
    for name, each in value.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", str(name)):
            raise Mistake("this is not a header's name", "write letters, digits and -", (str(name),))
        try:
            found[str(name)] = _secret_aware(str(name), each, info)
        except Mistake as mistake:
            raise Mistake(mistake.what, mistake.mend, (str(name),)) from None
    return found


def _object_name(value: str) -> str:
    if is_template(value) or re.fullmatch(
        r"(deployment|statefulset|daemonset|pod|job|service|node|ingress|hpa)/\S+", value
    ):
        return value
    raise Mistake(f"{value[:60]!r} is no object", 'write KIND/NAME, like "deployment/artisan-api"')


_STRING = {"type": "string"}
#: Text that can be a template.
TemplateText = Annotated[str, BeforeValidator(_text)]
#: Text that can be a template and is not empty.
FilledText = Annotated[str, BeforeValidator(_text), AfterValidator(_filled)]
#: A count, or a template that gives one.
Count = Annotated[
    int | str,
    BeforeValidator(_count),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10_000}, _STRING]}),
]
#: A duration in seconds, or a template that gives one.
SpanOrTemplate = Annotated[
    float | str,
    BeforeValidator(_span_or_template),
    PlainSerializer(_span_text),
    WithJsonSchema({"type": "string", "examples": ["30s", "{{ params.pause }}"]}),
]
#: A condition, whose literal can be a template. The model holds the text.
Expectation = Annotated[
    str, BeforeValidator(_expectation), WithJsonSchema({"type": "string", "examples": ["status == 200"]})
]
#: Where each captured value is found in the result, by its name.
Captures = Annotated[
    dict[str, str],
    BeforeValidator(_captures),
    WithJsonSchema({"type": "object", "additionalProperties": _STRING}),
]
#: A reference to a secret. The model holds its text.
Reference = Annotated[
    str,
    BeforeValidator(_reference),
    WithJsonSchema({"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"}),
]
#: Environment variables; secrets are references.
Environment = Annotated[
    dict[str, str],
    BeforeValidator(_environment),
    WithJsonSchema({"type": "object", "additionalProperties": _STRING}),
]
#: Headers; secrets are references.
HeaderTable = Annotated[
    dict[str, str], BeforeValidator(_headers), WithJsonSchema({"type": "object", "additionalProperties": _STRING})
]
#: An object of Kubernetes as KIND/NAME.
ObjectName = Annotated[str, BeforeValidator(_text), AfterValidator(_object_name)]
#: The name of a parameter, of a captured value, of a variable.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
