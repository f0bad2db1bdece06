"""Moments as people write them: ISO 8601, a time of today, or how long ago."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from artisan_tui.domain.span import parse_span

#: Moments outside of these years are nobody's: shifts and periods are reckoned from a moment in both directions, and the
#: calendar of the language ends at the years 1 and 9999.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)


class NotOneMoment(ValueError):
    """A wall time that occurs twice, or not at all. ``offsets`` are the instants that may be meant, in UTC."""

    def __init__(self, wall: datetime, offsets: tuple[datetime, ...], zone: tzinfo) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} is not one moment in {zone}")
        self.wall, self.offsets, self.zone = wall, offsets, zone

    def said(self, _: Callable[[str], str]) -> str:
        """What to write instead, for the person who typed it; ``_`` translates."""
        wall = f"{self.wall:%Y-%m-%d %H:%M}"
        if self.offsets:
            one, two = (each.astimezone(self.zone).isoformat(timespec="minutes") for each in self.offsets)
            first, second = (f"{each:%Y-%m-%dT%H:%MZ}" for each in self.offsets)
            text = _("{time} occurs twice in {zone}: write {one} ({first}) or {two} ({second})")
            return text.format(time=wall, zone=self.zone, one=one, first=first, two=two, second=second)
        first, second = (
            each.astimezone(self.zone).isoformat(timespec="minutes") for each in sorted(_readings(self.wall, self.zone))
        )
        text = _("{time} does not occur in {zone}, the clocks skip it: write {first} or {second}")
        return text.format(time=wall, zone=self.zone, first=first, second=second)


def exact(wall: datetime, zone: tzinfo) -> datetime:
    """The instant of a wall time, in UTC. Raises NotOneMoment when a change of the clock repeats or skips it."""
    first, second = _readings(wall, zone)
    if first == second:
        return first
    raise NotOneMoment(wall, (first, second) if first < second else (), zone)


def day_begins(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, in UTC: where the clocks skip midnight, the instant at which they do."""
    first, second = _readings(datetime.combine(day, time()), zone)
    if first <= second:
        return first
    low, high = second, first  # the day before, and the day
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(zone).date() >= day else (middle, high)
    return high.replace(microsecond=0)


def _readings(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants of a wall time with the offset before a change of the clock, and with the one after it."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second


def nearest_day(wall: datetime, days: int, zone: tzinfo, fits: Callable[[datetime], bool]) -> datetime:
    """The instant of ``wall`` where it ``fits``, else that of the same time of day ``days`` later (before, when negative).

    A time that a change of the clock repeats or skips is refused only where it may be the one that is meant: it is not
    when none of its readings fits. Raises NotOneMoment.
    """
    if any(fits(each) for each in _readings(wall, zone)):
        return exact(wall, zone)
    return exact(wall + timedelta(days=days), zone)


def reckonable(moment: datetime) -> datetime:
    """``moment``, which has a zone, in UTC. Raises ValueError outside of 1970 to 2299."""
    try:
        found = moment.astimezone(UTC)
    except OverflowError:
        found = None
    if found is None or not _FIRST <= found < _LAST:
        raise ValueError(f"{moment:%Y-%m-%d} is too far away")
    return found


def parse_when(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment, in UTC. ``2h`` is two hours before ``now``; what names no zone is in ``zone``; a date is its beginning.

    Raises ValueError for anything else, and NotOneMoment for a time that a change of the clock repeats or skips.
    """
    word = text.strip()
    today = now.astimezone(zone).date()
    days = {"today": 0, "yesterday": 1}
    if word == "now":
        return now.astimezone(UTC)
    if word in days:
        return day_begins(today - timedelta(days=days[word]), zone)
    clock = time_of_day(word)
    if clock is not None:
        return exact(datetime.combine(today, clock), zone)
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        pass
    else:
        return written_in_full(word, moment, zone)
    try:
        return reckonable(now - timedelta(seconds=float(parse_span(word))))
    except OverflowError:
        raise ValueError(f"{text!r} is too long ago") from None


def time_of_day(word: str) -> time | None:
    """``9:30``, ``09:30:15``; None for anything else. Raises ValueError for one that no clock shows."""
    if not _CLOCK.fullmatch(word):
        return None
    return time.fromisoformat(word.zfill(5 if word.count(":") == 1 else 8))


def written_in_full(word: str, moment: datetime, zone: tzinfo) -> datetime:
    """The instant of ``word``, which was read as ``moment``; without a zone, it is in ``zone``. Raises ValueError."""
    if moment.tzinfo is not None:
        return reckonable(moment)
    try:
        return reckonable(day_begins(moment.date(), zone) if _only_date(word) else exact(moment, zone))
    except OverflowError:
        raise ValueError(f"{word!r} is too far away") from None


def _only_date(word: str) -> bool:
    """Whether no time of day was written, which is not the same as 00:00."""
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True
