"""The condition language: ``SUBJECT OP LITERAL``.

``status == 200``, ``body.services.database == healthy``, ``latency < 500ms``,
``body ~ "^ok"``. Numbers compare as Decimal, so 10.9 > 10 is true. A condition whose subject is
missing does not hold, whatever the operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from artisan_tui.domain.probe_result import MISSING, ProbeResult, Reason
from artisan_tui.domain.span import parse_span
from artisan_tui.domain.text.printable import printable

SUBJECTS = ("status", "latency", "body", "header", "value", "rows", "exit", "stdout", "tls.days")
_SHAPE = re.compile(r"^\s*(?P<subject>.+?)\s*(?P<op>==|!=|<=|>=|<|>|~)\s*(?P<literal>.+?)\s*$", re.DOTALL)
#: Characters that a regular expression is tried against. A longer match could block the event loop.
REGEX_REACH = 65_536
#: Digits of a measured number that are displayed. Comparisons use all digits.
_DIGITS = 8

#: (path, document) -> the value at the path, or MISSING. `sources.lookup` implements it with JMESPath.
Search = Callable[[str, object], object]


@dataclass(frozen=True, slots=True)
class Condition:
    """One parsed condition. ``root`` is the first word of the subject, ``path`` is the rest after the dot."""

    text: str
    root: str
    path: str
    op: str
    literal: object

    @property
    def subject(self) -> str:
        return f"{self.root}.{self.path}" if self.path else self.root


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """A condition compared with a probe result. ``actual`` is the printable value that was found."""

    condition: str
    ok: bool
    actual: str
    reason: Reason = Reason.OK


def parse_condition(text: str) -> Condition:
    """Raises ValueError; its text says how to correct the condition."""
    match = _SHAPE.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a condition: write SUBJECT OP LITERAL, like 'status == 200'")
    subject, op, literal = match["subject"], match["op"], match["literal"]
    root, _, path = subject.partition(".")
    if root not in {"status", "latency", "body", "header", "value", "rows", "exit", "stdout", "tls"}:
        raise ValueError(f"unknown subject {subject!r}: a condition is about one of {', '.join(SUBJECTS)}")
    if root == "tls" and path != "days":
        raise ValueError(f"unknown subject {subject!r}: did you mean 'tls.days'?")
    if root == "header" and not path:
        raise ValueError("'header' needs a name, like header.content-type")
    if path and root not in {"body", "header", "tls"}:
        raise ValueError(f"{root!r} has no parts: write {root!r} alone")
    return Condition(text.strip(), root, path, op, _literal(root, op, literal))


def _literal(root: str, op: str, text: str) -> object:
    quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
    if quoted:
        text = text[1:-1]
    if op == "~":
        try:
            return re.compile(text)
        except re.error as error:
            raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    if root == "latency":
        return parse_span(text)
    if not quoted:
        named = {"true": True, "false": False, "null": None}
        if text in named:
            return named[text]
        number = _number(text)
        if number is not None:
            return number
    if op in {"<", "<=", ">", ">="}:
        raise ValueError(f"{text!r} is not a number, and {op!r} compares numbers")
    return text


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float | str):
        try:
            return Decimal(str(value).strip())
        except InvalidOperation:
            return None
    return None


_FAILED = {
    "status": Reason.STATUS,
    "latency": Reason.LATENCY,
    "body": Reason.BODY,
    "header": Reason.HEADER,
    "value": Reason.VALUE,
    "rows": Reason.VALUE,
    "exit": Reason.EXIT,
    "stdout": Reason.BODY,
    "tls": Reason.TLS,
}


def examine(condition: Condition, probe_result: ProbeResult, search: Search) -> ConditionResult:
    """Compare one condition with one probe result."""
    actual = _actual(condition, probe_result, search)
    if actual is MISSING:
        return ConditionResult(condition.text, False, "missing", Reason.MISSING)
    shown = shown_value(actual, duration=condition.root == "latency")
    number = _number(actual)
    if number is not None and number.is_nan():
        return ConditionResult(condition.text, False, "NaN", Reason.NAN)
    if _holds(condition, actual, number):
        return ConditionResult(condition.text, True, shown)
    reason = _FAILED[condition.root]
    if condition.root == "status" and number is not None and 300 <= number < 400:
        reason = Reason.REDIRECT
    return ConditionResult(condition.text, False, shown, reason)


def _actual(condition: Condition, probe_result: ProbeResult, search: Search) -> object:
    if condition.root == "latency":
        return MISSING if probe_result.latency is None else probe_result.latency
    root = probe_result.answers.get(condition.root, MISSING)
    if root is MISSING or not condition.path:
        return root
    if condition.root == "header":
        headers = root if isinstance(root, dict) else {}
        return headers.get(condition.path.lower(), MISSING)
    return search(condition.path, root)


def _holds(condition: Condition, actual: object, number: Decimal | None) -> bool:
    op, literal = condition.op, condition.literal
    if isinstance(literal, re.Pattern):
        return literal.search(plain_value(actual)[:REGEX_REACH]) is not None
    if op in {"==", "!="}:
        return _equal(literal, actual, number) is (op == "==")
    if number is None or not isinstance(literal, Decimal):
        return False
    return {"<": number < literal, "<=": number <= literal, ">": number > literal, ">=": number >= literal}[op]


def _equal(literal: object, actual: object, number: Decimal | None) -> bool:
    if isinstance(literal, bool) or literal is None:
        return actual is literal
    if isinstance(literal, Decimal):
        return number is not None and number == literal
    return plain_value(actual) == literal


def plain_value(value: object) -> str:
    """A value as the text that a condition compares. True, false and null are spelled as in JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def shown_value(value: object, *, duration: bool = False) -> str:
    """A value for display: printable, at most 120 characters. A latency in seconds is shown in ms below 10 s."""
    if duration and isinstance(value, Decimal):
        return f"{value * 1000:.0f}ms" if value < 10 else f"{value:.1f}s"
    if isinstance(value, Decimal) and value.is_finite() and len(value.as_tuple().digits) > _DIGITS:
        return f"{value:.{_DIGITS}g}"
    if isinstance(value, dict | list):
        return f"{'object' if isinstance(value, dict) else 'list'} of {len(value)}"
    return printable(plain_value(value), 120)
