"""The SLOs of the configuration as the values that Prometheus rules are made from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.rule_source import (
    ChecksRule,
    EventsRule,
    Indicator,
    LatencyRule,
    RuleSource,
    SharesRule,
    SlicesRule,
)
from artisan_tui.engine.slo.ledger import slo_of

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.config.slo.spec import Sli

#: Seconds between two scrapes of a Prometheus that the configuration does not name.
_SCRAPE_INTERVAL = 15.0


def rule_sources(config: Config) -> list[RuleSource]:
    """One value per SLO, in file order."""
    interval = _SCRAPE_INTERVAL if config.metrics is None else config.metrics.every
    sources = []
    for slo in config.slos:
        resolution = slo.sli.slice if slo.sli.kind == "slices" else interval
        sources.append(RuleSource(slo_of(slo, config.zone, resolution), _indicator(slo.sli), interval, slo.labels))
    return sources


def _indicator(sli: Sli) -> Indicator:
    if sli.kind == "events":
        return EventsRule(sli.total, sli.bad, sli.good)
    if sli.kind == "latency":
        return LatencyRule(sli.histogram, Decimal(str(sli.threshold)), sli.interpolate, sli.native)
    if sli.kind == "slices":
        return SlicesRule(sli.measure, sli.good, sli.slice)
    if sli.kind == "promql":
        return SharesRule(sli.bad, sli.good)
    return ChecksRule(sli.checks)
