"""The pages of the manual about configuration files: every key of a JSON Schema as Markdown.

What several kinds of a table have in common is said once. A table that was described already is named, not repeated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]
#: Tables below another one: (path, node, heading).
Below = list[tuple[str, Node, str]]
_PLACE = re.compile(r"\[+[a-z_.]+\]+")


class ConfigPage:
    """The page of one schema. ``example`` is the head of a table in the file, such as ``[[service]]``."""

    def __init__(self, schema: Node) -> None:
        self._schema = schema
        #: Where each table was described, by its schema; which other places were said to be like it.
        self._bodies: dict[str, str] = {}
        self._named: set[tuple[str, str]] = set()
        #: What was said of each kind.
        self._kinds_said: dict[str, list[frozenset[str]]] = {}

    def lines(self) -> Iterator[str]:
        yield from self._table("", self._schema, "At the top of the file")

    def _table(self, path: str, node: Node, heading: str) -> Iterator[str]:
        node = self._resolved(node)
        yield f"## {heading}"
        yield ""
        if node.get("description") and path:
            yield _sentence(node["description"])
            yield ""
        below = yield from self._rows(path, node.get("properties", {}), node.get("required", ()))
        for place, each, name in below:
            yield from self._below(place, each, name)

    def _rows(self, path: str, properties: Mapping[str, Node], required: Sequence[str]) -> Generator[str, None, Below]:
        """The keys of a table; returns the tables below it."""
        below: Below = []
        if properties:
            yield "| key | value | default | meaning |"
            yield "|---|---|---|---|"
        for key, raw in properties.items():
            node = self._resolved(raw)
            place = f"{path}.{key}" if path else key
            value = self._value(node)
            if _is_table(node):
                below.append((place, raw, f"[{place}]"))
                value = f"a table, see `[{place}]`"
            elif node.get("type") == "array" and _is_table(self._resolved(node.get("items", {}))):
                below.append((place, node["items"], f"[[{place}]]"))
                value = f"tables, see `[[{place}]]`"
            elif (named := self._named_tables(node)) is not None:
                below.append((f"{place}.NAME", named, f"[{place}.NAME]"))
                value = f"tables by name, see `[{place}.NAME]`"
            default = "required" if key in required else _default(node)
            yield f"| `{key}` | {value} | {default} | {_sentence(node.get('description', ''))} |"
        if properties:
            yield ""
        return below

    def _below(self, path: str, raw: Node, heading: str) -> Iterator[str]:
        node = self._resolved(raw)
        body = json.dumps(node, sort_keys=True)
        said = self._bodies.get(body)
        if said is not None:
            if (said, heading) not in self._named and said != heading:
                self._named.add((said, heading))
                yield from (f"## {heading}", "", f"The keys of `{said}`.", "")
            return
        self._bodies[body] = heading
        if "oneOf" in node or "anyOf" in node:
            yield from self._kinds(path, node.get("oneOf") or node["anyOf"], heading)
        else:
            yield from self._table(path, node, heading)

    def _kinds(self, path: str, variants: Sequence[Node], heading: str) -> Iterator[str]:
        """A table of several kinds: the keys of all of them, then those of each."""
        tables = [table for each in variants if _is_table(table := self._resolved(each))]
        shared = _shared([table.get("properties", {}) for table in tables])
        yield from (f"## {heading}", "")
        below: Below = []
        if shared:
            yield from ("Keys of every kind:", "")
            needed = set.intersection(*(set(each.get("required", ())) for each in tables))
            below += yield from self._rows(path, shared, tuple(needed))
        as_before: list[str] = []
        for each in tables:
            properties = each.get("properties", {})
            kind = self._resolved(properties.get("kind", {})).get("enum", [""])[0]
            own = {key: node for key, node in properties.items() if shared.get(key) != node and key != "kind"}
            rows, more = _collected(self._rows(path, own, each.get("required", ())))
            facts = frozenset(_fact(row) for row in rows)
            earlier = self._kinds_said.setdefault(kind, [])
            if kind and any(facts <= before for before in earlier):
                as_before.append(kind)
                below += more
                continue
            earlier.append(facts)
            title = f'{heading} kind = "{kind}"' if kind else f"{heading} with {', '.join(each.get('required', ()))}"
            yield from (f"### {title}", "")
            about = each.get("description") or properties.get("kind", {}).get("description", "")
            if about:
                yield from (_sentence(about), "")
            yield from rows
            below += more
        if as_before:
            yield from (
                f"Other kinds, with the keys they have above: {', '.join(f'`{kind}`' for kind in as_before)}.",
                "",
            )
        for place, raw, name in below:
            yield from self._below(place, raw, name)

    def _named_tables(self, node: Node) -> Node | None:
        """What each value of a table of names is, where that is a table."""
        candidates = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
        return next((each for each in candidates if isinstance(each, dict) and _is_table(self._resolved(each))), None)

    def _resolved(self, node: Node) -> Node:
        """``node`` with what it refers to; its own description wins."""
        while True:
            if "$ref" in node:
                target = self._schema["definitions"][node["$ref"].rsplit("/", 1)[1]]
                node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
            elif len(node.get("allOf", ())) == 1:
                rest = {key: value for key, value in node.items() if key != "allOf"}
                node = {**self._resolved(node["allOf"][0]), **rest}
            else:
                return node

    def _value(self, node: Node) -> str:
        """What is written behind the key."""
        node = self._resolved(node)
        if "enum" in node:
            return " ".join(f"`{_toml(each)}`" for each in node["enum"])
        for name in ("oneOf", "anyOf"):
            if name in node:
                return _either(self._value(each) for each in node[name])
        kind = node.get("type", "")
        if isinstance(kind, list):
            return _either(self._value({**node, "type": each}) for each in kind)
        if kind == "array":
            inner = self._value(node.get("items", {}))
            return f"list of {inner}"
        if kind == "object":
            return "table of names and values"
        said = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
        return said.get(kind, "value") + _range(node)


def _shared(kinds: Sequence[Mapping[str, Node]]) -> dict[str, Node]:
    """The keys that mean the same in every kind. Where a default differs, the most frequent one is theirs."""
    if len(kinds) < 2:
        return {}
    found = {}
    for key, node in kinds[0].items():
        others = [each.get(key, {}) for each in kinds]
        if key == "kind" or any(_without_default(each) != _without_default(node) for each in others):
            continue
        found[key] = max(others, key=lambda each: sum(each == other for other in others))
    return found


def _without_default(node: Node) -> Node:
    return {key: value for key, value in node.items() if key != "default"}


def _collected(rows: Generator[str, None, Below]) -> tuple[list[str], Below]:
    """The lines of ``rows``, and what it returned."""
    lines = []
    while True:
        try:
            lines.append(next(rows))
        except StopIteration as end:
            return lines, end.value


def _fact(row: str) -> str:
    """A row without the name of the place that it is in."""
    return _PLACE.sub("[]", row)


def _is_table(node: Node) -> bool:
    if "properties" in node:
        return True
    variants = node.get("oneOf") or node.get("anyOf") or ()
    return bool(variants) and all("$ref" in each or "properties" in each for each in variants)


def _either(values: Iterator[str]) -> str:
    return " or ".join(dict.fromkeys(values))


def _range(node: Node) -> str:
    least, most = node.get("minimum"), node.get("maximum")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" from {least}"
    return f" up to {most}" if most is not None else ""


def _default(node: Node) -> str:
    if "default" not in node or isinstance(node["default"], dict) or node["default"] in (None, [], ""):
        return ""
    return f"`{_toml(node['default'])}`"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sentence(text: str) -> str:
    """A description in a cell of a table: one line, no reStructuredText."""
    return " ".join(text.replace("``", "`").split()).replace("|", "\\|")
