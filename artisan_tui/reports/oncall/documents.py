"""The schedule as JSON documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from artisan_tui.domain.event import stamp
from artisan_tui.domain.oncall.shift import Gap, Hidden, OnCallOverride, Overlap, Shift, Swap

NameOf = Callable[[str], str]


def shift_document(shift: Shift, name_of: NameOf, reachable: frozenset[str]) -> dict[str, object]:
    return {
        "person": shift.person,
        "name": name_of(shift.person),
        "level": shift.level,
        "start": stamp(shift.start),
        "end": stamp(shift.end),
        "hours": _hours(shift.end.timestamp() - shift.start.timestamp()),
        "layer": shift.layer,
        "why": shift.why.value,
        "instead_of": shift.instead_of,
        "source": shift.source,
        "reachable": shift.person in reachable,
    }


def gap_document(gap: Gap) -> dict[str, object]:
    return {
        "level": gap.level,
        "start": stamp(gap.start),
        "end": stamp(gap.end),
        "hours": _hours(gap.hours * 3600),
        "unreachable": list(gap.unreachable),
    }


def overlap_document(overlap: Overlap) -> dict[str, object]:
    return {
        "level": overlap.level,
        "start": stamp(overlap.start),
        "end": stamp(overlap.end),
        "hours": _hours(overlap.hours * 3600),
        "counts": overlap.upper,
        "hidden": overlap.lower,
    }


def override_document(override: OnCallOverride, hidden: Iterable[Hidden] = ()) -> dict[str, object]:
    return {
        "id": override.id,
        "level": override.level,
        "person": override.person,
        "start": stamp(override.start),
        "end": stamp(override.end),
        "reason": override.reason,
        "actor": override.actor,
        "taken": override.taken,
        "hidden": _hidden(override.id, hidden),
    }


def swap_document(swap: Swap, hidden: Iterable[Hidden] = ()) -> dict[str, object]:
    return {
        "id": swap.id,
        "rotation": swap.rotation,
        "state": swap.state.value,
        "giver": swap.giver,
        "taker": swap.taker,
        "start": stamp(swap.start),
        "end": stamp(swap.end),
        "back_start": None if swap.back_start is None else stamp(swap.back_start),
        "back_end": None if swap.back_end is None else stamp(swap.back_end),
        "reason": swap.reason,
        "hidden": _hidden(swap.id, hidden),
    }


def _hidden(name: str, hidden: Iterable[Hidden]) -> list[dict[str, str]]:
    return [{"by": each.by, "start": stamp(each.start), "end": stamp(each.end)} for each in hidden if each.id == name]


def _hours(seconds: float) -> float:
    return round(seconds / 3600, 4)
