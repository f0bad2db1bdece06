"""What the leader tells the followers about a check, besides its status: one JSON text.

Built from what is on its screen, so it is printable and capped already.
"""

from __future__ import annotations

import json
from dataclasses import replace

from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView, Tick

_REASONS = {reason.value: reason for reason in Reason}
_LETTERS = {State.UP: "u", State.DEGRADED: "g", State.DOWN: "d", State.UNKNOWN: "k", State.MAINTENANCE: "m"}
_VERDICTS = {letter: state for state, letter in _LETTERS.items()}
_pack = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def pack(view: CheckView, reached: bool | None) -> str:
    """``reached`` as in `domain.observer.SliceSample`."""
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
            "reached": reached,
        }
    )


def unpack(view: CheckView, text: str) -> tuple[CheckView, bool | None]:
    """``view`` with what `pack` kept, and ``reached``. What another version wrote and this one cannot read is left out."""
    if not text:
        return view, None
    try:
        held = json.loads(text)
        reached = held["reached"] if isinstance(held["reached"], bool) else None
        seen = replace(
            view,
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
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return view, None
    return seen, reached


def _strip(ticks: list[tuple[str, float | None]], values: object) -> tuple[Tick, ...]:
    known = values if isinstance(values, list) and len(values) == len(ticks) else [None] * len(ticks)
    return tuple(
        Tick(_VERDICTS.get(letter, State.UNKNOWN), latency, value if isinstance(value, int | float) else None)
        for (letter, latency), value in zip(ticks, known, strict=True)
    )
