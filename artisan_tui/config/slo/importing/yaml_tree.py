"""YAML from strangers -> a tree that knows its lines and the exact text of every number.

Built from the parser's events, so that nothing is constructed, no alias is unfolded before it is counted, and
depth costs no stack. Raises ConfigError with the line; what is refused here, the whole file is refused for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NoReturn

from artisan_tui.config.problems import ConfigError, Problem

#: Characters, nested levels, nodes (with every alias unfolded). A thousand SLOs need about a tenth.
LARGEST, DEEPEST, MOST = 1_000_000, 40, 100_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}
#: Tags that say what the text says anyway.
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value at a line. ``text`` is a scalar's, None for a mapping or a list; ``plain``: it stood without quotes."""

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
        """None when it is not one."""
        return _BOOLEANS.get((self.text or "").lower()) if self.plain else None

    @property
    def number(self) -> Decimal | None:
        """Exactly as it is written, None when it is not one."""
        text = (self.text or "").strip()
        return Decimal(text) if _NUMBER.fullmatch(text) else None

    def get(self, key: str) -> Node | None:
        """What a mapping has under ``key``, None where there is nothing or null."""
        found = self.fields.get(key)
        return None if found is None or found.is_null else found


def documents(text: str, name: str) -> list[Node]:
    """Every document in ``text`` that holds anything. ``name`` is the file's, for errors."""
    if len(text) > LARGEST:
        _refuse(name, None, f"larger than {LARGEST // 1_000_000} MB", "split it into several files")
    import yaml  # only who imports SLOs pays for it

    try:
        # The events are all that is wanted of it; libyaml's are the same, ten times faster.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        found = list(_Builder(name).build(yaml.parse(text, Loader=loader)))
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


@dataclass(slots=True)
class _Open:
    """A mapping or list that has not ended yet."""

    kind: str
    line: int
    anchor: str | None
    children: list[Node] = field(default_factory=list)


class _Builder:
    def __init__(self, name: str) -> None:
        self._name = name
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def build(self, events: Any) -> Iterator[Node]:
        from yaml import events as kinds

        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, kinds.DocumentStartEvent):
                self._anchors, self._count = {}, 0
                continue
            if isinstance(event, kinds.AliasEvent):
                done = self._alias(event.anchor, line)
            elif isinstance(event, kinds.ScalarEvent):
                self._tag(event.tag, line)
                done = Node(line, event.value, plain=not event.style)
                self._keep(event.anchor, done)
            elif isinstance(event, kinds.MappingStartEvent | kinds.SequenceStartEvent):
                self._tag(event.tag, line)
                self._begin("mapping" if isinstance(event, kinds.MappingStartEvent) else "list", event.anchor, line)
                continue
            elif isinstance(event, kinds.MappingEndEvent | kinds.SequenceEndEvent):
                done = self._end()
            else:
                continue
            if self._stack:
                self._stack[-1].children.append(done)
            else:
                yield done

    def _begin(self, kind: str, anchor: str | None, line: int) -> None:
        if len(self._stack) >= DEEPEST:
            _refuse(self._name, line, f"nested more than {DEEPEST} levels deep", "write it flatter")
        self._stack.append(_Open(kind, line, anchor))

    def _end(self) -> Node:
        ended = self._stack.pop()
        weight = 1 + sum(child.weight for child in ended.children)
        if ended.kind == "list":
            node = Node(ended.line, items=tuple(ended.children), kind="list", weight=weight)
        else:
            node = Node(ended.line, fields=self._pairs(ended.children), kind="mapping", weight=weight)
        self._keep(ended.anchor, node)
        return node

    def _pairs(self, children: list[Node]) -> dict[str, Node]:
        found: dict[str, Node] = {}
        lines: dict[str, int] = {}
        merged: list[Node] = []
        for key, value in zip(children[::2], children[1::2], strict=True):
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

    def _alias(self, anchor: str | None, line: int) -> Node:
        if anchor is None or anchor not in self._anchors:
            _refuse(
                self._name,
                line,
                f"*{(anchor or '')[:80]} names no anchor that ended above",
                "define &anchor before its alias",
            )
        return self._anchors[anchor]

    def _keep(self, anchor: str | None, node: Node) -> None:
        self._count += 1
        if max(self._count, node.weight) > MOST:
            _refuse(
                self._name,
                node.line,
                f"more than {MOST} values, with every alias unfolded",
                "split it into several files",
            )
        if anchor is not None:
            self._anchors[anchor] = node

    def _tag(self, tag: str | None, line: int) -> None:
        if tag is not None and tag != "!" and tag not in _TAGS:
            _refuse(self._name, line, f"the tag {tag[:80]!r} is not read", "write plain values without tags")
