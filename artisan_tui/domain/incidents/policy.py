"""The deadlines that an incident is held to. An incident keeps the policy that held when it was declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from artisan_tui.domain.incidents.severity import IncidentSeverity


def _seconds(*values: int) -> Mapping[int, int]:
    return MappingProxyType({level: value for level, value in enumerate(values, 1) if value})


#: Seconds by severity.
ACKNOWLEDGE = _seconds(900, 1800, 3600, 14400)
UPDATES = _seconds(900, 1800, 3600, 0)
DECAY = _seconds(1800, 3600, 7200, 14400)
LADDER = ("L1", "L2", "L3", "L4")
MOST_LEVELS = 12
#: A Sev1 is snoozed for this long at most, any other severity for a week.
LONGEST_SNOOZE = {1: timedelta(minutes=30)}
LONGEST_SNOOZE_OF_OTHERS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IncidentPolicy:
    """Seconds by severity (1 to 4), and the ladder, lowest level first.

    ``acknowledge``: until the second rung is paged. ``updates``: between two updates, no key for none. ``decay``: how
    long an acknowledgement lasts without work.
    """

    acknowledge: Mapping[int, int] = field(default_factory=lambda: ACKNOWLEDGE)
    updates: Mapping[int, int] = field(default_factory=lambda: UPDATES)
    decay: Mapping[int, int] = field(default_factory=lambda: DECAY)
    ladder: tuple[str, ...] = LADDER

    def acknowledge_seconds(self, severity: int) -> int:
        return self.acknowledge.get(severity, ACKNOWLEDGE[severity])

    def decay_seconds(self, severity: int) -> int:
        return self.decay.get(severity, DECAY[severity])

    def written(self) -> Mapping[str, str]:
        """As the journal keeps it; `read_policy` reads it."""
        return {
            f"{name}.{IncidentSeverity(level)}": str(seconds)
            for name in ("acknowledge", "updates", "decay")
            for level, seconds in sorted(getattr(self, name).items())
        }


def read_policy(written: Mapping[str, str], ladder: tuple[str, ...]) -> IncidentPolicy:
    """What `IncidentPolicy.written` gave. What cannot be read is left at its default."""
    found: dict[str, dict[int, int]] = {"acknowledge": {}, "updates": {}, "decay": {}}
    for key, text in written.items():
        name, _, level = key.partition(".")
        number = level.removeprefix("Sev")
        if name in found and number in ("1", "2", "3", "4") and text.isdecimal() and len(text) < 10 and int(text):
            found[name][int(number)] = int(text)
    updates = found["updates"] if written else UPDATES
    return IncidentPolicy(
        {**ACKNOWLEDGE, **found["acknowledge"]}, updates, {**DECAY, **found["decay"]}, ladder[:MOST_LEVELS] or LADDER
    )


def multiple(rung: int) -> int:
    """When a rung is paged, in acknowledgement deadlines: rung 1 at once, then 1, 2, 4, 8, ..."""
    return 0 if rung <= 1 else int(2 ** (rung - 2))
