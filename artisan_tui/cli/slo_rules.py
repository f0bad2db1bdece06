"""The configuration's promises as what Prometheus rules are made from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.engine.slo.ledger import slo_of
from artisan_tui.reports.slo.rules import ChecksRule, EventsRule, LatencyRule, RuleSource, SharesRule, SlicesRule

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Config, Sli
    from artisan_tui.reports.slo.rules.source import Indicator


def rule_sources(config: Config) -> list[RuleSource]:
    """In file order."""
    every = 15.0 if config.metrics is None else config.metrics.every
    sources = []
    for slo in config.slos:
        seen = slo.sli.slice if slo.sli.kind == "slices" else every
        sources.append(RuleSource(slo_of(slo, config.zone, seen), _indicator(slo.sli), every))
    return sources


def _indicator(sli: Sli) -> Indicator:
    if sli.kind == "events":
        return EventsRule(sli.total, sli.bad, sli.good)
    if sli.kind == "latency":
        return LatencyRule(sli.histogram, Decimal(str(sli.threshold)), sli.interpolate)
    if sli.kind == "slices":
        return SlicesRule(sli.measure, sli.good, sli.slice)
    if sli.kind == "promql":
        return SharesRule(sli.bad, sli.good)
    return ChecksRule(sli.checks)
