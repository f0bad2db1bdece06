"""``slo report``: the SRE guide's layout (§1.4) with the arithmetic put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.plain import printable
from artisan_tui.domain.slo.budget import Status
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.statement import Statement
from artisan_tui.domain.span import minutes_text
from artisan_tui.i18n import _
from artisan_tui.reports.slo_figures import (
    burn_text,
    count,
    coverage_text,
    left_text,
    moment,
    padded,
    sli_text,
    stretch_text,
    target_text,
    used_text,
)
from artisan_tui.reports.slo_words import (
    backfill_text,
    careful_text,
    counted,
    doubt_text,
    estimate_text,
    excluded_text,
    forecast_text,
    gate_mark,
    gate_text,
    guessed,
    id_of,
    name_of,
    override_text,
    pair_text,
    retention_text,
    status_mark,
    status_word,
    window_text,
)

_RULE = "=" * 60
_LABEL = 21
#: Burn rates worth a line; all seven stand in `slo explain` and in JSON.
_BURNS = ("1h", "6h", "3d")
#: Without an answer for this long, or for three intervals, the report says when the last one came.
_LATE = timedelta(minutes=5)


def report_lines(statements: Sequence[Statement], gate: Gate, at: datetime, zone: ZoneInfo) -> list[str]:
    """The whole report, a line each, in the order of ``statements``."""
    out = [_RULE, _("SLO & Error Budget Report"), _RULE, f"{moment(at, zone)} ({zone.key})", ""]
    for statement in statements:
        out += [*_block(statement, at, zone), ""]
    return [*out, _RULE, *gate_lines(gate, statements, zone), _RULE]


def gate_lines(gate: Gate, statements: Sequence[Statement], zone: ZoneInfo) -> list[str]:
    """What the budgets say about deployments, and who overrides it."""
    status, override = _("Status"), _("Override")
    lines = [f"{gate_mark(gate)}  {status}: {gate_text(gate)}"]
    careful = careful_text(statements) if gate.open else ""
    if careful:
        lines.append(f"{status_mark(Status.WARNING)}  {careful}")
    if gate.override is not None:
        lines.append(f"{override}: {override_text(gate.override, zone)}")
    return lines


def reason_lines(gate: Gate, statements: Sequence[Statement]) -> list[str]:
    """Why each SLO that keeps the gate shut does so."""
    label, lines = _("Error Budget Used"), []
    for each in statements:
        if each.id in (*gate.blocking, *gate.unknown):
            used = each.account.budget.used
            spent = "" if used is None or each.account.doubt else f"{label} {used_text(used)}"
            why = (spent or doubt_text(each.account), each.problem, *each.notes)
            lines.append(f"  {id_of(each)}: {'; '.join(filter(None, why))}")
    return lines


def _block(statement: Statement, at: datetime, zone: ZoneInfo) -> list[str]:
    named = name_of(statement)
    named = named if named == id_of(statement) else f"{named} ({id_of(statement)})"
    head = f"{status_mark(statement.account.status)}  {named}"
    return [head, *(_line(label, said) for label, said in _rows(statement, at, zone) if said)]


def _line(label: str, said: str) -> str:
    return f"   {padded(label + ':', _LABEL - 1)} {said}"


def _rows(statement: Statement, at: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Label and value; a value of "" is not shown."""
    account = statement.account
    objective, budget, burned = account.promise.objective, account.budget, account.burned
    sli, used, left = burned.sli, budget.used, budget.remaining
    first, last = stretch_text(account.own.span.start, account.own.span.end, zone)
    doubt = doubt_text(account)
    terms = account.promise.terms
    seen = coverage_text(burned, terms.coverage) if burned.coverage < 1 else ""
    return [
        (_("Target"), target_text(objective)),
        (_("Actual"), _("no data") if sli is None else guessed(sli_text(objective, sli), statement)),
        (_("Error Budget Used"), "-" if used is None else guessed(used_text(used), statement)),
        (_("Error Budget Left"), "-" if left is None else guessed(left_text(left), statement)),
        (_("Status"), status_word(account.status) + (f": {doubt}" if doubt else "")),
        *((label, count(number)) for label, number in counted(statement)),
        (
            _("SLO Window"),
            _("{window}, {first} to {last}").format(window=window_text(account.promise.window), first=first, last=last),
        ),
        (_("Burn Rate"), "   ".join(f"{name} {burn_text(account.burn(name))}" for name in _BURNS)),
        (_("Alerts"), ", ".join(pair_text(pair) for pair in account.firing) or _("none firing")),
        (_("Forecast"), forecast_text(account)),
        (_("Coverage"), seen),
        (_("Maintenance"), excluded_text(account)),
        (_("Estimated"), estimate_text(statement)),
        (_("Retention"), retention_text(statement)),
        (_("Filling"), backfill_text(statement)),
        (_("Problem"), printable(statement.problem, 500)),
        (_("Newest Answer"), _newest(statement, at, zone)),
        *((_("Note"), printable(note, 500)) for note in (*statement.notes, *statement.remarks)),
    ]


def _newest(statement: Statement, at: datetime, zone: ZoneInfo) -> str:
    """When the newest answer came, where that is not just now."""
    read = statement.read_at
    if read is None:
        return _("none yet") if statement.problem else ""
    age = at - read
    if not statement.problem and age <= max(_LATE, timedelta(milliseconds=3 * statement.evidence.interval_ms)):
        return ""
    return _("{at}, {age} ago").format(at=moment(read, zone), age=minutes_text(age.total_seconds()))
