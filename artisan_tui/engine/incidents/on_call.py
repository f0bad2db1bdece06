"""Who is on call, with the system's groups: they are asked when a rung fires, so that a change of a group counts at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.engine.access import groups_of

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.schedule import Schedule

GROUP = "group:"


class OnCallPeople:
    """``domain.incidents.timers.OnCall`` of a configuration.

    "group:NAME" in `[escalation] levels`, or in a rotation, stands for every `[[person]]` with a login in that group of
    the system. Who cannot be reached is not on call.
    """

    def __init__(
        self,
        config: Config,
        groups: Callable[[str], Collection[str]] = groups_of,
        schedule: Callable[[], Schedule] | None = None,
    ) -> None:
        """``schedule`` gives the rotations with the overrides and swaps of now; by default those of the configuration."""
        own = config.schedule()
        self._schedule: Callable[[], Schedule] = schedule or (lambda: own)
        self._people, self._reachable, self._groups = config.people, own.reachable, groups

    def __call__(self, level: str, at: datetime) -> tuple[str, ...]:
        """The ids of the people on call for ``level`` at ``at``; empty when there is nobody."""
        found = (person for name in self._schedule().on_call(level, at) for person in self._expanded(name))
        return tuple(dict.fromkeys(found))

    def _expanded(self, name: str) -> Iterator[str]:
        if not name.startswith(GROUP):
            yield name
            return
        yield from self.of_group(name.removeprefix(GROUP))

    def of_group(self, group: str) -> tuple[str, ...]:
        """The people with a login in this group of the system who can be reached."""
        return tuple(
            person.id
            for person in self._people
            if person.id in self._reachable
            and any(group in self._groups(login) for login in person.logins or (person.id,))
        )
