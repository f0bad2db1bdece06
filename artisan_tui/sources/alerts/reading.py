"""Values of JSON that another program wrote: what has another form is left out or an error, never trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from artisan_tui.sources.alerts.call import SourceError

#: Go writes nanoseconds, Python reads microseconds.
_FRACTION = re.compile(r"(\.\d{6})\d+")
#: Longer label and annotation values are cut: they are shown and stored.
_LONGEST = 4096
_MOST_LABELS = 100


def moment(value: object) -> datetime | None:
    """A time as Go writes it; None for none, and for the year 1 by which it says "never"."""
    if not isinstance(value, str) or len(value) > 60:
        return None
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", value))
    except ValueError:
        return None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return found.astimezone(UTC) if 1970 < found.year < 9999 else None


def texts(value: object) -> dict[str, str]:
    """Labels or annotations. The values are data: they are made printable where they are shown."""
    if not isinstance(value, Mapping):
        return {}
    pairs = [(str(name), each) for name, each in value.items() if isinstance(each, str)][:_MOST_LABELS]
    return {name[:200]: each[:_LONGEST] for name, each in pairs}


def strings(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def objects(value: object, what: str) -> list[Mapping[str, Any]]:
    """Raises SourceError for what is no list: it must not read as "there are none"."""
    if not isinstance(value, list):
        raise SourceError(f"the answer holds no list of {what}: is this the right address?")
    return [each for each in value if isinstance(each, Mapping)]
