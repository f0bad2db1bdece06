"""By which column the services are sorted. Failing ones stay first: a sort must not hide an outage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from artisan_tui.engine.checks.slice import Uptime
from artisan_tui.i18n import N_
from artisan_tui.tui.checks.grouping import Group


class Sort(NamedTuple):
    """``key`` is None for the order as it comes: worst first, else file order."""

    title: str
    key: Callable[[Group, Mapping[str, Uptime]], object] | None = None

    def apply(self, groups: Sequence[Group], uptimes: Mapping[str, Uptime]) -> list[Group]:
        key = self.key
        if key is None:
            return list(groups)
        failing = [group for group in groups if group.failing]
        well = sorted(
            (group for group in groups if not group.failing),
            key=lambda group: key(group, uptimes),  # type: ignore[arg-type,return-value]  # numbers or texts, never both
        )
        return [*failing, *well]


def _name(group: Group, uptimes: Mapping[str, Uptime]) -> str:
    return group.name.casefold()


def _uptime(group: Group, uptimes: Mapping[str, Uptime]) -> float:
    shares = [uptimes[view.id].month for view in group.checks if view.id in uptimes]
    return min((share for share in shares if share is not None), default=2.0)


def _latency(group: Group, uptimes: Mapping[str, Uptime]) -> float:
    return -max((view.shown_latency or 0.0 for view in group.checks), default=0.0)


def _since(group: Group, uptimes: Mapping[str, Uptime]) -> float:
    return -max(view.health.since.timestamp() for view in group.checks)


#: The first is what the board begins with.
SORTS = (
    Sort(N_("worst first")),
    Sort(N_("name"), _name),
    Sort(N_("uptime"), _uptime),
    Sort(N_("latency"), _latency),
    Sort(N_("last change"), _since),
)
