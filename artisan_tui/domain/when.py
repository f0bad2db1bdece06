"""Moments as people write them: ISO 8601, a time of today, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from artisan_tui.domain.span import parse_span

_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)


def parse_when(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment, in UTC. ``2h`` is two hours before ``now``; what names no zone is in ``zone``; a date is its midnight.

    Raises ValueError for anything else.
    """
    word = text.strip()
    today = now.astimezone(zone).date()
    days = {"today": 0, "yesterday": 1}
    if word == "now":
        return now.astimezone(UTC)
    if word in days:
        return datetime.combine(today - timedelta(days=days[word]), time(), zone).astimezone(UTC)
    if _CLOCK.fullmatch(word):
        return datetime.combine(
            today, time.fromisoformat(word.zfill(5 if word.count(":") == 1 else 8)), zone
        ).astimezone(UTC)
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        pass
    else:
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    try:
        return (now - timedelta(seconds=float(parse_span(word)))).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is too long ago") from None
