"""Root causes: a check that fails because a check it needs fails is a symptom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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


def find_root_cause(check_id: str, needs: Needs, failing: Callable[[str], bool]) -> str | None:
    """The failing check that ``check_id`` needs, directly or through others; None when none fails.

    Of several, the one with the longest chain of needs from ``check_id`` wins, so nothing that it needs
    fails. Between equal ones, the first in the file wins. Raises Cycle.
    """
    if not needs.get(check_id):
        return None
    depth: dict[str, int] = {check_id: 0}
    for each in reversed(_needed_first((check_id,), needs)):
        for need in needs.get(each, ()):
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
