"""What the leader tells the followers about a check, besides its status: one JSON text.

Built from what is on its screen, so it is printable and capped already.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from artisan_tui.domain.checks.health import Health
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView, Tick

_REASONS = {reason.value: reason for reason in Reason}
_STATES = {state.value: state for state in State}
_LETTERS = {State.UP: "u", State.DEGRADED: "g", State.DOWN: "d", State.UNKNOWN: "k", State.MAINTENANCE: "m"}
_VERDICTS = {letter: state for state, letter in _LETTERS.items()}
_pack = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack(view: CheckView, reached: bool | None) -> str:
    """``reached`` as in `domain.observer.SliceSample`."""
    below = view.underneath
    return _pack(
        {
            "strip": [[_LETTERS[tick.verdict], tick.latency] for tick in view.strip],
            # Apart from the strip, which earlier versions read.
            "values": [tick.value for tick in view.strip],
            "steady": view.shown_latency,
            "findings": [[f.condition, f.ok, f.actual, f.reason.value] for f in view.findings],
            "excerpt": view.excerpt,
            "query": view.query,
            "remarks": view.remarks,
            "flapping": view.flapping,
            "blamed": view.root_cause,
            "excused": view.past_cause,
            "onset": [_seconds(view.failed_at), _seconds(view.well_at)],
            "reached": reached,
            "below": None if below is None else [below.state.value, below.reason.value, below.detail],
        }
    )


def unpack(view: CheckView, text: str) -> tuple[CheckView, bool | None]:
    """``view`` with what `pack` kept, and ``reached``. What another version wrote and this one cannot read is left out."""
    if not text:
        return view, None
    try:
        held = json.loads(text)
        reached = held["reached"] if isinstance(held["reached"], bool) else None
        failed_at, well_at = held.get("onset", (None, None))  # an earlier version did not write it
        seen = view._replace(
            strip=_strip(held["strip"], held.get("values")),
            shown_latency=held["steady"],
            findings=tuple(
                ConditionResult(str(condition), bool(ok), str(actual), _REASONS.get(reason, Reason.NO_DATA))
                for condition, ok, actual, reason in held["findings"]
            ),
            excerpt=str(held["excerpt"]),
            query=str(held["query"]),
            remarks=tuple(str(remark) for remark in held["remarks"]),
            flapping=bool(held["flapping"]),
            root_cause=str(held["blamed"]),
            past_cause=str(held.get("excused", "")),
            failed_at=_moment(failed_at),
            well_at=_moment(well_at),
            underneath=_below(view, held.get("below")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return view, None
    return seen, reached


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _below(view: CheckView, held: object) -> Health | None:
    """What the check would be without maintenance."""
    if not isinstance(held, list) or len(held) != 3:
        return None
    state, reason, detail = map(str, held)
    return Health(_STATES.get(state, State.UNKNOWN), _REASONS.get(reason, Reason.NO_DATA), detail, view.health.since)


def _strip(ticks: list[tuple[str, float | None]], values: object) -> tuple[Tick, ...]:
    known = values if isinstance(values, list) and len(values) == len(ticks) else [None] * len(ticks)
    return tuple(
        Tick(_VERDICTS.get(letter, State.UNKNOWN), latency, value if isinstance(value, int | float) else None)
        for (letter, latency), value in zip(ticks, known, strict=True)
    )
