"""Durations of calendar files as RFC 5545 (3.3.6) means them: days and weeks are nominal, hours and less are exact.

The library reads "P1D" and "PT24H" as one timedelta. Over a change of the clock they end at different times, so the text
is kept in a property of ours while the file is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: The property that keeps the text.
KEPT = "X-ARTISAN-DURATION"
_FOLD = re.compile(rb"\r?\n[ \t]")
_LINE = re.compile(rb"^DURATION((?:;[^:\r\n]*)?):([^\r\n]*)$", re.IGNORECASE | re.MULTILINE)
_TEXT = re.compile(
    r"\+?P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class CalendarDuration:
    """``days`` of the wall clock, then ``exact`` time."""

    days: int
    exact: timedelta

    def __bool__(self) -> bool:
        return bool(self.days or self.exact)

    def end(self, start: datetime) -> datetime:
        """The end of what begins at ``start``, which has a zone; in UTC."""
        day = (start.replace(tzinfo=None) + timedelta(days=self.days)).replace(tzinfo=start.tzinfo, fold=0)
        # No days: the start itself, which may be the second of an hour that comes twice.
        return (day if self.days else start).astimezone(UTC) + self.exact


def keep_durations(data: bytes) -> bytes:
    """``data`` with the text of every DURATION once more, where the library leaves it as it is."""
    unfolded = _FOLD.sub(b"", data).replace(b"\r\n", b"\n")
    return _LINE.sub(_twice, unfolded)


def _twice(line: re.Match[bytes]) -> bytes:
    """In capitals, as the library wants it."""
    return b"DURATION%b:%b\n%b:%b" % (line[1], line[2].upper(), KEPT.encode(), line[2])


def read_duration(text: str) -> CalendarDuration:
    """Raises ValueError for what is no duration, and for one that runs backwards."""
    found = _TEXT.fullmatch(text.strip().upper())
    if found is None or not any(found.groups()):
        raise ValueError(text)
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return CalendarDuration(weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds))
