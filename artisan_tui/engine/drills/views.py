"""What the process of a drill says, as slices, in the person's language. It is text from outside: made printable here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.drills.slice import (
    DrillAim,
    DrillMessage,
    DrillTruth,
    ExpectedAct,
    LiveDrillSlice,
    NextInject,
)

_LONGEST = 1000


def live_slice(view: Mapping[str, Any], *, korean: bool) -> LiveDrillSlice:
    """Raises KeyError, TypeError and ValueError for what the process cannot have said."""
    why = str(view["paused"])
    state = "ended" if view["ended"] else "begins" if why == "begins" else "paused" if why else "runs"
    return LiveDrillSlice(
        str(view["id"]),
        _text(view, "title", korean),
        _text(view, "briefing", korean),
        int(view["tick"]),
        int(view["ends"]),
        float(view["speed"]),
        state,
        why,
        tuple(_message(each, korean) for each in view["injects"]),
        tuple((int(each["tick"]), _text(each, "text", korean)) for each in view["rumours"]),
        tuple((int(each["tick"]), _text(each, "text", korean)) for each in view["hints"]),
        tuple(DrillAim(str(each["id"]), _text(each, "title", korean), int(each["by"])) for each in view["objectives"]),
        tuple(printable(str(each), 60) for each in view["removed"]),
        severity=str(view["severity"]),
        tour=bool(view["tour"]),
    )


def truth_of(view: Mapping[str, Any], players: tuple[str, ...], *, korean: bool) -> DrillTruth:
    """Raises KeyError, TypeError and ValueError."""
    return DrillTruth(
        _text(view, "truth", korean),
        tuple((int(each["tick"]), printable(str(each["name"]), 80)) for each in view["faults"]),
        tuple(
            NextInject(
                str(each["id"]),
                printable(str(each["from"]), 60),
                _text(each, "text", korean),
                None if each["due"] is None else int(each["due"]),
                printable(str(each["on"]) or ", ".join(each["when"]), 120),
                bool(each["held"]),
            )
            for each in view["next"]
        ),
        tuple(
            ExpectedAct(
                int(each["at"]),
                printable(str(each["text"]), 200),
                printable(str(each["runbook"]), 80),
                None if each["done"] is None else int(each["done"]),
            )
            for each in view["expected"]
        ),
        tuple(
            DrillAim(str(each["id"]), _text(each, "title", korean), int(each["by"]), each["reached"])
            for each in view["objectives"]
        ),
        tuple((int(each["tick"]), _act(each)) for each in view["acts"]),
        players,
    )


def _act(each: Mapping[str, Any]) -> str:
    words = " ".join([str(each["name"]), *(f"{name}={value}" for name, value in each["arguments"].items())])
    return printable(words if each["ok"] else f"{words} (refused)", 200)


def _message(each: Mapping[str, Any], korean: bool) -> DrillMessage:
    tick, within = int(each["tick"]), each["answer_by"]
    return DrillMessage(
        str(each["id"]),
        tick,
        printable(str(each["from"]), 60),
        printable(str(each["to"]), 60),
        _text(each, "text", korean),
        None if within is None else tick + int(within),
        None if each["answered"] is None else int(each["answered"]),
    )


def _text(each: Mapping[str, Any], name: str, korean: bool) -> str:
    own = str(each.get(f"{name}_ko") or "") if korean else ""
    return printable(own or str(each[name]), _LONGEST)
