"""The rotations of a configuration as a text for the journal: what a calendar file said, when they have changed since."""

from __future__ import annotations

import json
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.wall_time import Hours


def rotations_text(schedule: Schedule) -> str:
    """The same text for the same rotations and levels."""
    document = {
        "rotations": [_rotation(each) for each in schedule.rotations],
        "levels": {level: list(names) for level, names in schedule.levels.items()},
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_rotations(text: str) -> Schedule:
    """Raises ValueError for a text of another form."""
    try:
        document = json.loads(text)
        rotations = tuple(_read(each) for each in document["rotations"])
        levels = {str(level): tuple(map(str, names)) for level, names in document["levels"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("these are no rotations") from error
    return Schedule(rotations, levels)


def _rotation(rotation: Rotation) -> dict[str, Any]:
    only = rotation.only
    return {
        "id": rotation.id,
        "level": rotation.level,
        "people": list(rotation.people),
        "days": rotation.days,
        "handoff": rotation.handoff.isoformat("minutes"),
        "first": rotation.first.isoformat(),
        "zone": str(rotation.zone),
        "only": only
        and {
            "days": sorted(only.days),
            "begin": only.begin.isoformat("minutes"),
            "end": only.end.isoformat("minutes"),
            "zone": str(only.zone),
        },
    }


def _read(document: Any) -> Rotation:
    only = document["only"]
    return Rotation(
        document["id"],
        document["level"],
        tuple(map(str, document["people"])),
        int(document["days"]),
        time.fromisoformat(document["handoff"]),
        date.fromisoformat(document["first"]),
        ZoneInfo(document["zone"]),
        only
        and Hours(
            frozenset(map(int, only["days"])),
            time.fromisoformat(only["begin"]),
            time.fromisoformat(only["end"]),
            ZoneInfo(only["zone"]),
        ),
    )
