"""Whether each SLO can be read at all, for `doctor`: the newest minutes are asked for once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.windows import Span
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.slo.opening import open_ledgers
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.probe_context import ProbeContext

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.slo.ledger import SloLedger

#: Minutes that are asked for.
_RECENT = 10
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Trial:
    """``ok`` is None where no data came; ``said`` says why, or what of it is estimated."""

    id: str
    ok: bool | None
    said: str


async def try_slos(config: Config, environ: Mapping[str, str]) -> list[Trial]:
    """One trial for each SLO that is read from metrics."""
    if config.metrics is None or not config.slos:
        return []
    probe_context = ProbeContext.open(config.metrics, environ)
    try:
        ledgers = [each for each in open_ledgers(config, probe_context.range_source, _nobody) if not each.own]
        if probe_context.metrics is not None:
            await probe_context.metrics.prime()
        return [await _trial(each, probe_context) for each in ledgers]
    finally:
        await probe_context.aclose()


async def _nobody(_check_id: str, _start: datetime, _end: datetime) -> None:
    """The samples of checks, which are not read here."""


async def _trial(ledger: SloLedger, probe_context: ProbeContext) -> Trial:
    assert probe_context.range_source is not None
    try:
        minute = await probe_context.range_source.now_ms() // _MINUTE_MS
        read = await ledger.indicator.rows(Span(minute - _RECENT, minute + 1))
    except Blind as blind:
        return Trial(ledger.spec.id, None, blind.detail)
    if not read.samples and not any(measured for _, _, _, measured in read.rows):
        said = "; ".join((*read.notes, *read.remarks)) or f"no samples in the last {_RECENT} minutes"
        return Trial(ledger.spec.id, None, printable(said, 400))
    why = ledger.indicator.evidence.estimated_why if read.estimated else ""
    return Trial(ledger.spec.id, True, printable(f"can be read, estimated: {why}" if why else "can be read", 400))
