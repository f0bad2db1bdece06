"""Find the value of ``body.PATH`` in a document.

The path is a JMESPath. Its library does not distinguish null from a value that does not exist, so names, indexes and
pipes are followed here; what is between them is searched by the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from artisan_tui.domain.probe_result import MISSING
from artisan_tui.sources.body import Body

_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)
#: Nodes of a parsed path whose parts are followed one after the other.
_CHAINS = frozenset({"subexpression", "index_expression", "pipe"})


def search(path: str, document: object) -> object:
    """The value at ``path`` in ``document``, or MISSING. Raises nothing for any content of the document."""
    if isinstance(document, Body):
        document = document.document
    if not _DOTTED.fullmatch(path):
        return _compiled(path)(document)
    for name in path.split("."):
        if not isinstance(document, dict) or name not in document:
            return MISSING
        document = document[name]
    return document


@lru_cache(maxsize=2048)
def _compiled(path: str) -> Callable[[object], object]:
    from jmespath.exceptions import JMESPathError
    from jmespath.visitor import TreeInterpreter

    try:
        expression, options = _expression(path)
    except (JMESPathError, RecursionError, ArithmeticError, ValueError):
        return lambda document: MISSING  # the configuration refuses such a path, other callers may not

    def find(document: object) -> object:
        try:
            return _follow(expression.parsed, document, TreeInterpreter(options))
        # A wrong type for a function, an invalid number or excessive depth: there is no value.
        except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError, LookupError):
            return MISSING

    return find


def _follow(node: Any, value: object, interpreter: Any) -> object:
    """The value of ``node`` in ``value``: None for null, MISSING for what does not exist."""
    kind = node["type"]
    if kind in _CHAINS:
        for child in node["children"]:
            value = _follow(child, value, interpreter)
            if value is MISSING:
                return MISSING
        return value
    if kind in {"identity", "current"}:
        return value
    if kind == "field":
        return value.get(node["value"], MISSING) if isinstance(value, dict) else MISSING
    if kind == "index":
        index = node["value"]
        inside = isinstance(value, list) and -len(value) <= index < len(value)
        return value[index] if isinstance(value, list) and inside else MISSING
    found = interpreter.visit(node, value)
    return MISSING if found is None else found


def _expression(path: str) -> tuple[Any, Any]:
    """The compiled path, and JMESPath options with functions that accept Decimal."""
    import jmespath
    from jmespath import functions

    class Exact(functions.Functions):
        """JMESPath checks numbers by type name. Its own ``to_number`` would turn Decimal 10.9 into 10."""

        def _get_allowed_pytypes(self, current: Any) -> Any:
            types, subtypes = super()._get_allowed_pytypes(current)  # type: ignore[misc]  # missing in the stubs
            return _with_decimal(types), [_with_decimal(each) for each in subtypes]

        def _convert_to_jmespath_type(self, pyobject: str) -> Any:
            return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)  # type: ignore[misc]

        @functions.signature({"types": []})
        def _func_to_number(self, arg: object) -> object:
            if isinstance(arg, bool) or not isinstance(arg, int | Decimal | str):
                return None
            return Decimal(arg) if isinstance(arg, str) else arg

    expression = jmespath.compile(path)
    _exact(expression.parsed)
    return expression, jmespath.Options(custom_functions=Exact())


def _with_decimal(names: Any) -> Any:
    return [*names, "Decimal"] if "float" in names else names


def _exact(node: Any) -> None:
    """Replace float literals such as ``0.1`` by Decimal, because a float 0.1 equals no Decimal."""
    if isinstance(node, dict):
        if node.get("type") == "literal" and isinstance(node.get("value"), float):
            node["value"] = Decimal(repr(node["value"]))
        for child in node.get("children", ()):
            _exact(child)
