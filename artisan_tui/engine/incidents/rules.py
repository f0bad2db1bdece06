"""What the configuration says about incidents: deadlines, who is on call, where notices go. The same in every session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Entry

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.incidents.closing import BusinessDays
    from artisan_tui.domain.incidents.policy import IncidentPolicy
    from artisan_tui.domain.incidents.timers import Surroundings
    from artisan_tui.domain.notify.notice import Notice
    from artisan_tui.domain.oncall.schedule import Schedule

#: The entries that queue a notice, asked for at a moment by somebody.
Route = Callable[["Notice", datetime, str], tuple[Entry, ...]]


def no_channel(notice: Notice, at: datetime, actor: str) -> tuple[Entry, ...]:
    """Where no channel is configured, nothing is queued."""
    return ()


class IncidentRules:
    """A state that follows from the configuration alone: `IncidentsWing.configure_states` sets it.

    ``policy`` holds for what is declared from now on. ``around`` says who is on call. ``person_of`` gives the person
    behind a login.
    """

    KINDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        from artisan_tui.domain.incidents.closing import weekdays
        from artisan_tui.domain.incidents.policy import IncidentPolicy
        from artisan_tui.domain.incidents.timers import Surroundings

        self.policy: IncidentPolicy = IncidentPolicy()
        self.around: Surroundings = Surroundings()
        self.business_days: BusinessDays = weekdays
        self.route: Route = no_channel
        self.person_of: Callable[[str], str] = str
        self.zone: tzinfo = UTC
        #: Whether this is the configuration of a live drill: every incident is one of the drill then.
        self.drill = False

    def unmanned(self, at: datetime) -> tuple[str, ...]:
        """The levels of the ladder with nobody on call at this moment."""
        return tuple(level for level in self.policy.ladder if not self.around.on_call(level, at))

    def configure(self, config: Config, schedule: Callable[[], Schedule] | None = None) -> None:
        """Take on a configuration: deadlines, ladder, who is on call, working time, people, channels.

        ``schedule`` gives the rotations with the overrides and swaps of now; by default those of the configuration.
        """
        from artisan_tui.domain.incidents.policy import IncidentPolicy
        from artisan_tui.domain.oncall.business_hours import NeverOpen
        from artisan_tui.engine.drills.folders import in_drill
        from artisan_tui.engine.incidents.on_call import OnCallPeople
        from artisan_tui.engine.notify.routing import route

        self.drill = in_drill(config.path)
        escalation = config.escalation
        self.policy = IncidentPolicy(
            _by_level(escalation.acknowledge_within), _by_level(escalation.update_every), ladder=escalation.ladder
        )
        self.zone = config.zone
        business = escalation.business_hours.business(config.zone)

        def working_time(since: datetime, time: timedelta) -> datetime:
            try:
                return business.after(since, time)
            except (NeverOpen, OverflowError):
                return since + time  # a calendar without working time stops nobody from being told

        def business_days(at: datetime, days: int) -> datetime:
            try:
                return business.days_after(at, days)
            except (NeverOpen, OverflowError):
                return at + timedelta(days=days)

        def person_of(login: str) -> str:
            person = config.person_of(login)
            return login if person is None else person.id

        self.business_days, self.person_of = business_days, person_of
        self.route = partial(route, config)
        self.surround(on_call=OnCallPeople(config, schedule=schedule), working_time=working_time)

    def surround(self, **changes: object) -> None:
        """Replace parts of ``around``, such as ``still_firing`` where alerts are read."""
        self.around = replace(self.around, **changes)  # type: ignore[arg-type]  # names are checked by replace

    def forget(self) -> None:
        """The journal says nothing of it."""

    def apply(self, entries: Iterable[Entry]) -> bool:
        return False


def _by_level(seconds: Mapping[str, float]) -> Mapping[int, int]:
    return {int(name.removeprefix("Sev")): max(1, round(value)) for name, value in seconds.items()}
