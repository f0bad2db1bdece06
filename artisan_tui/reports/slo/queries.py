"""A query about an SLO that the page of Prometheus accepts: the share of bad events over the whole window."""

from __future__ import annotations

from decimal import Decimal

from artisan_tui.domain.selector import Selector, parse_selector
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.reports.slo.rules.spelling import all_of, ending_at, span


def page_query(slo_status: SloStatus) -> str:
    """One expression, evaluated at the end of what was judged; "" when Prometheus has nothing to ask.

    `increase` estimates, so its result is near the share of the ledger, and seldom equal.
    """
    parts = dict(slo_status.evidence.selectors)
    window = slo_status.evaluation.slo_window.span
    over = f"[{span(max(1, len(window)) * 60)}] @ {window.end * 60}"

    def events(selector: Selector, fallback: str = "") -> str:
        summed = f"sum(increase({selector}{over}))"
        return f"({summed}{fallback})" if fallback else summed

    try:
        match slo_status.evidence.kind:
            case "events" if "bad" in parts:
                part, total = parse_selector(parts["bad"]), parse_selector(parts["total"])
                return f"{events(part, ' or vector(0)')} / {events(total)}"
            case "events":
                part, total = parse_selector(parts["good"]), parse_selector(parts["total"])
                return f"1 - {events(part, ' or vector(0)')} / {events(total)}"
            case "latency" if "histogram_fraction(" not in slo_status.evidence.query:
                histogram, threshold = (
                    parse_selector(parts["histogram"]),
                    Decimal(parts["threshold"].removesuffix(" s")),
                )
                return f"1 - {events(ending_at(histogram, threshold))} / {events(all_of(histogram))}"
    except (KeyError, ValueError, ArithmeticError):
        pass  # a selector that was cut for display is no query
    lines = slo_status.evidence.query.splitlines()
    return lines[0] if len(lines) == 1 else ""
