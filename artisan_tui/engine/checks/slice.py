"""What a snapshot says about checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from artisan_tui.domain.state import State

if TYPE_CHECKING:
    # Names of types only: their modules are not needed before the first frame.
    from artisan_tui.domain.checks.health import Health, Policy
    from artisan_tui.domain.checks.observer import Suspicion
    from artisan_tui.domain.condition import ConditionResult

#: Probe results remembered per check for the strip on the board.
STRIP = 24


class Tick(NamedTuple):
    """One probe in the strip: what it said, how long it took, in seconds, and the value that it measured."""

    verdict: State
    latency: float | None = None
    value: float | None = None


class Mute(NamedTuple):
    """Pages of a check are suspended ``until`` then; ``actor`` did it, for ``reason``."""

    until: datetime
    reason: str
    actor: str


class About(NamedTuple):
    """What the configuration says of a service or check for people. ``links`` are (name, URL or id); ``logs`` names
    where its last lines are read, "" for nowhere. All text is printable."""

    owner: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    logs: str = ""


#: A check or service that says nothing.
NOTHING = About()


class CheckView(NamedTuple):
    """One check as it stands. ``latency`` in seconds, ``value`` exact text, all text printable.

    ``shown_latency`` is the latency that the board shows: see `domain.shown_latency`.

    ``restored`` means that this status was read from the store and the check was not probed since.
    ``flapping``: it changes to and fro, and its pages are held. ``root_cause`` is the id of the check
    that is down, failed first and explains this failure, "" for none; ``past_cause`` is one that is no longer down, while
    this check is given time to recover from it. ``failed_at`` is when the first failed probe of the present failure
    ended, ``well_at`` when the last good one before it began. ``muted`` is why and until when its pages are suspended, None when it is not.
    ``underneath`` is what it would be without the maintenance that lasts ``until`` then; None for both outside of it.
    ``limit`` is the number that the value must keep to, ``unit`` that of both, "" for none; ``limit_is_least``: the
    value must not be below it.
    """

    id: str
    service_name: str
    name: str
    kind: str
    target: str
    health: Health
    policy: Policy
    every: float
    timeout: float
    latency: float | None = None
    value: str | None = None
    strip: tuple[Tick, ...] = ()
    findings: tuple[ConditionResult, ...] = ()
    excerpt: str = ""
    query: str = ""
    remarks: tuple[str, ...] = ()
    restored: bool = False
    shown_latency: float | None = None
    flapping: bool = False
    root_cause: str = ""
    past_cause: str = ""
    failed_at: datetime | None = None
    well_at: datetime | None = None
    muted: Mute | None = None
    limit: str = ""
    unit: str = ""
    limit_is_least: bool = False
    #: (operator, seconds) of each limit of its latency.
    latency_limits: tuple[tuple[str, float], ...] = ()
    about: About = NOTHING
    underneath: Health | None = None
    until: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether it would page if it did not flap."""
        explained = self.root_cause or self.past_cause
        return self.flapping and self.health.state is State.DOWN and not explained and self.muted is None


class Uptime(NamedTuple):
    """What roll-ups say of one check. Shares are of the probes that said anything: up or degraded of up, degraded and down.

    ``day`` is of the last 24 hours, ``month`` of the last 30 days, ``p50`` and ``p95`` in seconds of the last
    24 hours; None where nothing is known. ``days`` are shares of whole days, oldest first.
    """

    day: float | None = None
    month: float | None = None
    p50: float | None = None
    p95: float | None = None
    days: tuple[float | None, ...] = ()


class UptimeSlice(NamedTuple):
    """Uptime and latency of every check, by its id."""

    checks: Mapping[str, Uptime] = MappingProxyType({})


class ServicesSlice(NamedTuple):
    """What the configuration says of services, by id. It changes with the configuration only."""

    about: Mapping[str, About] = MappingProxyType({})


class CheckSlice(NamedTuple):
    """Every check. ``answered_at`` is when the newest real answer came in, None before the first.

    ``late``: the answers of some check are overdue. ``suspicion``: so much fails at once that this machine's own
    network is the likelier cause.
    """

    views: tuple[CheckView, ...] = ()
    answered_at: datetime | None = None
    late: bool = False
    suspicion: Suspicion | None = None
