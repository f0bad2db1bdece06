"""``slo report`` as text, in the layout of the SRE guide §1.4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.burning import firing_text, mark_text, status_text
from artisan_tui.reports.slo.doubts import estimate_text, uncounted_text
from artisan_tui.reports.slo.gate import gate_lines
from artisan_tui.reports.slo.numbers import (
    burn_text,
    count,
    coverage_text,
    left_text,
    moment,
    padded,
    period_text,
    sli_text,
    target_text,
    used_text,
)
from artisan_tui.reports.slo.words import (
    backfill_text,
    counted,
    excluded_text,
    forecast_text,
    id_of,
    marked_estimated,
    name_of,
    pace_text,
    retention_text,
    since_text,
    unmatched_lines,
    window_text,
)

_RULE = "=" * 60
_LABEL = 21
#: The burn rates in the report. `slo explain` and the JSON have all of them.
_BURNS = ("1h", "6h", "3d")
#: Without an answer for this long, or for three intervals, the report shows the time of the last one.
_LATE = timedelta(minutes=5)


def report_lines(slo_statuses: Sequence[SloStatus], gate: Gate, at: datetime, zone: ZoneInfo) -> list[str]:
    """The lines of the report, in the order of ``slo_statuses``."""
    out = [_RULE, _("SLO & Error Budget Report"), _RULE, f"{moment(at, zone)} ({zone.key})", ""]
    for slo_status in slo_statuses:
        out += [*_block(slo_status, at, zone), ""]
    return [*out, _RULE, *gate_lines(gate, slo_statuses, zone), _RULE]


def _block(slo_status: SloStatus, at: datetime, zone: ZoneInfo) -> list[str]:
    named = name_of(slo_status)
    named = named if named == id_of(slo_status) else f"{named} ({id_of(slo_status)})"
    head = f"{mark_text(slo_status)}  {named}"
    return [head, *(_line(label, text) for label, text in _rows(slo_status, at, zone) if text)]


def _line(label: str, text: str) -> str:
    return f"   {padded(label + ':', _LABEL - 1)} {text}"


def _rows(slo_status: SloStatus, at: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """(label, value) pairs. A value of "" is not shown."""
    evaluation = slo_status.evaluation
    objective, budget, burned = evaluation.slo.objective, evaluation.budget, evaluation.burned
    sli, used, left = burned.sli, budget.used, budget.remaining
    first, last = period_text(evaluation.slo_window.span.start, evaluation.slo_window.span.end, zone)
    minimums = evaluation.slo.minimums
    seen = coverage_text(burned, minimums.coverage) if burned.coverage < 1 else ""
    return [
        (_("Target"), target_text(objective)),
        (_("Actual"), _("no data") if sli is None else marked_estimated(sli_text(objective, sli), slo_status)),
        (_("Error Budget Used"), "-" if used is None else marked_estimated(used_text(used), slo_status)),
        (_("Error Budget Left"), "-" if left is None else marked_estimated(left_text(left), slo_status)),
        (_("Pace"), pace_text(evaluation)),
        (_("Status"), status_text(slo_status)),
        *((label, count(number)) for label, number in counted(slo_status)),
        (
            _("SLO Window"),
            _("{window}, {first} to {last}").format(window=window_text(evaluation.slo.window), first=first, last=last),
        ),
        (_("Since"), since_text(slo_status)),
        (_("Burn Rate"), "   ".join(f"{name} {burn_text(evaluation.burn(name))}" for name in _BURNS)),
        (_("Alerts"), firing_text(slo_status) or _("none firing")),
        (_("Forecast"), forecast_text(evaluation)),
        (_("Coverage"), seen),
        (_("Maintenance"), excluded_text(evaluation)),
        (_("Estimated"), estimate_text(slo_status)),
        (_("Uncounted"), uncounted_text(slo_status)),
        (_("Retention"), retention_text(slo_status)),
        (_("Backfill"), backfill_text(slo_status)),
        (_("Problem"), read_back(printable(slo_status.problem, 500))),
        (_("Newest Data"), _newest(slo_status, at, zone)),
        *((_("Note"), read_back(printable(note, 500))) for note in (*slo_status.notes, *slo_status.remarks)),
        *((_("Reservation"), each) for each in unmatched_lines(slo_status)),
    ]


def _newest(slo_status: SloStatus, at: datetime, zone: ZoneInfo) -> str:
    """The time of the newest answer, "" when it is recent."""
    read = slo_status.read_at
    if read is None:
        return _("none yet") if slo_status.problem else ""
    age = at - read
    if not slo_status.problem and age <= max(_LATE, timedelta(milliseconds=3 * slo_status.evidence.interval_ms)):
        return ""
    return _("{at}, {age} ago").format(at=moment(read, zone), age=minutes_text(age.total_seconds()))
