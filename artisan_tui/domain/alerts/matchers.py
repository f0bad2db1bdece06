"""Matchers of silences: read from text, and matched as Alertmanager's server does.

A missing label is the empty string, and a regular expression (RE2) matches the whole value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from artisan_tui.domain.pattern import check_label_pattern, matches_label
from artisan_tui.domain.selector import Matcher

Matchers = tuple[Matcher, ...]

_LONGEST = 4000
_MOST = 50
_HEAD = re.compile(r"\s*([a-zA-Z_][a-zA-Z0-9_]*|\"(?:[^\"\\\n]|\\.)+\")\s*(=~|!~|!=|=)\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r'[^,{}"]*')
_NEXT = re.compile(r"\s*(,|$)\s*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
#: Labels that are another one after the next deployment or restart: a silence with them would end with it.
VOLATILE = frozenset(
    {"pod", "pod_name", "container_id", "id", "uid", "pod_uid", "pod_template_hash", "prometheus", "prometheus_replica"}
)


def parse_matchers(text: str) -> Matchers:
    """Matchers as amtool and Alertmanager's page write them: ``svc="api", team=~"a|b"``, with or without braces.

    A value without quotes is taken as it is. Raises ValueError; its text says what is wrong and where.
    """
    inner = text.strip()
    if len(inner) > _LONGEST:
        raise ValueError("these matchers are too long")
    if inner.startswith("{") and inner.endswith("}"):
        inner = inner[1:-1].strip()
    found: list[Matcher] = []
    at = 0
    while at < len(inner):
        head = _HEAD.match(inner, at)
        if head is None:
            raise ValueError(f'expected label="value" at {inner[at : at + 20]!r}')
        value, at = _value(inner, head.end())
        found.append(_checked(Matcher(_name(head[1]), head[2], value)))
        after = _NEXT.match(inner, at)
        if after is None:
            raise ValueError(f"expected a comma at {inner[at : at + 20]!r}")
        at = after.end()
    if not found:
        raise ValueError('there is no matcher: write one, like alertname="HighErrorRate"')
    if len(found) > _MOST:
        raise ValueError(f"{len(found)} matchers are too many")
    return tuple(found)


def _name(text: str) -> str:
    return _unescaped(text[1:-1]) if text.startswith('"') else text


def _value(text: str, at: int) -> tuple[str, int]:
    """(value, where it ends)."""
    if text[at : at + 1] == '"':
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise ValueError(f"a quote is not closed at {text[at : at + 20]!r}")
        return _unescaped(quoted[1]), quoted.end()
    bare = _BARE.match(text, at)
    assert bare is not None
    return bare[0].strip(), bare.end()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)


def checked_matcher(label: str, op: str, value: str) -> Matcher:
    """A matcher with a pattern that RE2 takes. Raises ValueError."""
    return _checked(Matcher(label, op, value))


def _checked(matcher: Matcher) -> Matcher:
    if matcher.op in ("=~", "!~"):
        check_label_pattern(matcher.value)
    return matcher


def matches(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    """As the server computes it: unlike in Prometheus, a dot does not match a line end."""
    if matcher.op in ("=", "!="):
        return matcher.matches(labels)
    hit = matches_label(f"(?-s:{matcher.value})", labels.get(matcher.label, ""))
    return hit if matcher.op == "=~" else not hit


def all_match(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matches(each, labels) for each in matchers)


def by_absence(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether some matcher matches ``labels`` only because its label is missing there."""
    return any(not labels.get(each.label) and matches(each, labels) for each in matchers)


def all_match_empty(matchers: Sequence[Matcher]) -> bool:
    """Whether the server refuses them: every one is an ``=`` or ``=~`` that matches the empty string."""
    return all(each.op in ("=", "=~") and matches(each, {}) for each in matchers)


def exactly(labels: Mapping[str, str]) -> Matchers:
    """Matchers that hit this alert after its next restart too; all labels where no other is left."""
    kept = {name: value for name, value in labels.items() if name not in VOLATILE and value} or dict(labels)
    return tuple(Matcher(name, "=", kept[name]) for name in sorted(kept, key=lambda name: (name != "alertname", name)))


def matchers_text(matchers: Sequence[Matcher]) -> str:
    """As `parse_matchers` reads them."""
    return ", ".join(str(each) for each in matchers)
