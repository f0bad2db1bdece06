"""The deployment gate as text and as JSON: the verdict, what fires, and the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.burning import firing_text
from artisan_tui.reports.slo.doubts import doubt_lines
from artisan_tui.reports.slo.numbers import used_text
from artisan_tui.reports.slo.words import (
    gate_mark,
    gate_text,
    id_of,
    listed,
    low_budget_text,
    override_text,
    severity_word,
    status_mark,
    unknown_text,
)


def gate_lines(
    gate: Gate, slo_statuses: Sequence[SloStatus], zone: ZoneInfo, *, allow_unknown: bool = False
) -> list[str]:
    """The verdict of the deployment gate, and the override in force. ``allow_unknown`` see `Gate.passes`."""
    status, override = _("Status"), _("Override")
    lines = [f"{_mark(gate, allow_unknown)}  {status}: {_verdict(gate, allow_unknown)}"]
    careful = low_budget_text(slo_statuses) if gate.passes(allow_unknown=allow_unknown) else ""
    if careful:
        lines.append(f"{status_mark(BudgetStatus.WARNING)}  {careful}")
    if gate.override is not None:
        lines.append(f"{override}: {override_text(gate.override, zone)}")
    return lines


def _by_option(gate: Gate, allow_unknown: bool) -> bool:
    return allow_unknown and not gate.open and gate.passes(allow_unknown=True)


def _mark(gate: Gate, allow_unknown: bool) -> str:
    return _("ALLOWED") if _by_option(gate, allow_unknown) else gate_mark(gate)


def _verdict(gate: Gate, allow_unknown: bool) -> str:
    if not _by_option(gate, allow_unknown):
        return gate_text(gate)
    if not gate.unknown:
        return _("no SLO is configured - Deployments allowed by --allow-unknown")
    return _("SLO status unknown: {ids} - Deployments allowed by --allow-unknown").format(ids=listed(gate.unknown))


def alert_lines(slo_statuses: Sequence[SloStatus]) -> list[str]:
    """One line per SLO whose alerts fire: ``PAGE  api: page 1h/5m above 14.4``."""
    return [
        f"{severity_word(severity).upper()}  {id_of(each)}: {firing_text(each)}"
        for each in slo_statuses
        if (severity := each.evaluation.severity) is not None
    ]


def reason_lines(gate: Gate, slo_statuses: Sequence[SloStatus]) -> list[str]:
    """One line per SLO that blocks deployments, or whose counts leave something open, with the reasons."""
    return [
        f"  {id_of(each)}: {'; '.join(map(read_back, reasons))}"
        for each in slo_statuses
        if (reasons := reasons_of(each, _held(gate)))
    ]


def reasons_json(gate: Gate, slo_statuses: Sequence[SloStatus]) -> list[dict[str, object]]:
    """The same reasons as data."""
    return [
        {"id": id_of(each), "status": each.evaluation.status.value, "reasons": reasons}
        for each in slo_statuses
        if (reasons := reasons_of(each, _held(gate)))
    ]


def _held(gate: Gate) -> frozenset[str]:
    return frozenset((*gate.blocking, *gate.unknown))


def reasons_of(slo_status: SloStatus, held: Iterable[str]) -> list[str]:
    """Why the SLO is in ``held``, the ids that are not allowed, and in any case what its counts leave open."""
    found: list[str] = []
    if slo_status.id in held:
        used = slo_status.evaluation.budget.used
        spent = ""
        if used is not None and slo_status.evaluation.status is BudgetStatus.EXHAUSTED:
            spent = _("Error Budget Used") + f" {used_text(used)}"
        said = (spent or unknown_text(slo_status.evaluation), slo_status.problem, *slo_status.notes)
        found = [printable(each, 500) for each in said if each]
    return [*found, *doubt_lines(slo_status)]
