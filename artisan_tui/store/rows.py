"""Values as the tables spell them, both ways. Standard library only: the opening screen reads with it.

Moments are integer microseconds since 1970 UTC, durations integer microseconds; the
journal's moments stay the exact text that was hashed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus, RollUp
from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.state import State

#: Columns in the order that the readers below take them; the check's name comes first from `check_ref`.
STANDING = [
    *("service_name", "kind", "state", "reason", "detail", "since", "seen_at", "baseline"),
    *("downs", "lows", "blind", "stale", "latency", "value", "every_seconds", "timeout_seconds"),
    "evidence",
]
SAMPLE = ["at", "verdict", "reason", "latency", "value"]
ROLL_UP = ["start", "up", "degraded", "down", "unknown", "latency_min", "latency_max", "latency_sum", "latency_count"]
EVENT = ["seq", "occurred_at", "recorded_at", "actor", "kind", "subject", "body", "supersedes", "prev_hash", "hash"]

LEASE = ["fence", "beat", "holder", "asked", "audience"]
#: The row of the lease table for who polls.
POLL = "poll"

#: The verdicts a look can have; each has its column in the roll-ups.
VERDICTS = ("up", "degraded", "down", "unknown")
_STATES = {state.value: state for state in State}
_REASONS = {reason.value: reason for reason in Reason}
_HOLDER = {field.name for field in fields(Holder)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: A row as any driver gives it.
Row = Sequence[Any]


def micros(moment: datetime) -> int:
    """Exact microseconds since 1970. TypeError for a moment without a zone."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def duration(seconds: float | None) -> int | None:
    """Whole microseconds; None for none, and for what is no duration at all (NaN, infinity)."""
    if seconds is None or not math.isfinite(seconds):
        return None
    return round(seconds * 1_000_000)


def seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1_000_000


def storable(text: str) -> str:
    """``text`` without what some database cannot hold: lone surrogates and NUL become U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "�")
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("�" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def standing_values(check_status: CheckStatus) -> dict[str, object]:
    """Values of `STANDING`."""
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


def standing_of(row: Row) -> CheckStatus:
    """From check_id and `STANDING`. A state this version does not know is unknown, never green."""
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
    start, up, degraded, down, unknown, least, most, total, count = row
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
    )


def event_of(row: Row) -> Event:
    """From `EVENT`. ValueError or TypeError when the row was tampered with beyond reading."""
    seq, occurred, recorded, actor, kind, subject, body, supersedes, prev_hash, digest = row
    return Event(
        datetime.fromisoformat(occurred),
        actor,
        kind,
        subject,
        json.loads(body),
        supersedes,
        seq,
        datetime.fromisoformat(recorded),
        prev_hash,
        digest,
    )


def holder_text(holder: Holder) -> str:
    return storable(json.dumps(asdict(holder), ensure_ascii=False))


def lease_of(row: Row) -> Lease:
    """From `LEASE`."""
    fence, beat, holder, asked, audience = row
    return Lease(fence, beat, holder_of(holder), asked, audience)


def holder_of(text: str) -> Holder | None:
    """None for nobody. What another version or another hand wrote is a holder nobody knows, never nobody."""
    if not text:
        return None
    try:
        return Holder(**{name: value for name, value in json.loads(text).items() if name in _HOLDER})
    except (ValueError, TypeError, AttributeError):
        return Holder(session="?")


def _state(word: str) -> State:
    return _STATES.get(word, State.UNKNOWN)
