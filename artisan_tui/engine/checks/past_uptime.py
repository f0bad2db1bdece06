"""Uptime and latency of every check at a past moment.

A session reads these figures every five minutes, each check at another second, from what had been written by then. Of
the last two days they are kept as they were shown. Before that they are made from the hours and the roll-ups, as of the
whole five minutes before the moment, and differ from what was shown then by the probes in between: when a round was, and
what it found in the store, is no longer known. Nor are the latencies of the hour under way, which roll-ups do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final, NamedTuple

from artisan_tui.domain.checks.latencies import Latencies
from artisan_tui.domain.checks.sample import HOURS_KEPT_SECONDS, RAW_KEPT_SECONDS, CheckHour
from artisan_tui.domain.checks.uptime import DAYS
from artisan_tui.engine.checks.slice import Uptime, UptimeSlice
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.past.kinds import PieceKind, Then, Weighed
from artisan_tui.engine.past.packing import Packing

if TYPE_CHECKING:
    from artisan_tui.store.checks.then import ChecksThen, HourThen

_HOUR, _DAY, _MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Moments of the same five minutes have the same figures: a session reads them as often.
_GRAIN = 300
_QUARTER = 900
#: While a session runs, figures are shown until a round comes to others; all are kept again within this time.
_SHOWN_FOR = timedelta(hours=13)
#: Hours that are remembered as they were read.
_MOST_HOURS = 20_000
_VERDICTS = ("up", "degraded", "down", "unknown")


class ShownUptime(NamedTuple):
    """What was shown of one check since ``at``; of its days only the last one: the others are over, and in the hours."""

    at: datetime
    day: float | None
    month: float | None
    p50: float | None
    p95: float | None
    today: float | None


def _weigh(shown: Uptime, at: datetime) -> Weighed:
    """Midnight is at a quarter of an hour in every zone: the same figures of another day are not the same."""
    today = shown.days[-1] if shown.days else None
    found = ShownUptime(at, shown.day, shown.month, shown.p50, shown.p95, today)
    quarter = at - timedelta(seconds=at.timestamp() % _QUARTER)
    return Weighed(found, found._replace(at=quarter), None)


_UPTIME = PieceKind("uptime", UptimeSlice, lambda found: found.checks.items(), _weigh, Packing((ShownUptime,)))
KEPT: Final = (_UPTIME,)


class _Days:
    """Every day of one check that is over: what it served, and sums over any stretch. Days are ordinals of the zone."""

    __slots__ = ("_base", "_sums", "shares")

    def __init__(self, days: Mapping[int, tuple[int, int]]) -> None:
        self._base = min(days, default=0)
        self._sums = [(0, 0)]
        #: From the first day on; None for a day without a probe.
        self.shares: list[float | None] = []
        for day in range(self._base, max(days, default=-1) + 1):
            self.put(day, days.get(day, (0, 0)))

    def put(self, day: int, counted: tuple[int, int]) -> None:
        """The next day, or one after it."""
        if not self.shares:
            self._base = day
        while self._base + len(self.shares) < day:
            self.put(self._base + len(self.shares), (0, 0))
        self.shares.append(_share(*counted))
        self._sums.append(_plus((self._sums[-1], counted)))

    def cut(self, day: int) -> None:
        """Forget this day and those after it."""
        left = max(0, day - self._base)
        del self.shares[left:], self._sums[left + 1 :]

    def served(self, first: int, end: int) -> list[float | None]:
        """The share of each day in [first, end)."""
        low, high = first - self._base, end - self._base
        before = [None] * (min(0, high) - low if low < 0 else 0)
        found = [*before, *self.shares[max(0, low) : max(0, high)]]
        return [*found, *([None] * (end - first - len(found)))]

    def total(self, first: int, end: int) -> tuple[int, int]:
        """(good, down) of the days in [first, end)."""
        low, high = (min(max(0, day - self._base), len(self.shares)) for day in (first, end))
        if low >= high:
            return 0, 0
        return self._sums[high][0] - self._sums[low][0], self._sums[high][1] - self._sums[low][1]


class _Known(NamedTuple):
    """What is read once: the days by check up to the midnight ``until``; and when the first hour of each began."""

    until: datetime
    days: dict[str, _Days]
    first: dict[str, datetime]


def past_uptimes(then: Then, stored: ChecksThen, check_ids: Sequence[str], seen_at: datetime | None) -> UptimeSlice:
    """As they were shown where that is kept; else as of the moment, or a little before it. ``seen_at`` is when a
    session probed last: where none ran, nothing was shown."""
    ran = seen_at is not None and then.at - seen_at < timedelta(seconds=2 * _GRAIN)
    shown = {name: kept for name in check_ids if ran and (kept := _shown(then, name)) is not None}
    if shown:
        known = _known(then, stored, list(shown))
        return UptimeSlice({each: _completed(kept, known.days[each], then.zone) for each, kept in shown.items()})
    at = then.at - timedelta(seconds=then.at.timestamp() % _GRAIN)
    made: dict[datetime, UptimeSlice] = then.kept.setdefault("uptimes", {})
    live = (then.now.at - at).total_seconds() < 2 * _GRAIN
    if at not in made or live:
        if len(made) > 200:
            made.clear()
        made[at] = _uptimes(then, stored, then.at if live else at, check_ids)
    return made[at]


def _shown(then: Then, check_id: str) -> ShownUptime | None:
    if (then.now.at - then.at).total_seconds() >= RAW_KEPT_SECONDS:
        return None
    kept: ShownUptime | None = then.piece(_UPTIME, check_id)
    return kept if kept is not None and then.at - kept.at < _SHOWN_FOR else None


def _completed(shown: ShownUptime, days: _Days, zone: tzinfo) -> Uptime:
    ordinal = shown.at.astimezone(zone).date().toordinal()
    served = days.served(ordinal - DAYS + 1, ordinal)
    return Uptime(shown.day, shown.month, shown.p50, shown.p95, (*served, shown.today))


def _uptimes(then: Then, stored: ChecksThen, at: datetime, check_ids: Sequence[str]) -> UptimeSlice:
    began = at.replace(minute=0, second=0, microsecond=0)
    known = _known(then, stored, check_ids)
    running = _running(then, stored, began, at, check_ids)
    today, month = _midnight(at, then.zone), _midnight(at - _MONTH, then.zone) + _DAY
    ordinal = at.astimezone(then.zone).date().toordinal()
    this_day = _of_days(stored, check_ids, today, began, then.zone)
    # Of the day on which the month began, only what came after its hour.
    first_day = _of_days(stored, check_ids, at - _MONTH, month, then.zone)
    month_ordinal = (at - _MONTH).astimezone(then.zone).date().toordinal()
    found = {}
    for check_id in check_ids:
        now = running.get(check_id, CheckHour(began))
        heard = now.up + now.degraded + now.down + now.unknown > 0
        starts = [each for each in (known.first.get(check_id), began if heard else None) if each is not None]
        if not starts or min(starts) > at:
            continue
        age = at - min(starts)
        last_day = _last_day(then, stored, check_id, at, began)
        latencies = Latencies.total([each.latencies for each in last_day]) + now.latencies
        by_day = known.days[check_id]
        mine = _plus(this_day.get(check_id, {}).values(), (now.up + now.degraded, now.down))
        whole = by_day.total(month_ordinal + 1, ordinal)
        of_month = _plus((whole, mine), *first_day.get(check_id, {}).values())
        served = by_day.served(ordinal - DAYS + 1, ordinal)
        good, down = _plus([(each.good, each.down) for each in last_day], (now.up + now.degraded, now.down))
        found[check_id] = Uptime(
            _share(good, down) if age >= _HOUR else None,
            _share(*of_month) if age >= _DAY else None,
            latencies.quantile(0.5),
            latencies.quantile(0.95),
            (*served, _share(*mine)),
        )
    return UptimeSlice(found)


def _share(good: int, down: int) -> float | None:
    return good / (good + down) if good + down else None


def _plus(counted: Iterable[tuple[int, int]], *more: tuple[int, int]) -> tuple[int, int]:
    good = down = 0
    for each in (*counted, *more):
        good, down = good + each[0], down + each[1]
    return good, down


def _last_day(then: Then, stored: ChecksThen, check_id: str, at: datetime, began: datetime) -> list[HourThen]:
    """Whole hours of the last day. An hour that is over does not change."""
    hours: dict[tuple[str, datetime], HourThen | None] = then.kept.setdefault("hours", {})
    first = at - _DAY
    first = first.replace(minute=0, second=0, microsecond=0) + (_HOUR if first.minute or first.second else timedelta(0))
    wanted = [first + number * _HOUR for number in range(int((began - first) / _HOUR))]
    missing = [each for each in wanted if (check_id, each) not in hours]
    if missing:
        if len(hours) > _MOST_HOURS:
            hours.clear()
            missing = wanted
        hours.update({(check_id, each): None for each in missing})
        for hour in stored.hours(check_id, missing[0], missing[-1] + _HOUR):
            hours[check_id, hour.start] = hour
    return [found for each in wanted if (found := hours.get((check_id, each))) is not None]


def _running(
    then: Then, stored: ChecksThen, began: datetime, at: datetime, check_ids: Sequence[str]
) -> dict[str, CheckHour]:
    """The hour under way of each check, as far as it had come; probes in maintenance are left out."""
    found = {}
    if (then.now.at - at).total_seconds() >= RAW_KEPT_SECONDS:
        for check_id, rolled in stored.roll_ups(check_ids, at, 12).items():
            inside = [each for each in rolled if each.start >= began]
            up, degraded, down, unknown = (sum(getattr(each, name) for each in inside) for name in _VERDICTS)
            found[check_id] = CheckHour(began, up, degraded, down, unknown)
        return found
    windows = then.states.get(MaintenanceWindows).history(began, at)
    for check_id, heard in stored.heard(check_ids, began, at).items():
        covering = [window for window in windows if window.covers_check(check_id)]
        if covering:
            heard = [each for each in heard if not any(_at(each[0]) in window for window in covering)]
        verdicts = [verdict for _, verdict, _ in heard]
        up, degraded, down, unknown = (verdicts.count(name) for name in _VERDICTS)
        latencies = Latencies.of(latency / 1_000_000 for _, _, latency in heard if latency is not None)
        found[check_id] = CheckHour(began, up, degraded, down, unknown, latencies)
    return found


def _at(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _known(then: Then, stored: ChecksThen, check_ids: Sequence[str]) -> _Known:
    """Every day that is over, of all that is kept. Only what no moment before has asked for is read."""
    until = _midnight(then.now.at, then.zone)
    known: _Known | None = then.kept.get("uptime days")
    if known is None or known.until > until:
        known = _Known(until, {}, {})
    elif known.until < until:
        # From the day before on: its last hour was perhaps still being written.
        start = _midnight(known.until - _HOUR, then.zone)
        news = _of_days(stored, list(known.days), start, until, then.zone)
        for check_id, days in known.days.items():
            days.cut(start.astimezone(then.zone).date().toordinal())
            for day, counted in sorted(news.get(check_id, {}).items()):
                days.put(day, counted)
        known = known._replace(until=until)
    new = [each for each in check_ids if each not in known.days]
    if new:
        start = until - timedelta(seconds=HOURS_KEPT_SECONDS)
        read = _of_days(stored, new, start, until, then.zone)
        known.days.update((each, _Days(read.get(each, {}))) for each in new)
    # A check that nobody had probed has no first hour yet.
    known.first.update(stored.first_hours([each for each in check_ids if each not in known.first]))
    then.kept["uptime days"] = known
    return known


def read_ahead(then: Then, stored: ChecksThen, check_ids: Sequence[str]) -> None:
    """What `past_uptimes` would read of these checks, and has for other moments after it."""
    _known(then, stored, check_ids)
    began = then.at.replace(minute=0, second=0, microsecond=0)
    for check_id in check_ids:
        _last_day(then, stored, check_id, then.at, began)


def _of_days(
    stored: ChecksThen, check_ids: Sequence[str], start: datetime, end: datetime, zone: tzinfo
) -> dict[str, dict[int, tuple[int, int]]]:
    """The hours that begin in [start, end), by day: where the zone's offset changes, they are read apart."""
    found: dict[str, dict[int, tuple[int, int]]] = {}
    since = start
    while since < end:
        offset = _offset(since, zone)
        until = end if _offset(end, zone) == offset else _changes(since, end, offset, zone)
        for check_id, days in stored.days(check_ids, since, until, offset).items():
            mine = found.setdefault(check_id, {})
            for number, (good, down) in days.items():
                day = (_EPOCH.date() + timedelta(days=number)).toordinal()
                mine[day] = _plus((mine.get(day, (0, 0)), (good, down)))
        since = until
    return found


def _midnight(at: datetime, zone: tzinfo) -> datetime:
    day = at.astimezone(zone).date()
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _changes(start: datetime, end: datetime, offset: timedelta, zone: tzinfo) -> datetime:
    """The first whole hour with another offset."""
    at = start.replace(minute=0, second=0, microsecond=0) + _HOUR
    while at < end and _offset(at, zone) == offset:
        at += _HOUR
    return min(at, end)
