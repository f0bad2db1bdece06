"""A configuration's SLOs -> ledgers, each with the indicator that can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.config.slo import ChecksSli
from artisan_tui.engine.budgets.ledger import Ledger
from artisan_tui.engine.budgets.looks import Looks, Samples
from artisan_tui.sources.sli import Indicator, open_indicator

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.sources.metrics.past import Past


def open_ledgers(config: Config, past: Past | None, samples: Samples) -> list[Ledger]:
    """In file order, empty. ``past`` is None without ``[metrics]``. No I/O."""
    every = {check_id: spec.every for check_id, _, spec in config.checks()}
    ledgers = []
    for slo in config.slos:
        indicator: Indicator
        if isinstance(slo.sli, ChecksSli):
            indicator = Looks(slo.sli, every, samples)
        else:
            assert past is not None, "the configuration is refused without [metrics]"
            indicator = open_indicator(slo, past)
        ledgers.append(Ledger(slo, indicator, config.zone))
    return ledgers
