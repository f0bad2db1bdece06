"""What the evaluator keeps per check, and how it becomes what others read of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from artisan_tui.config.checks import CheckSpec
from artisan_tui.domain.checks.events import CheckCauseCorrected, CheckStateChanged
from artisan_tui.domain.checks.flapping import Flaps
from artisan_tui.domain.checks.health import Policy, initial_health
from artisan_tui.domain.checks.observer import EndpointReach
from artisan_tui.domain.checks.root_cause import Onset
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.evidence import pack
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.identity import OBSERVER

#: A restored check has no policy until the configuration is read.
_POLICY_UNKNOWN = Policy()
#: Between these a change of state is the target's; to and from unknown it is ours.
_EVIDENT = {State.UP, State.DEGRADED, State.DOWN}


@dataclass(slots=True)
class CheckRuntime:
    """``journaled`` is the state the journal knows. Times are monotonic seconds.

    ``journaled_cause`` is the cause that the journal names for the present outage, "" for none; None when it is not known.
    ``seen_mono`` is when the last real answer came, ``probed_mono`` when the check was last probed,
    ``unreached_since`` when the probes in a row began that did not even reach the ``endpoint``.
    """

    view: CheckView
    spec: CheckSpec | None = None
    journaled: State | None = None
    journaled_cause: str | None = None
    seen_mono: float | None = None
    probed_mono: float | None = None
    endpoint: str = ""
    reached: bool | None = None
    unreached_since: float | None = None
    onset: Onset = field(default_factory=Onset)
    excused_until: float | None = None
    window: Window | None = None
    in_hand_at: datetime | None = None
    flaps: Flaps = field(default_factory=Flaps)
    #: What is shown is what the leader finds, which alone knows whether it is flapping.
    followed: bool = False

    @property
    def failing(self) -> bool:
        """Whether it may be what others fail because of."""
        health = self.view.health
        return health.state is State.DOWN or (health.state is not State.MAINTENANCE and health.downs > 0)

    def check_status(self) -> CheckStatus:
        view = self.view
        return CheckStatus(
            view.id,
            view.service_name,
            view.kind,
            view.health,
            view.latency,
            view.value,
            view.every,
            view.timeout,
            pack(view, self.reached),
        )

    def endpoint_reach(self) -> EndpointReach | None:
        """For the question whether the observer is suspect; None when this check says nothing about it."""
        if not self.endpoint or self.probed_mono is None or self.window is not None:
            return None
        view = self.view
        return EndpointReach(
            self.endpoint, self.reached, self.probed_mono, view.every, view.timeout, self.unreached_since
        )

    def excused(self, cause: str, mono: float, *, lasts: bool) -> str:
        """The cause that is over, while this check is given time to recover; "" when there is none, or a ``cause`` now.

        A database that is back must not page for everything that needs a moment longer. ``lasts``: the cause
        named so far is still down, so it was named wrongly.
        """
        past = self.view.root_cause or self.view.past_cause
        if cause or not past or (self.view.root_cause and lasts):
            self.excused_until = None
            return ""
        if self.excused_until is None:
            policy = self.view.policy
            self.excused_until = mono + (policy.rise + 1) * self.view.every + self.view.timeout
        return past if mono < self.excused_until else ""

    def note_onset(self, verdict: State, began: float, ended: float, now: datetime) -> None:
        """Take in one probe; a verdict that is unknown says nothing about when the failure began."""
        if verdict is State.UNKNOWN:
            return
        self.onset = self.onset.heard(began, ended, failed=verdict is State.DOWN, failing=self.failing)
        failed, well = (
            None if mono is None else now - timedelta(seconds=ended - mono)
            for mono in (self.onset.failed_at, self.onset.well_at)
        )
        self.view = self.view._replace(failed_at=failed, well_at=well)

    def take_onset(self, now: datetime, mono: float) -> None:
        """The onset as the view has it from the store."""
        self.onset = Onset(
            *(
                None if at is None else mono - (now - at).total_seconds()
                for at in (self.view.failed_at, self.view.well_at)
            )
        )

    def note_reach(self, reached: bool | None, mono: float) -> None:
        self.probed_mono, self.reached = mono, reached
        if reached is not False:
            self.unreached_since = None
        elif self.unreached_since is None:
            self.unreached_since = mono

    def take_in_hand(self, mono: float) -> None:
        """A person did something about it at ``mono``: what changes until it can have settled is no flapping."""
        view = self.view
        probes = max(view.policy.fall, view.policy.rise) + 1
        self.flaps = self.flaps.taken_in_hand(mono + probes * view.every + view.timeout)

    def flap(self, before: State, mono: float) -> None:
        """Count a change of state that is the target's own."""
        after = self.view.health.state
        if before is not after and before in _EVIDENT and after in _EVIDENT:
            self.flaps = self.flaps.changed(mono)

    def correct(self, at: datetime) -> Entry | None:
        """An entry when the journal names another cause of this outage than is known now."""
        if self.journaled is not State.DOWN or self.view.health.state is not State.DOWN:
            return None
        known, self.journaled_cause = self.journaled_cause, self.view.root_cause or self.view.past_cause
        if known is None or known == self.journaled_cause:
            return None
        health = self.view.health
        body = CheckCauseCorrected(
            before=known or None,
            to=self.journaled_cause or None,
            reason=health.reason.value,
            detail=health.detail,
        )
        return body.entry(at, OBSERVER, self.view.id)

    def learn(self, journaled: State | None) -> None:
        """The journal knows this state, None for none: it lost events. A window's beginning and end are no news of it."""
        if self.window is None:
            self.journaled = journaled

    def tell(self, at: datetime) -> Entry | None:
        """An entry when the journal knows another state. The first "up" of a new check is no news."""
        health = self.view.health
        journaled, self.journaled = self.journaled, health.state
        if health.state is journaled or (journaled is None and health.state is State.UP):
            return None
        down = health.state is State.DOWN
        self.journaled_cause = (self.view.root_cause or self.view.past_cause) if down else None
        policy = self.view.policy
        worse = health.state in (State.DOWN, State.DEGRADED, State.UNKNOWN)
        body = CheckStateChanged(
            before=(journaled or State.UNKNOWN).value,
            to=health.state.value,
            reason=health.reason.value,
            detail=health.detail,
            count=policy.fall if worse else policy.rise,
            root_cause=(self.view.root_cause or None) if down else None,
            past_cause=(self.view.past_cause or None) if down else None,
            held="flapping" if down and self.view.held else None,
        )
        return body.entry(at, OBSERVER, self.view.id)


def blank(check_id: str, spec: CheckSpec, now: datetime) -> CheckRuntime:
    """A check that nothing is known about."""
    return CheckRuntime(CheckView(check_id, "", "", "", "", initial_health(now), spec.policy, spec.every, spec.timeout))


def restored(check_status: CheckStatus, view: CheckView | None) -> CheckView:
    """A status that was read, on what is known of the check already."""
    if view is None:
        view = CheckView(
            check_status.check_id,
            check_status.service_name,
            check_status.check_id.partition(".")[2],
            check_status.kind,
            "",
            check_status.health,
            _POLICY_UNKNOWN,
            check_status.every,
            check_status.timeout,
        )
    return view._replace(
        health=check_status.health,
        latency=check_status.latency,
        shown_latency=check_status.latency,
        value=check_status.value,
    )
