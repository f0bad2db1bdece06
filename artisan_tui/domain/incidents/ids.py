"""Ids of incidents: when it was declared, in UTC, and a number where a second saw several."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

_FORM = re.compile(r"INC-\d{8}-\d{6}(-[1-9]\d{0,5})?", re.ASCII)


def incident_id(at: datetime, taken: Callable[[str], bool]) -> str:
    """``INC-20251014-103000``, with ``-2`` and so on where that is ``taken``."""
    base = f"INC-{at.astimezone(UTC):%Y%m%d-%H%M%S}"
    name, number = base, 1
    while taken(name):
        number += 1
        name = f"{base}-{number}"
    return name


def is_incident_id(text: str) -> bool:
    return _FORM.fullmatch(text) is not None
