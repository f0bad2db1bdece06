"""The values that Prometheus rules are made from. They are independent of the configuration models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from artisan_tui.domain.condition import Condition
from artisan_tui.domain.measure import Measure
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.evaluation import Slo
from artisan_tui.domain.slo.labels import check_label


@dataclass(frozen=True, slots=True)
class EventsRule:
    """The counter of all events, and either the counter of bad events or that of good ones."""

    total: Selector
    bad: Selector | None = None
    good: Selector | None = None


@dataclass(frozen=True, slots=True)
class LatencyRule:
    """A histogram, named without ``_bucket``. Events slower than ``threshold`` seconds are bad."""

    histogram: Selector
    threshold: Decimal
    interpolate: bool = False
    native: bool = False


@dataclass(frozen=True, slots=True)
class SlicesRule:
    """A slice of ``seconds`` is good when the measured value meets ``good``."""

    measure: Measure
    good: Condition
    seconds: float


@dataclass(frozen=True, slots=True)
class SharesRule:
    """A query for either the share of bad events or that of good ones. All minutes have the same weight."""

    bad: str | None = None
    good: str | None = None


@dataclass(frozen=True, slots=True)
class ChecksRule:
    """Probes of checks, named "service.check". Prometheus does not have their results."""

    checks: tuple[str, ...]


Indicator = EventsRule | LatencyRule | SlicesRule | SharesRule | ChecksRule


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One SLO. ``interval`` is the seconds between two scrapes. ``labels`` are added to every rule.

    Raises ValueError for labels that Prometheus refuses or that the rules set themselves.
    """

    slo: Slo
    indicator: Indicator
    interval: float = 15.0
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.labels:
            check_label(name)
