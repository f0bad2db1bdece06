"""The journal's entries and the chain that ties each to the one before.

A correction is a new event that supersedes; ``occurred_at`` (when it happened) is not
``recorded_at`` (when we wrote it down). The chain detects tampering; it cannot prevent it
by somebody who may write the file, so exports carry its head.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

#: What the first event's ``prev_hash`` is.
GENESIS = "0" * 64
# Made once: json.dumps with options makes an encoder for every call, and every event makes two.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
# What the encoder does with a text; the list around it is written in `chain_hash`, in a third of the time.
_QUOTED = json.encoder.encode_basestring
_MATERIAL = json.JSONEncoder(ensure_ascii=False).encode
_UNRECORDED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, not yet written down.

    ``kind`` is dotted (``check.state``, ``config.loaded``), ``subject`` the id it is about,
    ``body`` JSON values only. Words for people are made from these when shown, in the
    reader's language.
    """

    occurred_at: datetime
    actor: str
    kind: str
    subject: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    supersedes: int | None = None


@dataclass(frozen=True, slots=True)
class Event(Entry):
    """An `Entry` as the journal holds it. ``seq`` counts from 1 without gaps."""

    seq: int = 0
    recorded_at: datetime = _UNRECORDED
    prev_hash: str = GENESIS
    hash: str = ""


def stamp(moment: datetime) -> str:
    """A moment as the journal writes it: UTC, microseconds, always the same length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def event_fields(event: Event) -> dict[str, object]:
    """What every JSON document of an event has, in this order."""
    return {
        "seq": event.seq,
        "at": stamp(event.occurred_at),
        "recorded_at": stamp(event.recorded_at),
        "actor": event.actor,
        "kind": event.kind,
        "subject": event.subject,
        "body": dict(event.body),
    }


def canonical(body: Mapping[str, object]) -> str:
    """One spelling for one value: sorted keys, no spaces, text as it is."""
    return _CANONICAL(body)


def seal(entry: Entry, seq: int, recorded_at: datetime, prev_hash: str) -> Event:
    """The event that follows the one hashed ``prev_hash``."""
    digest = chain_hash(
        prev_hash,
        seq,
        stamp(entry.occurred_at),
        stamp(recorded_at),
        entry.actor,
        entry.kind,
        entry.subject,
        canonical(entry.body),
        entry.supersedes,
    )
    return Event(
        entry.occurred_at,
        entry.actor,
        entry.kind,
        entry.subject,
        entry.body,
        entry.supersedes,
        seq,
        recorded_at,
        prev_hash,
        digest,
    )


def chain_hash(
    prev_hash: str,
    seq: int,
    occurred_at: str,
    recorded_at: str,
    actor: str,
    kind: str,
    subject: str,
    body: str,
    supersedes: int | None,
) -> str:
    """SHA-256 over the fields as a JSON list, so that no two events can run together to the same text."""
    try:
        material = (
            f"[{_QUOTED(prev_hash)}, {_number(seq)}, {_QUOTED(occurred_at)}, {_QUOTED(recorded_at)}, {_QUOTED(actor)}, "
            f"{_QUOTED(kind)}, {_QUOTED(subject)}, {_QUOTED(body)}, {_number(supersedes)}]"
        )
    except TypeError:  # a row that was tampered with holds anything anywhere
        material = _MATERIAL([prev_hash, seq, occurred_at, recorded_at, actor, kind, subject, body, supersedes])
    return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()


def _number(value: int | None) -> str:
    """As JSON spells it. TypeError for what is none."""
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    raise TypeError(value)


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and how."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class StoredRow:
    """An event exactly as the table spells it; verification must not re-interpret it first."""

    seq: int
    occurred_at: str
    recorded_at: str
    actor: str
    kind: str
    subject: str
    body: str
    supersedes: int | None
    prev_hash: str
    hash: str


def verify(rows: Iterable[StoredRow]) -> tuple[int, str, Break | None]:
    """(events read, hash of the last sound one, the first break or None)."""
    count, head = 0, GENESIS
    for row in rows:
        if row.seq != count + 1:
            return count, head, Break(row.seq, f"expected event {count + 1}: events are missing")
        if row.prev_hash != head:
            return count, head, Break(row.seq, "does not follow the previous event (hash mismatch)")
        expected = chain_hash(
            head,
            row.seq,
            row.occurred_at,
            row.recorded_at,
            row.actor,
            row.kind,
            row.subject,
            row.body,
            row.supersedes,
        )
        if row.hash != expected:
            return count, head, Break(row.seq, "was changed after it was written")
        count, head = count + 1, row.hash
    return count, head, None
