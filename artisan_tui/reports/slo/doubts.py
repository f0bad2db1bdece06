"""What the counts of an SLO leave open, in the same words on the screen, in every report and in JSON."""

from __future__ import annotations

from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.numbers import count
from artisan_tui.reports.slo.words import unmatched_lines


def estimate_text(slo_status: SloStatus) -> str:
    """Why the counts are not exact, "" when they are."""
    if not slo_status.evidence.estimated:
        return ""
    return read_back(printable(slo_status.evidence.estimated_why, 300)) or _("the counts are not exact")


def uncounted_text(slo_status: SloStatus) -> str:
    """How many events were not counted, "" when all were."""
    evidence = slo_status.evidence
    if not evidence.unclaimed:
        return ""
    text = _("{n} events were not counted because their time is unknown").format(n=count(evidence.unclaimed))
    if not evidence.unclaimed_bad:
        return text
    return text + ", " + _("up to {n} of them bad").format(n=count(evidence.unclaimed_bad))


def doubt_lines(slo_status: SloStatus) -> list[str]:
    """Every doubt in one sentence each."""
    estimate = estimate_text(slo_status)
    lines = [_("estimated: {why}").format(why=estimate) if estimate else "", uncounted_text(slo_status)]
    return [*(line for line in lines if line), *unmatched_lines(slo_status)]
