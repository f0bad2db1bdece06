"""Fall and rise: how single verdicts become a state.

Worse needs ``fall`` verdicts in a row, better needs ``rise``. Two thresholds are
counted at once, "at least degraded" and "down", so three verdicts `degraded, down,
down` with fall 3 make a target degraded, not up and not yet down.

Being blind (verdict unknown) is evidence of nothing: the state is kept and marked
stale with the time of the last real answer, and after ``fall`` blind looks, or when
that answer is older than anybody's patience, it becomes unknown. It is never green
again before a real answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.state import State


@dataclass(frozen=True, slots=True)
class Policy:
    """``fall`` and ``rise`` are counts of verdicts in a row, each at least 1."""

    fall: int = 3
    rise: int = 2


@dataclass(frozen=True, slots=True)
class Health:
    """Where a check stands.

    ``downs`` and ``lows`` count verdicts in a row: positive, that many were down (or at
    least degraded); negative, that many were not. ``blind`` counts looks in a row that saw
    nothing. ``baseline`` is the last state that rested on evidence. ``seen_at`` is when the
    last real answer came.
    """

    state: State
    reason: Reason
    detail: str
    since: datetime
    seen_at: datetime | None = None
    baseline: State | None = None
    downs: int = 0
    lows: int = 0
    blind: int = 0
    stale: bool = False

    @property
    def shaky(self) -> bool:
        """True while verdicts argue against the state: it may change soon."""
        if self.blind:
            return True
        if self.state is State.UP:
            return self.lows > 0
        if self.state is State.DEGRADED:
            return self.downs > 0 or self.lows < 0
        if self.state is State.DOWN:
            return self.downs < 0
        return self.downs > 0


def initial_health(at: datetime) -> Health:
    """A check nobody has looked at yet: unknown, and says why."""
    return Health(State.UNKNOWN, Reason.PENDING, "not probed yet", at)


def suspended(health: Health, reason: str, at: datetime) -> Health:
    """Under maintenance: looked at, but not counted. What was counted before the window says nothing after it."""
    since = health.since if health.state is State.MAINTENANCE else at
    return Health(State.MAINTENANCE, Reason.OK, reason, since, health.seen_at)


def resumed(at: datetime) -> Health:
    """After maintenance: nothing is known before somebody looks."""
    return Health(State.UNKNOWN, Reason.PENDING, "maintenance ended, not probed yet", at)


def advance(health: Health, outcome: Outcome, policy: Policy, at: datetime) -> Health:
    """The next standing after one verdict. ``at`` is when the look ended (UTC)."""
    if outcome.verdict is State.UNKNOWN:
        return _blinded(health, outcome, policy, at)
    down = outcome.verdict is State.DOWN
    low = down or outcome.verdict is State.DEGRADED
    downs, lows = _count(health.downs, down), _count(health.lows, low)
    seen = replace(health, downs=downs, lows=lows, blind=0, stale=False, seen_at=at)
    state = _settle(seen, outcome.verdict, policy)
    if state is State.UNKNOWN:
        detail = outcome.detail
        return replace(seen, reason=outcome.reason, detail=detail)
    confirmed = outcome.verdict is state
    reason = outcome.reason if confirmed or state is not health.state else health.reason
    detail = outcome.detail if confirmed or state is not health.state else health.detail
    since = health.since if state is health.state else at
    return replace(seen, state=state, baseline=state, reason=reason, detail=detail, since=since)


def _count(run: int, hit: bool) -> int:
    if hit:
        return run + 1 if run > 0 else 1
    return run - 1 if run < 0 else -1


def _settle(seen: Health, verdict: State, policy: Policy) -> State:
    check_status = seen.state
    if check_status in (State.UNKNOWN, State.MAINTENANCE):
        if seen.baseline is None:
            # Nothing known before: one good answer is evidence enough, one bad one is not.
            return verdict if verdict is not State.DOWN else _fallen(seen, State.UNKNOWN, policy)
        if verdict is seen.baseline:
            return verdict
        check_status = seen.baseline
        settled = _risen(seen, check_status, policy) if seen.downs < 0 else _fallen(seen, check_status, policy)
        return settled if settled is not check_status else State.UNKNOWN
    worse = _fallen(seen, check_status, policy)
    return worse if worse is not check_status else _risen(seen, check_status, policy)


def _fallen(seen: Health, check_status: State, policy: Policy) -> State:
    if check_status is State.DOWN:
        return check_status
    if seen.downs >= policy.fall:
        return State.DOWN
    if check_status is State.UP and seen.lows >= policy.fall:
        return State.DEGRADED
    return check_status


def _risen(seen: Health, check_status: State, policy: Policy) -> State:
    if check_status is State.DOWN and -seen.downs >= policy.rise:
        return State.UP if -seen.lows >= policy.rise else State.DEGRADED
    if check_status is State.DEGRADED and -seen.lows >= policy.rise:
        return State.UP
    if check_status is State.UP:
        # An unknown check whose baseline was up and that now reads degraded falls like any other.
        return _fallen(seen, check_status, policy)
    return check_status


def _blinded(health: Health, outcome: Outcome, policy: Policy, at: datetime) -> Health:
    blind = health.blind + 1
    if health.state is State.UNKNOWN or blind >= policy.fall or health.seen_at is None:
        since = health.since if health.state is State.UNKNOWN else at
        return replace(
            health,
            state=State.UNKNOWN,
            reason=outcome.reason,
            detail=outcome.detail,
            since=since,
            blind=blind,
            stale=False,
            downs=0,
            lows=0,
        )
    return replace(health, blind=blind, stale=True, reason=outcome.reason, detail=outcome.detail)


def patience(every: float, timeout: float) -> float:
    """Seconds after which the last real answer says nothing about now: three rounds and a timeout."""
    return 3 * every + timeout


def aged(health: Health, now: datetime, every: float, timeout: float) -> Health:
    """The standing as time alone changes it: stale after two missed rounds, unknown after `patience`.

    This is what a stopped process, a starved scheduler or yesterday's store looks like.
    """
    if health.seen_at is None or health.state is State.UNKNOWN:
        return health
    age = (now - health.seen_at).total_seconds()
    if age > patience(every, timeout):
        return replace(
            health,
            state=State.UNKNOWN,
            reason=Reason.STALE,
            detail=f"last result {health.seen_at.isoformat(timespec='seconds')}, was {health.state.value}",
            since=health.seen_at + timedelta(seconds=patience(every, timeout)),
            stale=False,
            downs=0,
            lows=0,
        )
    if age > 2 * every + timeout and not health.stale:
        return replace(health, stale=True, reason=Reason.STALE, detail="no result for two probe intervals")
    return health
