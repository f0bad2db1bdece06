"""PromQL instant selectors: ``name{label="v", other=~"a|b"}``.

A selector is parsed, so that it can both be sent to Prometheus and match series here, and so that a label
value is always quoted correctly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from artisan_tui.domain.pattern import check_label_pattern, matches_label

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*")
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`([^`]*)`')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}


@dataclass(frozen=True, slots=True)
class Matcher:
    label: str
    op: str  # = != =~ !~
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """As in Prometheus, a missing label equals the empty string, and a regular expression matches the whole value."""
        actual = labels.get(self.label, "")
        if self.op == "=":
            return actual == self.value
        if self.op == "!=":
            return actual != self.value
        hit = matches_label(self.value, actual)
        return hit if self.op == "=~" else not hit

    def __str__(self) -> str:
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.label}{self.op}"{quoted}"'


@dataclass(frozen=True, slots=True)
class Selector:
    name: str
    matchers: tuple[Matcher, ...] = ()

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        return name == self.name and all(m.matches(labels) for m in self.matchers)

    def suffixed(self, suffix: str) -> Selector:
        """The same selector with ``suffix`` at the end of the name, unless it is there already."""
        return self if self.name.endswith(suffix) else replace(self, name=self.name + suffix)

    def __str__(self) -> str:
        inside = ",".join(str(m) for m in self.matchers)
        return f"{self.name}{{{inside}}}" if inside else self.name


def parse_selector(text: str) -> Selector:
    """Raises ValueError; its text says what is wrong and where."""
    rest = text.strip()
    name = _NAME.match(rest)
    if name is None:
        raise ValueError(f"{text!r} is not a selector: begin with a metric name, like http_requests_total")
    rest = rest[name.end() :].strip()
    if not rest:
        return Selector(name[0])
    if not (rest.startswith("{") and rest.endswith("}")):
        raise ValueError(
            f'{text!r} is not an instant selector: after the name comes nothing or {{label="value"}}, no function and no [5m]'
        )
    matchers: list[Matcher] = []
    inner, at = rest[1:-1].strip(), 0
    while at < len(inner):
        label = _LABEL.match(inner, at)
        value = _STRING.match(inner, label.end()) if label else None
        if label is None or value is None:
            raise ValueError(f'{text!r}: expected label="value" at {inner[at : at + 20]!r}')
        quoted = value[1] if value[1] is not None else value[2]
        plain = value[3] if quoted is None else _unescape(quoted)
        if label[2] in {"=~", "!~"}:
            check_label_pattern(plain)
        matchers.append(Matcher(label[1], label[2], plain))
        at = value.end()
        comma = re.compile(r"\s*(,|$)\s*").match(inner, at)
        if comma is None:
            raise ValueError(f"{text!r}: expected a comma at {inner[at : at + 20]!r}")
        at = comma.end()
    return Selector(name[0], tuple(matchers))


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text)
