"""What `doctor` and `config check` say of recurring maintenance: the days on which the clocks skip or repeat its times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.maintenance.windows import Recurrence
from artisan_tui.domain.when import NotOneMoment, exact
from artisan_tui.i18n import N_

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

WHAT = N_("maintenance")
_YEAR, _DAY = 366, timedelta(days=1)
#: Days of one window that are named: the clocks change twice a year.
_NAMED = 2


def clock_findings(config: Config, now: datetime) -> Iterator[tuple[str, bool | None, str, str]]:
    """(what, whether it is well, what is said, what mends it) for the days of the year to come."""
    _once, recurring = config.windows()
    for each in recurring:
        for said in [*_changed(each, now.astimezone(each.zone).date())][:_NAMED]:
            yield (
                WHAT,
                None,
                said,
                "write times that the clocks leave alone, or a zone without summer time, such as UTC",
            )


def _changed(window: Recurrence, today: date) -> Iterator[str]:
    for day in (today + n * _DAY for n in range(_YEAR)):
        if (window.days and day.weekday() not in window.days) or not _within(window, day):
            continue
        found = window.on(day)
        ends = day if window.ends > window.begins else day + _DAY
        for at, on in ((window.begins, day), (window.ends, ends)):
            try:
                exact(datetime.combine(on, at), window.zone)
            except NotOneMoment as several:
                time, hours = f"{on} {at:%H:%M}", 0.0
                if found is not None:
                    hours = (found.end - found.start).total_seconds() / 3600
                if several.offsets:
                    yield f"{window.id}: {time} occurs twice in {window.zone}: the window of {day} lasts {hours:g} h"
                else:
                    yield f"{window.id}: {time} does not occur in {window.zone}: the window of {day} lasts {hours:g} h"
                break


def _within(window: Recurrence, day: date) -> bool:
    return (window.first is None or window.first <= day) and (window.last is None or day <= window.last)
