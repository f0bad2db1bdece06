"""Values as the tables spell them, both ways. Standard library only: the first frame is read with it.

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

from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import Holder, Lease

#: Columns in the order that the readers below take them.
EVENT = ["seq", "occurred_at", "recorded_at", "actor", "kind", "subject", "body", "supersedes", "prev_hash", "hash"]
LEASE = ["fence", "beat", "holder", "asked", "audience"]
#: The row of the lease table for who probes.
LEADER = "poll"

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
