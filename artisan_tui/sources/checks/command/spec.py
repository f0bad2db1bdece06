"""The configuration keys of the kind command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainSerializer, PlainValidator, ValidationInfo, WithJsonSchema

from artisan_tui.config.base import PathText
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.config.secret import Secret
from artisan_tui.config.secret_fields import parse_secret
from artisan_tui.domain.condition import Condition, parse_condition
from artisan_tui.domain.text.printable import printable

_DEFAULT = (parse_condition("exit == 0"),)
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SENSITIVE = re.compile(r"(token|secret|passw|api_?key|credential)(?!.*_(file|path|dir)$)", re.IGNORECASE)
#: "env:prod" can be an image tag. After a "=" only an upper-case name counts as a reference.
_REFERENCE = re.compile(r"env:[A-Za-z_]\w*|file:(?!//).+|[^=]+=(env:[A-Z_][A-Z0-9_]*|file:(?!//).+)", re.ASCII)
_OPTION = re.compile(r"--?[\w-]*(token|secret|passw(or)?d|api[-_]?key)=.+", re.IGNORECASE | re.DOTALL)
_BY_ENV = 'pass it by env: env = { TOKEN = "env:TOKEN" }'


def _argv(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise Mistake("the program must be a list, not a shell command line", 'write run = ["pg_isready", "-h", "db"]')
    if not value:
        raise Mistake("there is nothing to run", 'write run = ["pg_isready", "-h", "db"]')
    for index, each in enumerate(value):
        if not isinstance(each, str) or "\0" in each:
            raise Mistake("an argument is text", 'put it in quotes, numbers too: ["sleep", "1"]', (index,))
        if _REFERENCE.fullmatch(each):
            raise Mistake("all users of this machine can read program arguments, including secrets", _BY_ENV, (index,))
        if _OPTION.fullmatch(each):
            raise Mistake("the file must not contain a literal secret", _BY_ENV, (index,))
    if not value[0].strip():
        raise Mistake("the program has no name", "write its name or path first", (0,))
    return tuple(value)


def _environment(value: object, info: ValidationInfo) -> dict[str, str | Secret]:
    if not isinstance(value, Mapping):
        raise Mistake("env is a table", 'write env = { PGUSER = "artisan" }')
    return {str(name): _variable(str(name), each, info) for name, each in value.items()}


def _variable(name: str, value: object, info: ValidationInfo) -> str | Secret:
    if not _ENV_NAME.fullmatch(name):
        raise Mistake("this is not a variable's name", "write letters, digits and _ only", (name,))
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or "\0" in value:
        raise Mistake("a variable's value is text", "put it in quotes", (name,))
    try:
        if value.startswith(("env:", "file:")) or _SENSITIVE.search(name):
            return parse_secret(value, info)
    except Mistake as fault:
        raise Mistake(fault.what, fault.mend, (name,)) from None
    return value


Argv = Annotated[
    tuple[str, ...],
    PlainValidator(_argv),
    PlainSerializer(list, return_type=list[str]),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "minItems": 1, "examples": [["pg_isready"]]}),
]
Environment = Annotated[
    dict[str, str | Secret],
    PlainValidator(_environment),
    PlainSerializer(lambda e: {k: str(v) for k, v in e.items()}, return_type=dict[str, str]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]


class CommandSpec(CheckSpec):
    """A program that must succeed. Without ``expect``, the exit status must be 0."""

    kind: Annotated[Literal["command"], Field(description="Run a program")] = "command"
    run: Annotated[Argv, Field(description='The program and its arguments: ["pg_isready", "-h", "db"]; no shell')]
    # The directory in which artisan-tui was started must not decide which program runs.
    cwd: Annotated[
        PathText, Field(validate_default=True, description="Working directory; default: the directory of this file")
    ] = "."
    env: Environment = Field(
        default_factory=dict,
        description='Environment variables besides PATH, HOME, LANG and TZ; "env:X" and "file:P" reference secrets',
    )

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"exit", "stdout", "body", "value", "latency"})

    def effective(self) -> tuple[Condition, ...]:
        return self.expect or _DEFAULT

    def reads_output(self) -> bool:
        """Whether a condition reads stdout."""
        return any(c.root in {"stdout", "body", "value"} for _, c in self.conditions())

    @property
    def target(self) -> str:
        return printable(self.query, 300)

    @property
    def query(self) -> str:
        """The command as typed in a shell."""
        return shlex.join(self.run)
