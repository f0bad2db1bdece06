"""Untrusted YAML -> a tree with the line of every value and the exact text of every number.

PyYAML composes the nodes, and no Python objects are constructed. Text that is nested too deeply, refers to itself or
expands too much is refused before it uses much memory. Raises ConfigError with the line. One refusal refuses the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn

import yaml
from yaml.composer import Composer

from artisan_tui.config.problems import ConfigError, Problem

#: Limits: characters, nested levels, nodes (with aliases expanded). A thousand SLOs need about a tenth of them.
LARGEST, DEEPEST, MOST = 1_000_000, 40, 100_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}
#: The parser of libyaml, when PyYAML has it. It gives the same events ten times as fast.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The composer of libyaml is in C and cannot be limited, so the one of PyYAML is used. SafeLoader has it already.
_Composing: Any = _Safe if issubclass(_Safe, Composer) else type("_Composing", (Composer, _Safe), {})
#: Tags that do not change the value.
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its line. ``text`` is the text of a scalar, None for others. ``plain`` means without quotes."""

    line: int
    text: str | None = None
    plain: bool = False
    fields: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    items: tuple[Node, ...] = ()
    kind: str = "scalar"
    weight: int = 1

    @property
    def is_null(self) -> bool:
        return self.kind == "scalar" and self.plain and self.text in _NULL

    @property
    def boolean(self) -> bool | None:
        """The value as a boolean, None when it is not one."""
        return _BOOLEANS.get((self.text or "").lower()) if self.plain else None

    @property
    def number(self) -> Decimal | None:
        """The exact value as a number, None when it is not one."""
        text = (self.text or "").strip()
        return Decimal(text) if _NUMBER.fullmatch(text) else None

    def get(self, key: str) -> Node | None:
        """The value of ``key`` in a mapping, None when it is missing or null."""
        found = self.fields.get(key)
        return None if found is None or found.is_null else found


def documents(text: str, name: str) -> list[Node]:
    """Every document in ``text`` that is not empty. ``name`` is the file name for errors."""
    if len(text) > LARGEST:
        _refuse(name, None, f"larger than {LARGEST // 1_000_000} MB", "split it into several files")
    try:
        loader = _Loader(text, name)
        try:
            found = [_Tree(name).node(each) for each in loader.composed()]
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or str(error).partition("\n")[0]
        _refuse(
            name,
            mark.line + 1 if mark is not None else None,
            f"not YAML: {what}",
            "correct the line or the one before it",
        )
    return [node for node in found if not node.is_null]


def _refuse(name: str, line: int | None, what: str, mend: str) -> NoReturn:
    raise ConfigError([Problem(name, line, "", what, mend)])


def _refuse_many(name: str, line: int) -> NoReturn:
    _refuse(name, line, f"more than {MOST} values, with every alias unfolded", "split it into several files")


class _Loader(_Composing):  # type: ignore[misc]  # chosen while running
    """The composer of PyYAML on the safe loader. The limits are checked before each node is composed."""

    def __init__(self, text: str, name: str) -> None:
        _Safe.__init__(self, text)
        Composer.__init__(self)
        self._name, self._depth, self._count = name, 0, 0
        self._begun: set[str] = set()

    def composed(self) -> Iterator[Any]:
        while self.check_node():
            self._count = 0
            yield self.get_node()

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        line, anchor = event.start_mark.line + 1, event.anchor
        if isinstance(event, yaml.AliasEvent):
            if anchor not in self.anchors or anchor in self._begun:
                what = f"*{anchor[:80]} names no anchor that ended above"
                _refuse(self._name, line, what, "define &anchor before its alias")
            return super().compose_node(parent, index)
        if event.tag is not None and event.tag != "!" and event.tag not in _TAGS:
            _refuse(self._name, line, f"the tag {event.tag[:80]!r} is not read", "write plain values without tags")
        self._count += 1
        if self._count > MOST:
            _refuse_many(self._name, line)
        if self._depth > DEEPEST or (self._depth == DEEPEST and not isinstance(event, yaml.ScalarEvent)):
            _refuse(self._name, line, f"nested more than {DEEPEST} levels deep", "write it flatter")
        self.anchors.pop(anchor, None)  # YAML allows to redefine an anchor, PyYAML does not
        self._depth += 1
        self._begun.add(anchor)
        node = super().compose_node(parent, index)
        self._begun.discard(anchor)
        self._depth -= 1
        return node


class _Tree:
    """The nodes of one document of PyYAML as `Node`. An alias is its node, and counts in the limits each time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._made: dict[int, Node] = {}

    def node(self, each: yaml.Node) -> Node:
        if id(each) not in self._made:
            self._made[id(each)] = self._node(each)
        return self._made[id(each)]

    def _node(self, each: Any) -> Node:
        line = each.start_mark.line + 1
        if isinstance(each, yaml.SequenceNode):
            items = tuple(self.node(one) for one in each.value)
            return Node(line, items=items, kind="list", weight=self._weight(line, items))
        if isinstance(each, yaml.MappingNode):
            pairs = [(self.node(key), self.node(value)) for key, value in each.value]
            weight = self._weight(line, [one for pair in pairs for one in pair])
            return Node(line, fields=self._fields(pairs), kind="mapping", weight=weight)
        return Node(line, each.value, plain=not each.style)

    def _weight(self, line: int, inside: Sequence[Node]) -> int:
        """The number of nodes in a node that contains ``inside``, checked against the limit."""
        weight = 1 + sum(one.weight for one in inside)
        if weight > MOST:
            _refuse_many(self._name, line)
        return weight

    def _fields(self, pairs: list[tuple[Node, Node]]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        lines: dict[str, int] = {}
        merged: list[Node] = []
        for key, value in pairs:
            if key.text is None:
                _refuse(self._name, key.line, "a key is a table or a list", "write a word and a colon")
            if key.text == "<<" and key.plain:
                merged += value.items if value.kind == "list" else (value,)
                continue
            if key.text in found:
                what = f"`{key.text[:80]}` stands here a second time, first on line {lines[key.text]}"
                _refuse(self._name, key.line, what, "keep one of the two")
            found[key.text], lines[key.text] = value, key.line
        for each in merged:
            if each.kind != "mapping":
                _refuse(self._name, each.line, "only a mapping can be merged with <<", "name an anchor of a mapping")
            for name, value in each.fields.items():
                found.setdefault(name, value)
        return found
