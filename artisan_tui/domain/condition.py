"""The condition language: ``SUBJECT OP LITERAL``.

``status == 200``, ``body.services.database == healthy``, ``latency < 500ms``,
``body ~ "^ok"``. Numbers compare as Decimal, so 10.9 > 10 is true. Text is text: the text 1.1 does not equal 1.10. A
condition whose subject is missing does not hold, whatever the operator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from artisan_tui.domain.condition_split import path_of_body, split_condition
from artisan_tui.domain.pattern import Pattern, PatternTooSlow, read_pattern
from artisan_tui.domain.probe_result import MISSING, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import parse_span
from artisan_tui.domain.text.printable import printable

SUBJECTS = ("status", "latency", "body", "header", "value", "rows", "exit", "stdout", "tls.days")
_ROOTS = frozenset({"status", "latency", "body", "header", "value", "rows", "exit", "stdout", "tls"})
_ORDER = frozenset({"<", "<=", ">", ">="})
#: Roots that are always numbers.
_NUMBERS = frozenset({"status", "rows", "exit", "tls"})
#: Decimal reads more: 1_000, digits of other scripts, NaN.
_NUMBER = re.compile(r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)", re.ASCII | re.IGNORECASE)
#: Characters of a text that is read as a number.
_LONGEST_NUMBER = 400
#: Digits of a measured number that are displayed. Comparisons use all digits.
_DIGITS = 8

#: (path, document) -> the value at the path, or MISSING. `sources.lookup` implements it with JMESPath.
Search = Callable[[str, object], object]


@dataclass(frozen=True, slots=True)
class Condition:
    """One parsed condition. ``root`` is the first word of ``subject``, ``path`` is the rest: a name, or a JMESPath.

    ``spelled`` is the literal as text, without quotes. With it a text is compared.
    """

    text: str
    subject: str
    root: str
    path: str
    op: str
    literal: object
    spelled: str


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """A condition compared with a probe result. ``actual`` is the printable value that was found."""

    condition: str
    ok: bool
    actual: str
    reason: Reason = Reason.OK


def parse_condition(text: str) -> Condition:
    """Raises ValueError; its text says how to correct the condition."""
    subject, op, literal = split_condition(text)
    root, path = _subject(subject)
    quoted = len(literal) >= 2 and literal[0] == literal[-1] and literal[0] in "\"'"
    spelled = literal[1:-1] if quoted else literal
    return Condition(text.strip(), subject, root, path, op, _literal(root, op, spelled, quoted=quoted), spelled)


def never_met(condition: Condition) -> str:
    """Why nothing that is measured could meet the condition, or fail it with ``!=``; "" when something can."""
    if condition.op == "~" or condition.root not in _NUMBERS or _number(condition.spelled) is not None:
        return ""
    return f"{condition.spelled!r} is not a number, and {condition.subject!r} is one"


def _subject(subject: str) -> tuple[str, str]:
    """(root, path)."""
    if subject.startswith("body") and (path := path_of_body(subject)) is not None:
        return "body", path
    root, _, path = subject.partition(".")
    if root not in _ROOTS - {"body"}:
        raise ValueError(f"unknown subject {subject!r}: a condition is about one of {', '.join(SUBJECTS)}")
    if root == "tls" and path != "days":
        raise ValueError(f"unknown subject {subject!r}: did you mean 'tls.days'?")
    if root == "header" and not path:
        raise ValueError("'header' needs a name, like header.content-type")
    if path and root not in {"header", "tls"}:
        raise ValueError(f"{root!r} has no parts: write {root!r} alone")
    return root, path


def _literal(root: str, op: str, text: str, *, quoted: bool) -> object:
    if op == "~":
        return read_pattern(text)
    if root == "latency":
        return parse_span(text)
    named = {"true": True, "false": False, "null": None}
    if not quoted and op not in _ORDER and text in named:
        return named[text]
    number = None if quoted else _number(text)
    if number is None and op in _ORDER:
        raise ValueError(f"{text!r} is not a number, and {op!r} compares numbers")
    return text if number is None else number


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    text = str(value).strip() if isinstance(value, float | str) else ""
    if not isinstance(value, float) and (len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text)):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:  # the exponent does not fit into a machine word
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
    if actual is None and condition.op in _ORDER:
        # Null is neither low nor high: the response has the field and does not say its value.
        return ConditionResult(condition.text, False, shown, Reason.MISSING)
    # Text is text. Only where numbers are ordered, a text that spells a number is one.
    number = _number(actual) if condition.op in _ORDER or not isinstance(actual, str) else None
    if number is not None and number.is_nan():
        return ConditionResult(condition.text, False, "NaN", Reason.NAN)
    try:
        holds = _holds(condition, actual, number)
    except PatternTooSlow as error:
        return ConditionResult(condition.text, False, str(error), Reason.TOO_LARGE)
    if holds:
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
    if isinstance(literal, Pattern):
        return literal.found_in(plain_value(actual))
    if op in {"==", "!="}:
        return _equal(condition, actual, number) is (op == "==")
    if number is None or not isinstance(literal, Decimal):
        return False
    return {"<": number < literal, "<=": number <= literal, ">": number > literal, ">=": number >= literal}[op]


def _equal(condition: Condition, actual: object, number: Decimal | None) -> bool:
    literal = condition.literal
    # Headers and output are text only, so true is the text true there. A JSON document knows the difference.
    typed = condition.root == "body" and condition.path != ""
    if isinstance(actual, str) and not (typed and (literal is None or isinstance(literal, bool))):
        return str(actual) == condition.spelled
    if isinstance(literal, bool) or literal is None:
        return actual is literal
    if isinstance(literal, Decimal):
        return number is not None and number == literal
    return plain_value(actual) == literal


def plain_value(value: object) -> str:
    """A value as the text that a condition compares. True, false, null, lists and objects are spelled as in JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        try:
            return json.dumps(value, ensure_ascii=False, default=float)
        except (RecursionError, TypeError, ValueError):  # too deep, or not JSON
            return ""
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
