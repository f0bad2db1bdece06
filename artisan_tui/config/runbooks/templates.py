"""Templates of runbooks: sandboxed Jinja2 that can look up values and little else.

Jinja2 is imported by the first template. What is refused is refused when the file is read, where that can be known:
whatever renders something else than it seems to, and whatever hides that a value is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from artisan_tui.config.runbooks.fields import LONGEST, is_template

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

ROOTS: Final = frozenset({"params", "steps", "vars", "env_name", "target", "run_id"})
#: Names that mean something else in a template: methods of a table, words of the language, the roots.
RESERVED: Final = frozenset(
    (
        *(*ROOTS, *dir({}), "and", "or", "not", "in", "is", "if", "else", "elif", "endif", "for", "endfor"),
        *("true", "false", "none", "True", "False", "None", "loop", "self", "super", "caller", "range", "dict", "list"),
        *("set", "lipsum", "cycler", "joiner", "namespace", "block", "extends", "include", "import", "macro"),
        *("call", "filter", "with"),
    )
)
FILTERS: Final = ("lower", "upper", "trim", "join", "length", "round", "abs", "first", "last", "urlencode", "replace")
TESTS: Final = ("eq", "ne", "lt", "le", "gt", "ge", "in", "true", "false", "==", "!=", "<", "<=", ">", ">=")
#: Around the reference of a secret in a rendered text. The value is put there just before the step is started.
OPEN, CLOSE = "\u27e6", "\u27e7"


class TemplateRefused(Exception):
    """A template cannot be rendered. ``what`` is wrong, ``mend`` is the correction."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}: {mend}")
        self.what, self.mend = what, mend


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A secret in a template: its reference, never its value."""

    reference: str


@dataclass(frozen=True, slots=True)
class Values:
    """What a template is rendered with. ``params`` has the references of secrets as `SecretValue`."""

    params: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    env_name: str = ""
    target: str = ""
    run_id: str = ""

    def names(self) -> dict[str, Any]:
        own = {"params": self.params, "steps": self.steps, "vars": self.vars}
        return {**self.vars, **own, "env_name": self.env_name, "target": self.target, "run_id": self.run_id}


def render(text: str, values: Values) -> Any:
    """The text with its values. A lone ``{{ x }}`` keeps the type of x. Raises TemplateRefused.

    What is filled in is never rendered again.
    """
    if not is_template(text):
        return text
    from jinja2 import TemplateError

    sandbox = environment()
    try:
        lone = _lone(text)
        if lone is not None:
            found = sandbox.compile_expression(lone, undefined_to_none=False)(**values.names())
            return _plain(found) if isinstance(found, SecretValue) else _shown(found)
        rendered = sandbox.from_string(text).render(**values.names())
    except TemplateRefused:
        raise
    except TemplateError as error:
        raise TemplateRefused(str(error)[:300], "correct the template") from None
    except (TypeError, ValueError, ArithmeticError, MemoryError, RecursionError) as error:
        raise TemplateRefused(f"cannot be rendered: {type(error).__name__}", "correct the template") from None
    if len(rendered) > LONGEST:
        raise TemplateRefused("renders more than 64 KiB", "write less, or give the step a file")
    return rendered


def render_value(value: Any, values: Values) -> Any:
    """Every text in a JSON value, rendered."""
    if isinstance(value, str):
        return render(value, values)
    if isinstance(value, Mapping):
        return {str(key): render_value(each, values) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return tuple(render_value(each, values) for each in value)
    return value


def holds(expression: str, values: Values) -> bool:
    """Whether a ``when`` is met. Raises TemplateRefused, also for what is neither true nor false."""
    if not expression.strip():
        return True
    found = render("{{ " + bare(expression) + " }}", values)
    if not isinstance(found, bool):
        raise TemplateRefused(f"{expression[:80]!r} is neither true nor false", "write a comparison, like params.n > 1")
    return found


def uses_values(text: str) -> bool:
    """Whether a template fills in anything that is not written in the file: parameters or captured values."""
    return is_template(text) and any(root in text for root in ("params", "steps"))


def bare(expression: str) -> str:
    """An expression without the braces that somebody wrote around it."""
    text = expression.strip()
    return text[2:-2].strip() if text.startswith("{{") and text.endswith("}}") else text


def _lone(text: str) -> str | None:
    """The expression of a template that is nothing but one ``{{ }}``, else None."""
    from jinja2 import nodes

    stripped = text.strip()
    if not (stripped.startswith("{{") and stripped.endswith("}}")):
        return None
    tree = environment().parse(stripped)
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output) or len(tree.body[0].nodes) != 1:
        return None
    return stripped[2:-2].strip(" \n\t-+")


def _plain(secret: SecretValue) -> str:
    return f"{OPEN}{secret.reference}{CLOSE}"


def _shown(value: Any) -> Any:
    """``value`` where it is shown. Raises TemplateRefused for what has no one spelling."""
    from jinja2 import Undefined
    from jinja2.exceptions import UndefinedError

    if isinstance(value, Undefined):
        raise TemplateRefused(str(UndefinedError(value._undefined_message)), "give it a value")
    if isinstance(value, SecretValue):
        return _plain(value)
    if value is None or isinstance(value, list | tuple | Mapping) or not isinstance(value, str | int | float | bool):
        sort = "nothing" if value is None else "a table" if isinstance(value, Mapping) else "a list"
        raise TemplateRefused(f"the value is {sort}, not a text or a number", "add | join(' ') or | tojson")
    if isinstance(value, str):
        if OPEN in value or CLOSE in value:
            raise TemplateRefused(f"the value has {OPEN} or {CLOSE} in it, which are kept for secrets", "remove them")
        if len(value) > LONGEST:
            raise TemplateRefused("the value has more than 64 KiB", "give the step a file")
    return value


def _spelled(value: Any) -> Any:
    shown = _shown(value)
    return ("true" if shown else "false") if isinstance(shown, bool) else shown


def _tojson(value: Any) -> str:
    if isinstance(value, SecretValue):
        raise TemplateRefused("a secret is not written as JSON", "fill it in as it is")
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_not_json)


def _not_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TemplateRefused("the value cannot be written as JSON", "write one of its values")


@cache
def environment() -> SandboxedEnvironment:
    """The one environment; making it imports Jinja2."""
    from jinja2 import StrictUndefined, Undefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Lookups(ImmutableSandboxedEnvironment):
        """Looks values up in tables and lists; an object's attributes are never reached."""

        intercepted_binops = frozenset({"*", "**", "+", "%"})

        def getattr(self, obj: Any, attribute: str) -> Any:
            return self.getitem(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if isinstance(obj, Mapping) and argument in obj:
                return obj[argument]
            if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
                return obj[argument]
            if isinstance(obj, Undefined) and obj._undefined_hint is not None:
                return self.undefined(hint=obj._undefined_hint)  # what was missing first
            return self.undefined(hint=f"{str(argument)[:80]} has no value here")

        def is_safe_callable(self, obj: Any) -> bool:
            return False

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (left, right))
            if operator in ("*", "**", "%") and (not numbers or operator == "**"):
                raise TemplateRefused(f"{operator} is for numbers", "write the text itself")
            return super().call_binop(context, operator, left, right)

    made = Lookups(undefined=StrictUndefined, autoescape=False, finalize=_spelled, keep_trailing_newline=True)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS} | {"tojson": _tojson}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made
