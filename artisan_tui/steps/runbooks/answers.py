"""Conditions and captures, held against what an act answered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from artisan_tui.domain.condition import examine, parse_condition
from artisan_tui.domain.probe_result import MISSING, ProbeResult
from artisan_tui.steps.runbooks.protocol import FAILED, OK, Resolved, StepOutcome

#: Characters of one captured value.
LONGEST: Final = 64 * 1024


def completed(resolved: Resolved, outcome: StepOutcome) -> StepOutcome:
    """The outcome after its conditions, and with the values that were to be captured. What is missing is a failure.

    A failure that no condition asked about stays one, and so does what is unknown.
    """
    if outcome.state != OK:
        return outcome
    missed = unmet(resolved.expect, outcome)
    if missed:
        return replace(outcome, state=FAILED, why="; ".join(missed))
    captures: dict[str, str] = {}
    for name, where in resolved.capture.items():
        value = found_at(where, outcome)
        if value is MISSING:
            return replace(outcome, state=FAILED, why=f"{name} cannot be captured: there is no {where} in the result")
        captures[name] = json.dumps(value, ensure_ascii=False, default=_number)
        if len(captures[name]) > LONGEST:
            return replace(outcome, state=FAILED, why=f"{name} cannot be captured: it has more than 64 KiB")
    return replace(outcome, captures=captures)


def unmet(expect: tuple[str, ...], outcome: StepOutcome) -> list[str]:
    """Every condition that does not hold, with what was found."""
    latency = None if outcome.latency is None else Decimal(str(round(outcome.latency, 6)))
    result = ProbeResult(latency=latency, answers=_exact(outcome.answers))
    missed = []
    for text in expect:
        try:
            condition = parse_condition(text)
        except ValueError as error:
            missed.append(f"{text}: {error}")
            continue
        seen = examine(condition, result, search)
        if not seen.ok:
            missed.append(f"{seen.condition} does not hold: {seen.actual}")
    return missed


def found_at(where: str, outcome: StepOutcome) -> Any:
    """The value that a capture names, or MISSING."""
    subject, tilde, pattern = (part.strip() for part in where.partition("~"))
    if tilde:
        text = outcome.answers.get(subject, MISSING)
        match = re.search(pattern, str(text)) if text is not MISSING else None
        if match is None:
            return MISSING
        return match[1] if match.re.groups else match[0]
    root, _, path = subject.partition(".")
    if "[" in root:
        root, path = "body", subject.removeprefix("body")
    value = outcome.answers.get(root, MISSING)
    if value is MISSING or not path:
        return value.strip() if root == "stdout" and isinstance(value, str) else value
    if root == "header":
        return value.get(path.lower(), MISSING) if isinstance(value, Mapping) else MISSING
    return search(path, value)


def search(path: str, document: object) -> object:
    """The value at a JMESPath, or MISSING; null is a value where its field is there."""
    for name in (parts := path.split(".")):
        if not name.isidentifier():
            break
    else:
        for name in parts:
            if not isinstance(document, Mapping) or name not in document:
                return MISSING
            document = document[name]
        return document
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        found = jmespath.search(path, document)
    except (JMESPathError, TypeError, ValueError, RecursionError):
        return MISSING
    return MISSING if found is None else found


def _exact(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers that a condition compares exactly."""
    return {
        name: Decimal(str(each)) if isinstance(each, float) and name == "value" else each
        for name, each in answers.items()
    }


def _number(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
