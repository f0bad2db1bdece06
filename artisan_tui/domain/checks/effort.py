"""Whether the conditions of a check can be evaluated at once, or would hold everything else that is under way."""

from __future__ import annotations

from collections.abc import Iterable

from artisan_tui.domain.condition import Condition
from artisan_tui.domain.pattern import Pattern
from artisan_tui.domain.probe_result import ProbeResult

#: Characters that are written as JSON, compared or searched within a few milliseconds.
_MOST = 65_536
#: The same for a JMESPath, whose interpreter needs about two microseconds for a list's element.
_MOST_SEARCHED = 8192
#: Characters times instructions of a pattern.
_MOST_MATCHED = 1 << 20


def is_heavy(conditions: Iterable[Condition], probe_result: ProbeResult) -> bool:
    """Whether evaluating the conditions may take more than a few milliseconds."""
    if not probe_result.answers:
        return False
    weights: dict[str, int] = {}
    for condition in conditions:
        root = condition.root
        if root not in weights:
            weights[root] = _weight(probe_result.answers.get(root), _MOST + 1)
        weight = weights[root]
        searched = root == "body" and not condition.path.replace(".", "").replace("_", "").isalnum()
        if weight > (_MOST_SEARCHED if searched and condition.path else _MOST):
            return True
        if isinstance(condition.literal, Pattern) and condition.literal.work(weight) > _MOST_MATCHED:
            return True
    return False


def _weight(value: object, most: int) -> int:
    """About as many characters as ``value`` has as JSON; it is counted up to ``most``."""
    if isinstance(value, str):  # includes a parsed body, which keeps its text
        return len(value)
    weight, left = 0, [value]
    while left and weight < most:
        each = left.pop()
        weight += len(each) if isinstance(each, str) else 4
        if isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list):
            left += each
    return weight
