"""Which selectors of an SLO have never matched a series, as numbers that the store can keep beside the minutes.

So a session that follows, and a process that cannot ask the server, have the same reservations as the one that asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.status import Unmatched
from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    from artisan_tui.domain.selector import Selector

#: It has matched, or it is not known; it has not matched; its metric does not exist. From then on: its n-th label does not.
_MATCHED, _NEVER, _NO_METRIC, _NO_LABEL = range(4)


def coded(selectors: Sequence[tuple[str, Selector]], found: Collection[Unmatched]) -> tuple[int, int]:
    """One number for each of the selectors of an SLI, of which there are two at most."""
    by_role = {each.role: each for each in found}
    codes = [_code(selector, by_role.get(role)) for role, selector in selectors]
    first, second = [*codes, _MATCHED, _MATCHED][:2]
    return first, second


def decoded(selectors: Sequence[tuple[str, Selector]], codes: Sequence[int]) -> tuple[Unmatched, ...]:
    return tuple(
        _unmatched(role, selector, code) for (role, selector), code in zip(selectors, codes, strict=False) if code
    )


def _code(selector: Selector, unmatched: Unmatched | None) -> int:
    if unmatched is None:
        return _MATCHED
    if unmatched.metric:
        return _NO_METRIC
    labels = [each.label for each in selector.matchers]
    return _NO_LABEL + labels.index(unmatched.label) if unmatched.label in labels else _NEVER


def _unmatched(role: str, selector: Selector, code: int) -> Unmatched:
    label = code - _NO_LABEL
    return Unmatched(
        role,
        printable(str(selector), 300),
        selector.name if code == _NO_METRIC else "",
        selector.matchers[label].label if 0 <= label < len(selector.matchers) else "",
    )
