"""How an SLO stands in one word: its budget, and whether it burns so fast that an alert fires."""

from __future__ import annotations

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Severity
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.i18n import _
from artisan_tui.reports.slo.words import pair_text, severity_word, status_mark, status_word, unknown_text


def burns_fast(slo_status: SloStatus) -> bool:
    """Whether an alert fires while the budget itself is still healthy."""
    evaluation = slo_status.evaluation
    return evaluation.severity is not None and evaluation.status is BudgetStatus.HEALTHY


def mark_text(slo_status: SloStatus) -> str:
    """``OK``, ``BURNING``, ``EXHAUSTED PAGE``: no good word while an alert fires, and a page is always named."""
    severity = slo_status.evaluation.severity
    mark = _("BURNING") if burns_fast(slo_status) else status_mark(slo_status.evaluation.status)
    return f"{mark} {severity_word(severity).upper()}" if severity is Severity.PAGE else mark


def status_text(slo_status: SloStatus) -> str:
    """``healthy``, ``healthy, but burning fast``, ``unknown: no data in the window``."""
    evaluation = slo_status.evaluation
    word, why = status_word(evaluation.status), unknown_text(evaluation)
    if burns_fast(slo_status):
        return _("{status}, but burning fast").format(status=word)
    return f"{word}: {why}" if why else word


def firing_text(slo_status: SloStatus) -> str:
    """``page 1h/5m above 14.4, ...``: the alerts that fire, "" without one."""
    return ", ".join(pair_text(pair) for pair in slo_status.evaluation.firing)
