"""Checks as the tables spell them, both ways. Standard library only: the first frame is read with it."""

from __future__ import annotations

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus, RollUp
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.store.rows import Row, duration, micros, moment, seconds, storable

#: Columns in the order that the readers below take them; the check's id comes first from `check_ref`.
STATUS = [
    *("service_name", "kind", "state", "reason", "detail", "since", "seen_at", "baseline"),
    *("downs", "lows", "blind", "stale", "latency", "value", "every_seconds", "timeout_seconds"),
    "evidence",
]
SAMPLE = ["at", "verdict", "reason", "latency", "value"]
ROLL_UP = [
    *("start", "up", "degraded", "down", "unknown"),
    *("latency_min", "latency_max", "latency_sum", "latency_count", "value_min", "value_max"),
]

#: The verdicts a probe can have; each has its column in the roll-ups.
VERDICTS = ("up", "degraded", "down", "unknown")
_STATES = {state.value: state for state in State}
_REASONS = {reason.value: reason for reason in Reason}


def status_values(check_status: CheckStatus) -> dict[str, object]:
    """Values of `STATUS`."""
    health = check_status.health
    return {
        "service_name": storable(check_status.service_name),
        "kind": storable(check_status.kind),
        "state": health.state.value,
        "reason": health.reason.value,
        "detail": storable(health.detail),
        "since": micros(health.since),
        "seen_at": None if health.seen_at is None else micros(health.seen_at),
        "baseline": None if health.baseline is None else health.baseline.value,
        "downs": health.downs,
        "lows": health.lows,
        "blind": health.blind,
        "stale": health.stale,
        "latency": duration(check_status.latency),
        "value": None if check_status.value is None else storable(check_status.value),
        "every_seconds": check_status.every,
        "timeout_seconds": check_status.timeout,
        "evidence": storable(check_status.evidence),
    }


def status_of(row: Row) -> CheckStatus:
    """From check_id and `STATUS`. A state this version does not know is unknown, never green."""
    name, service, kind, state, reason, detail, since, seen, baseline, downs, lows, blind, stale = row[:13]
    latency, value, every, timeout, evidence = row[13:]
    health = Health(
        _state(state),
        _REASONS.get(reason, Reason.NO_DATA),
        detail,
        moment(since),
        None if seen is None else moment(seen),
        None if baseline is None else _state(baseline),
        downs,
        lows,
        blind,
        bool(stale),
    )
    return CheckStatus(name, service, kind, health, seconds(latency), value, every, timeout, evidence)


def sample_of(check_id: str, row: Row) -> CheckSample:
    """From `SAMPLE`."""
    at, verdict, reason, latency, value = row
    return CheckSample(check_id, moment(at), _state(verdict), reason, seconds(latency), value)


def roll_up_of(check_id: str, row: Row) -> RollUp:
    """From `ROLL_UP`."""
    start, up, degraded, down, unknown, least, most, total, count, value_min, value_max = row
    return RollUp(
        check_id,
        moment(start),
        up,
        degraded,
        down,
        unknown,
        seconds(least),
        seconds(most),
        total / 1_000_000,
        count,
        value_min,
        value_max,
    )


def _state(word: str) -> State:
    return _STATES.get(word, State.UNKNOWN)
