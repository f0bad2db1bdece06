"""What is wrong with a template, as far as it can be known before it is rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from artisan_tui.config.runbooks.fields import is_template
from artisan_tui.config.runbooks.templates import CLOSE, FILTERS, OPEN, ROOTS, TESTS, bare, environment
from artisan_tui.config.suggest import closest

if TYPE_CHECKING:
    from jinja2 import nodes

_WHY_NOT: Final = {
    "default": ("hides that a value is missing", "give the parameter a default in [runbook.params]"),
    "d": ("hides that a value is missing", "give the parameter a default in [runbook.params]"),
    "int": ("makes 0 of what is no number", 'declare the parameter with type = "int"'),
    "float": ("makes 0 of what is no number", 'declare the parameter with type = "float"'),
    "attr": ("reaches into the program", "look the value up by its name, like steps.ID.NAME"),
    "format": ("reaches into the program", "write the text with {{ }} in it"),
    "defined": ("hides that a value is missing", "give the parameter a default in [runbook.params]"),
    "undefined": ("hides that a value is missing", "give the parameter a default in [runbook.params]"),
}

#: (what is wrong, how to correct it)
Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a template can use: parameters, secret ones among them, values by step, variables."""

    params: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    steps: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vars: frozenset[str] = frozenset()
    #: Steps that come later, and what they capture.
    later: frozenset[str] = frozenset()


def expression_faults(expression: str, scope: Scope) -> Iterator[Fault]:
    """What is wrong with a ``when``."""
    if expression.strip():
        yield from faults("{{ " + bare(expression) + " }}", scope)


def faults(text: str, scope: Scope, *, secrets: bool = False) -> Iterator[Fault]:
    """What is wrong with a template, as far as it can be known before it is rendered.

    ``secrets``: whether a secret may be filled in here.
    """
    if OPEN in text or CLOSE in text:
        yield f"{OPEN} and {CLOSE} are kept for secrets", "write other brackets"
        return
    if not is_template(text):
        return
    from jinja2 import TemplateError

    try:
        tree = _tree(text)
    except TemplateError as error:
        yield f"this is no template: {str(error)[:200]}", "correct it"
        return
    except RecursionError:
        yield "this template is nested too deeply", "write a simpler one"
        return
    yield from dict.fromkeys(_faults(tree, scope, secrets))


@lru_cache(maxsize=4096)
def _tree(text: str) -> nodes.Template:
    """A runbook is looked at once for every place where it runs."""
    return environment().parse(text)


def _faults(tree: nodes.Template, scope: Scope, secrets: bool) -> Iterator[Fault]:
    from jinja2 import nodes

    allowed = (
        *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Name, nodes.Const, nodes.Getattr),
        *(nodes.Getitem, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
        *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat),
        *(nodes.CondExpr, nodes.Tuple, nodes.List),
    )
    for output in tree.find_all(nodes.Output):
        yield from (fault for each in output.nodes for fault in _shows(each))
    for node in [tree, *tree.find_all(nodes.Node)]:
        if isinstance(node, nodes.Filter):
            yield from _named(node.name, "the filter", (*FILTERS, "tojson"))
        elif isinstance(node, nodes.Test):
            yield from _named(node.name, "the test", TESTS)
        elif isinstance(node, nodes.Call):
            yield "a template calls nothing", "use a filter, such as | join(' '), or capture the value in a step"
        elif isinstance(node, nodes.Pow):
            yield "a template has no powers", "write the number itself"
        elif isinstance(node, nodes.Mul) and any(_is_text(each) for each in (node.left, node.right)):
            yield "a text is repeated", "write it as often as it is needed"
        elif isinstance(node, nodes.Name) and node.name not in ROOTS and node.name not in scope.vars:
            yield from _unbound(node.name, scope)
        elif isinstance(node, nodes.Keyword | nodes.Pair):
            continue
        elif not isinstance(node, allowed):
            name = type(node).__name__.lower()
            yield f"a template has no {name}", "write {{ }} with a value, or {% if %}"
        yield from _lookups(node, scope, secrets)


def _is_text(node: nodes.Node) -> bool:
    from jinja2 import nodes

    return isinstance(node, nodes.List | nodes.Tuple) or (isinstance(node, nodes.Const) and isinstance(node.value, str))


def _named(name: str, what: str, allowed: tuple[str, ...]) -> Iterator[Fault]:
    if name in allowed:
        return
    why, mend = _WHY_NOT.get(name, ("is not allowed", f"allowed are {', '.join(allowed)}"))
    yield f"{what} {name[:40]!r} {why}", mend


def _shows(node: nodes.Node) -> Iterator[Fault]:
    """A whole table or a list would be shown as the program writes it."""
    from jinja2 import nodes

    whole = isinstance(node, nodes.Name) and node.name in ("params", "steps", "vars")
    path = _path(node)
    step = path is not None and len(path) == 2 and path[0] == "steps"
    if whole or step:
        yield "a whole table is shown", "write one of its values, like steps.ID.NAME, or add | tojson"
    elif isinstance(node, nodes.List | nodes.Tuple | nodes.Dict):
        yield "a list is shown as the program writes it", "add | join(' ') or | tojson"


def _lookups(node: nodes.Node, scope: Scope, secrets: bool) -> Iterator[Fault]:
    path = _path(node)
    if path is None or len(path) < 2:
        return
    root, name = path[0], path[1]
    if name.startswith("_") or (len(path) > 2 and path[-1].startswith("__")):
        yield f"{'.'.join(path)[:80]} reaches into the program", "look a value up by its name"
    elif root == "params" and len(path) == 2:
        if name not in scope.params:
            yield from _unknown(f"params.{name}", "parameter", scope.params)
        elif name in scope.secrets and not secrets:
            yield (
                f"the secret params.{name} would be seen here",
                "give it in an environment variable (env), a header, stdin or the body of a request",
            )
    elif root == "vars" and len(path) == 2 and name not in scope.vars:
        yield from _unknown(f"vars.{name}", "variable", scope.vars)
    elif root == "steps" and len(path) == 2:
        if name in scope.later:
            yield f"steps.{name} comes later", "use what an earlier step captured"
        elif name not in scope.steps:
            yield from _unknown(f"steps.{name}", "earlier step", scope.steps)
    elif root == "steps" and len(path) == 3 and name in scope.steps and path[2] not in scope.steps[name]:
        known = ", ".join(sorted(scope.steps[name]))
        has = f"it captures {known}" if known else "it captures nothing"
        yield f"steps.{name}.{path[2][:60]} is not captured", f'{has}: add capture = {{ {path[2][:60]} = "…" }} to it'


def _unknown(what: str, sort: str, known: Any) -> Iterator[Fault]:
    near = closest(what.partition(".")[2], known)
    root = what.partition(".")[0]
    mend = (
        f"did you mean {root}.{near}?" if near else f"known are {', '.join(sorted(known)[:20])}" if known else "add it"
    )
    yield f"there is no {sort} {what[:80]}", mend


def _unbound(name: str, scope: Scope) -> Iterator[Fault]:
    for root, known in (("params", scope.params), ("steps", frozenset(scope.steps))):
        if name in known:
            yield f"{name} is not bound", f"write {root}.{name}"
            return
    yield f"{name[:80]} is not bound", f"add it to [vars], or to [runbook.params] and write params.{name[:80]}"


def _path(node: nodes.Node) -> list[str] | None:
    """["steps", "a", "b"] of ``steps.a.b`` or ``steps["a"].b``; None for anything else."""
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return None if before is None else [*before, node.attr]
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        before = _path(node.node)
        return None if before is None else [*before, str(node.arg.value)]
    return None
