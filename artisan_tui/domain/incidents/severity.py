"""Severities of incidents, with the names that other scales have for them."""

from __future__ import annotations

from enum import IntEnum


class IncidentSeverity(IntEnum):
    """Sev1 is the worst. Numbers order them: a smaller one is worse."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4

    def __str__(self) -> str:
        return f"Sev{self.value}"

    @property
    def name_text(self) -> str:
        """``Sev1``, as the configuration and JSON spell it."""
        return str(self)


#: P0-P3 are of the operations runbook: its P0 is the top, and so is Sev1.
_NAMES = {
    **{f"sev{level}": level for level in range(1, 5)},
    **{f"p{level - 1}": level for level in range(1, 5)},
    **{str(level): level for level in range(1, 5)},
    "critical": 1,
    "high": 2,
    "medium": 3,
    "low": 4,
}
#: What a person may write, for an error message.
SPELLINGS = "Sev1 to Sev4, P0 to P3, critical, high, medium or low"


def parse_severity(text: str) -> IncidentSeverity:
    """The severity that ``text`` names: ``Sev2``, ``sev-2``, ``SEV 2``, ``2``, ``P1``, ``high``. Raises ValueError."""
    name = text.strip().casefold().replace("-", "").replace("_", "").replace(" ", "")
    if name not in _NAMES:
        raise ValueError(f"{text.strip()[:40]!r} is no severity: write {SPELLINGS}")
    return IncidentSeverity(_NAMES[name])
