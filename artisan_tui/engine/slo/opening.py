"""A configuration's SLOs -> ledgers, each with the indicator that can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.config.slo.spec import ChecksSli
from artisan_tui.engine.slo.check_probes import CheckProbes, Samples
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.sources.slo import Indicator, open_indicator

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.sources.metrics.range_source import RangeSource


def open_ledgers(config: Config, past: RangeSource | None, samples: Samples) -> list[SloLedger]:
    """In file order, empty. ``past`` is None without ``[metrics]``. No I/O."""
    every = {check_id: spec.every for check_id, _, spec in config.checks()}
    ledgers = []
    for spec in config.slos:
        indicator: Indicator
        if isinstance(spec.sli, ChecksSli):
            indicator = CheckProbes(spec.sli, every, samples)
        else:
            assert past is not None, "the configuration is refused without [metrics]"
            indicator = open_indicator(spec, past)
        ledgers.append(SloLedger(spec, indicator, config.zone))
    return ledgers
