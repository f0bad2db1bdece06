"""Root causes: a check that fails because a check it needs fails is a symptom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

#: Check id -> the ids of the checks it needs, as "service.check", in file order. A check without needs may be missing.
Needs = Mapping[str, tuple[str, ...]]


class Cycle(ValueError):
    """Checks that need each other. ``path`` has each once, and the last one needs the first."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(" needs ".join((*path, path[0])))
        self.path = path


def order(needs: Needs) -> tuple[str, ...]:
    """The checks in topological order: each one after all that it needs. Raises Cycle."""
    return _needed_first(needs, needs)


@dataclass(frozen=True, slots=True)
class Onset:
    """When the present failure of a check began, in monotonic seconds.

    - ``failed_at`` is the end of its first failed probe, None while the check does not fail.
    - ``well_at`` is the start of the last good probe before the failure, None when no probe was good.

    The check broke between the two. No probe says when exactly.
    """

    failed_at: float | None = None
    well_at: float | None = None

    def heard(self, began: float, ended: float, *, failed: bool, failing: bool) -> Onset:
        """The onset after a probe with a known verdict. ``failing``: the check fails, with this probe counted.

        A good probe does not end the failure of a check that is still down.
        """
        if not failing:
            return Onset(None, began)
        return replace(self, failed_at=ended) if failed and self.failed_at is None else self

    def may_precede(self, effect: Onset) -> bool:
        """Whether this check can have failed before ``effect`` did.

        A check that was well after ``effect`` began to fail cannot be its cause, whatever becomes of it later.
        """
        return effect.failed_at is None or self.well_at is None or self.well_at <= effect.failed_at


def find_root_cause(
    check_id: str,
    needs: Needs,
    failing: Callable[[str], bool],
    possible: Callable[[str], bool] = lambda check_id: True,
) -> str | None:
    """The failing check that ``check_id`` needs, directly or through others; None when none fails.

    A check that is not ``possible`` is no cause, and nothing is a cause through it.

    Of several, the one with the longest chain of needs from ``check_id`` wins, so nothing that it needs
    fails. Between equal ones, the first in the file wins. Raises Cycle.
    """
    if not needs.get(check_id):
        return None
    depth: dict[str, int] = {check_id: 0}
    for each in reversed(_needed_first((check_id,), needs)):
        if each not in depth:
            continue
        for need in needs.get(each, ()):
            if possible(need):
                depth[need] = max(depth.get(need, 0), depth[each] + 1)
    del depth[check_id]
    broken = {each: level for each, level in depth.items() if failing(each)}
    if not broken:
        return None
    deepest = max(broken.values())
    equals = [each for each, level in broken.items() if level == deepest]
    return next((each for each in needs if each in equals), equals[0])


def _needed_first(roots: Iterable[str], needs: Needs) -> tuple[str, ...]:
    """A depth-first search without recursion, because a chain of checks can exceed the recursion limit."""
    done: dict[str, None] = {}
    for root in roots:
        path: dict[str, None] = {}
        todo = [(root, False)]
        while todo:
            each, finished = todo.pop()
            if finished:
                del path[each]
                done[each] = None
            elif each in path:
                names = list(path)
                raise Cycle(tuple(names[names.index(each) :]))
            elif each not in done:
                path[each] = None
                todo.append((each, True))
                todo.extend((need, False) for need in reversed(needs.get(each, ())))
    return tuple(done)
