"""Which lines the services pane has: a service a line, what fails unfolded, what is well folded where there is no room.

Pure, so that a test can read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from operator import attrgetter, is_
from typing import NamedTuple

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.tui.checks.counts import QUIET, badness, worst_first

#: From this many services on that fail with the very same words, they are one line.
ALIKE = 2


class Kind(Enum):
    SERVICE = "service"
    CHECK = "check"
    REST = "rest"  # checks of one service that fail because of another, or with the same words
    ALIKE = "alike"  # services that fail with the same words
    UP = "up"  # services that are up, in one line


class Group(NamedTuple):
    """A service: its checks worst first, a cause before what it causes."""

    id: str
    name: str
    checks: tuple[CheckView, ...]
    badness: int

    @property
    def worst(self) -> CheckView:
        return self.checks[0]

    @property
    def failing(self) -> bool:
        return self.badness < QUIET


class Row(NamedTuple):
    """A line. ``key`` stays the same while the line is about the same thing; ``groups`` are the services in it,
    ``checks`` the checks that it speaks of, the most important first."""

    key: str
    kind: Kind
    groups: tuple[Group, ...]
    checks: tuple[CheckView, ...]
    unfolded: bool = False


#: Services of an earlier call by id: what was known of their checks, in file order, and what came of it.
Known = dict[str, tuple[tuple[CheckView, ...], Group]]


def grouped(checks: Sequence[CheckView], known: Known | None = None) -> list[Group]:
    """Services worst first; what fails only because of another service is right below that one.

    ``known`` remembers the services from call to call: one whose checks are the same objects is not ranked again.
    """
    known = {} if known is None else known
    by_service: dict[str, list[CheckView]] = {}
    for view in checks:
        by_service.setdefault(view.id.partition(".")[0], []).append(view)
    groups = []
    for service, views in by_service.items():
        before = known.get(service)
        if before is None or len(before[0]) != len(views) or not all(map(is_, before[0], views)):
            before = known[service] = (tuple(views), _group(service, views))
        groups.append(before[1])
    for gone in known.keys() - by_service.keys() if len(known) > len(by_service) else ():
        del known[gone]
    groups.sort(key=attrgetter("badness"))
    return _causes_first(groups)


def _group(service: str, views: Sequence[CheckView]) -> Group:
    ranked = tuple(worst_first(views)) if len(views) > 1 else tuple(views)
    # The name is the longest that a check has: a check known from the store alone has the id only.
    name = next((view.service_name for view in ranked if view.service_name not in ("", service)), service)
    return Group(service, name, ranked, min(map(badness, ranked)))


def _causes_first(groups: list[Group]) -> list[Group]:
    if not any(group.failing and group.worst.root_cause for group in groups):
        return groups
    home = {view.id: group.id for group in groups for view in group.checks}
    below: dict[str, list[Group]] = {}
    for group in groups:
        cause = home.get(group.worst.root_cause, group.id) if group.failing else group.id
        if cause != group.id and caused_elsewhere(group):
            below.setdefault(cause, []).append(group)
    if not below:
        return groups
    moved = {group.id for some in below.values() for group in some}
    top = [group for group in groups if group.id not in moved]
    found = {group.id for group in top}
    lost = [group for cause, some in below.items() if cause not in found for group in some]
    ranked = sorted(top, key=lambda group: min(each.badness for each in (group, *below.get(group.id, ()))))
    return [each for group in ranked for each in (group, *below.get(group.id, ()))] + lost


def caused_elsewhere(group: Group) -> bool:
    """Whether everything that fails here fails because of a check of another service."""
    failing = [view for view in group.checks if badness(view) < QUIET]
    inside = {view.id for view in group.checks}
    return bool(failing) and all(view.root_cause and view.root_cause not in inside for view in failing)


def arrange(
    groups: Sequence[Group],
    open_: Collection[str],
    closed: Collection[str],
    room: int,
    pack: Callable[[Sequence[Group], int], list[int]],
) -> list[Row]:
    """The lines in order. ``open_`` and ``closed`` are what a person unfolded and folded, by key; ``room`` is how
    many lines there are to see. ``pack`` says, for services and lines, how many services each line holds."""
    failing = [group for group in groups if group.badness < QUIET]
    well = [group for group in groups if group.badness >= QUIET]
    rows: list[Row] = []
    blind = _blind(failing, open_)
    hidden = {view.id for line in blind for view in line.checks}
    for group in failing:
        seen = _without(group, hidden)
        if seen is None:
            continue
        while blind and badness(blind[0].checks[0]) < seen.badness:
            rows.append(blind.pop(0))
        rows += _service(group if f"service:{group.id}" in open_ else seen, open_, closed)
    rows += blind
    own = [group for group in well if f"service:{group.id}" in open_] if open_ else []
    folded = [group for group in well if f"service:{group.id}" not in open_] if open_ else well
    lines = [line for group in own for line in _service(group, open_, closed)]
    left = room - len(rows) - len(lines)
    if "up" in open_ or len(folded) <= max(left, 1):
        in_order = [line for group in well for line in _service(group, open_, closed)]
        return [*rows, *in_order]
    rows += lines
    at = 0
    for count in pack(folded, max(1, left)):
        some = folded[at : at + count]
        rows.append(Row(f"up:{some[0].id}", Kind.UP, tuple(some), tuple(group.checks[0] for group in some)))
        at += count
    return rows


def _blind(failing: Sequence[Group], open_: Collection[str]) -> list[Row]:
    """A line for what nobody can see for one and the same reason in several services, the worst first.

    A metrics server that does not answer is one line, not one for each service or check.
    """
    found: dict[tuple[object, ...], list[tuple[Group, CheckView]]] = {}
    for group in failing:
        for view in group.checks:
            words = _words(view) if badness(view) < QUIET else None
            if words is not None:
                found.setdefault(words, []).append((group, view))
    rows = []
    for pairs in found.values():
        groups = tuple(dict.fromkeys(group for group, _view in pairs))
        key = f"alike:{groups[0].id}"
        if len(groups) >= ALIKE and key not in open_:
            checks = sorted((view for _group, view in pairs), key=badness)
            rows.append(Row(key, Kind.ALIKE, groups, tuple(checks)))
    return sorted(rows, key=lambda row: badness(row.checks[0]))


def _without(group: Group, hidden: Collection[str]) -> Group | None:
    """The service without the checks that are in another line, None where nothing else of it fails."""
    left = tuple(view for view in group.checks if view.id not in hidden)
    if len(left) == len(group.checks):
        return group
    worst = min(map(badness, left), default=QUIET)
    return Group(group.id, group.name, left, worst) if worst < QUIET else None


def said_without_age(view: CheckView) -> str:
    """Its words without the age of the last answer, which differs from check to check."""
    return view.health.detail.partition("; last seen ")[0]


def _words(view: CheckView) -> tuple[object, ...] | None:
    """What it says where it says that nothing can be seen."""
    health = view.health
    blind = health.state is State.UNKNOWN or health.stale
    return (health.reason, said_without_age(view)) if blind and health.detail and not view.root_cause else None


def _service(group: Group, open_: Collection[str], closed: Collection[str]) -> list[Row]:
    key = f"service:{group.id}"
    alone = len(group.checks) == 1
    whole = key in open_ and not alone
    unfolds = group.failing and not alone and key not in closed and not caused_elsewhere(group)
    line = Row(key, Kind.SERVICE, (group,), group.checks, whole or unfolds)
    if whole:
        return [line, *(_check(group, view) for view in group.checks)]
    if not unfolds:
        return [line]
    return [line, *_failing(group)]


def _failing(group: Group) -> list[Row]:
    """What fails, causes first; several that fail because of the same or with the same words are one line."""
    failing = [view for view in group.checks if badness(view) < QUIET]
    bundles: dict[tuple[object, ...], list[CheckView]] = {}
    for view in failing:
        health = view.health
        same: tuple[object, ...] = (
            (view.root_cause,)
            if view.root_cause
            else (health.state, health.stale, health.reason, said_without_age(view))
        )
        bundles.setdefault(same, []).append(view)
    rows: list[Row] = []
    for same, views in bundles.items():
        if len(views) >= (2 if same[0] == views[0].root_cause else 3):
            rows.append(Row(f"rest:{views[0].id}", Kind.REST, (group,), tuple(views)))
        else:
            rows += [_check(group, view) for view in views]
    return rows


def _check(group: Group, view: CheckView) -> Row:
    return Row(f"check:{view.id}", Kind.CHECK, (group,), (view,))
