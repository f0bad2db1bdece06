"""Outages as lines: when, for how long, why and because of what."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.checks.words import why
from artisan_tui.reports.moments import date_time_text, full_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.cells import Run, fit, widest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from artisan_tui.domain.checks.outages import Outage
    from artisan_tui.engine.checks.outages import OutageHistory

Row = list[Run]
#: Lines that are shown of them.
SHOWN = 20
#: What is said while the store does not answer.
UNREADABLE = N_("the journal cannot be read now, it is tried again")


def outage_rows(
    history: OutageHistory | None, problem: str, width: int, zone: tzinfo | None, now: datetime, *, named: bool = False
) -> list[Row]:
    """``named``: each line says which checks it was. ``problem`` is why there is no ``history``."""
    head: Row = [(" " + _("Outages"), "-strong")]
    if history is None:
        return [head, [("   " + (_(problem) if problem else _("reading …")), "-dim")]]
    real = [outage for outage in history.outages if not outage.planned]
    number = max(1, round((now - history.since) / timedelta(days=1)))
    days = ngettext("{n} day", "{n} days", number).format(n=number)
    if not real:
        text = _("none in the last {days}").format(days=days)
        head.append(("  " + text, "-dim"))
    else:
        seconds = sum(outage.seconds(now, history.since) for outage in real)
        total = _minutes(seconds) if any(outage.end is None for outage in real) else span_text(int(seconds))
        told = _("{n} in {days}, {total} in all").format(n=len(real), days=days, total=total)
        head.append(("  " + told, "-dim"))
    lines = _folded(history.outages)
    shown = lines[:SHOWN]
    whens = [_when(outage, zone, now) for outage, _times in shown]
    lasted = [_lasted(outage, history.since, now) for outage, _times in shown]
    first, second = widest(whens, 5, 22), widest(lasted, 3, 24)
    rows = [
        _row(outage, times, (fit(when, first), fit(how_long, second)), width, named=named)
        for (outage, times), when, how_long in zip(shown, whens, lasted, strict=True)
    ]
    if len(lines) > SHOWN:
        left = len(lines) - SHOWN
        rows.append([("   " + ngettext("{n} earlier one", "{n} earlier ones", left).format(n=left), "-dim")])
    return [head, *rows]


def _folded(outages: Sequence[Outage]) -> list[tuple[Outage, int]]:
    """Maintenance that comes every night is one line until there is an outage between."""
    found: list[tuple[Outage, int]] = []
    for outage in outages:
        if outage.planned and found and found[-1][0].planned and found[-1][0].detail == outage.detail:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((outage, 1))
    return found


def _row(outage: Outage, times: int, columns: tuple[str, str], width: int, *, named: bool) -> Row:
    when, lasted = columns
    role = "-dim" if outage.planned else "-bad" if outage.end is None else ""
    texts = []
    if outage.planned:
        text = _("maintenance: {reason}") if outage.detail else _("maintenance")
        texts.append(text.format(reason=printable(outage.detail, 200)))
        if times > 1:
            texts.append(_("{n} times").format(n=times))
    else:
        if named:
            texts.append(", ".join(check_id.partition(".")[2] or check_id for check_id in outage.check_ids))
        if outage.cause:
            texts.append(_("caused by {cause}").format(cause=printable(outage.cause, 80)))
        texts.append(_why(outage))
    text = "  ".join(text for text in texts if text)
    used = cell_len(when) + cell_len(lasted) + 7
    return [
        (f"   {when}  ", "-dim"),
        (f"{lasted}  ", role),
        (fit(text, max(0, width - used)), "-dim" if outage.planned else ""),
    ]


def _why(outage: Outage) -> str:
    detail = printable(outage.detail, 300)
    try:
        return why(Reason(outage.reason), detail)
    except ValueError:  # none was written, or one of a newer version
        return read_back(detail) or printable(outage.reason, 40)


def _when(outage: Outage, zone: tzinfo | None, now: datetime) -> str:
    if outage.start is None:
        return _("earlier")
    if outage.start.astimezone(zone).year == now.astimezone(zone).year:
        return date_time_text(outage.start, zone)
    return full_text(outage.start, zone, named_zone=False)


def _lasted(outage: Outage, since: datetime, now: datetime) -> str:
    seconds = outage.seconds(now, since)
    text = span_text(int(seconds)) if outage.end is not None else _minutes(seconds)
    if outage.start is None:
        text = _("{span} or more").format(span=text)
    if outage.maintenance:
        return _("{span}, then maintenance").format(span=text)
    return _("{span}, not over").format(span=text) if outage.end is None else text


def _minutes(seconds: float) -> str:
    """What still lasts is drawn again with the minute, not with every second."""
    return span_text(int(seconds) // 60 * 60) if seconds >= 60 else "<1m"
