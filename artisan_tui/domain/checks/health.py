"""Fall and rise: how the verdicts of single probes become the state of a check.

A worse state needs ``fall`` verdicts in a row, a better state needs ``rise``. "At least degraded" and
"down" are counted separately. So with fall 3, the verdicts `degraded, down, down` make a check
degraded, and not down yet.

The verdict unknown says nothing about the target. The state is kept and marked stale. It becomes unknown
after ``fall`` unknown verdicts in a row, or when the last known verdict is older than `patience`.
Only a known verdict changes it back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.state import State


@dataclass(frozen=True, slots=True)
class Policy:
    """``fall`` and ``rise`` are counts of verdicts in a row, each at least 1."""

    fall: int = 3
    rise: int = 2


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a check and the counts behind it.

    - ``downs`` counts verdicts in a row: n > 0 means that the last n were down, n < 0 that the last -n
      were not. ``lows`` does the same for "at least degraded".
    - ``blind`` counts unknown verdicts in a row.
    - ``baseline`` is the last state that known verdicts confirmed.
    - ``seen_at`` is the time of the last known verdict.
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
        """True while the last verdicts differ from the state, which may change soon."""
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
    """The health of a check that was not probed yet."""
    return Health(State.UNKNOWN, Reason.PENDING, "not probed yet", at)


def suspended(health: Health, reason: str, at: datetime) -> Health:
    """The health under maintenance. Counts from before the window are dropped, because they are outdated after it."""
    since = health.since if health.state is State.MAINTENANCE else at
    return Health(State.MAINTENANCE, Reason.OK, reason, since, health.seen_at)


def resumed(at: datetime) -> Health:
    """The health after maintenance, before the first probe."""
    return Health(State.UNKNOWN, Reason.PENDING, "maintenance ended, not probed yet", at)


def advance(health: Health, outcome: Outcome, policy: Policy, at: datetime) -> Health:
    """The health after one more verdict. ``at`` is the end of the probe (UTC)."""
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
            # Without an earlier state, one good verdict is enough. A down verdict is counted.
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
        # The state was unknown and the baseline is up: a degraded verdict is counted like in any other check.
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
    """Seconds after which a verdict is too old to keep the state: three probe intervals and a timeout."""
    return 3 * every + timeout


def aged(health: Health, now: datetime, every: float, timeout: float) -> Health:
    """The health at ``now`` when no probe has ended since: stale after two probe intervals, unknown after `patience`.

    This happens after a stopped process, with a blocked scheduler, or with a store of yesterday.
    """
    if health.seen_at is None or health.state is State.UNKNOWN:
        return health
    age = (now - health.seen_at).total_seconds()
    if age > patience(every, timeout):
        return replace(
            health,
            state=State.UNKNOWN,
            reason=Reason.STALE,
            detail=f"no result for {span_text(age)}, was {health.state.value}",
            since=health.seen_at + timedelta(seconds=patience(every, timeout)),
            stale=False,
            downs=0,
            lows=0,
        )
    if age > 2 * every + timeout and not health.stale:
        return replace(health, stale=True, reason=Reason.STALE, detail="no result for two probe intervals")
    return health
