"""Whether the selectors of the configured SLOs match anything on the configured servers. Nothing is counted or kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.status import Unmatched
from artisan_tui.engine.slo.opening import open_ledgers
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.sources.slo.matching import selectors_of, unmatched

if TYPE_CHECKING:
    from artisan_tui.config.models import Config


@dataclass(frozen=True, slots=True)
class Matched:
    """``problem`` says why the server could not tell, "" when it could."""

    slo: str
    selectors: int
    unmatched: tuple[Unmatched, ...] = ()
    problem: str = ""


async def match_selectors(config: Config, environ: Mapping[str, str]) -> list[Matched]:
    """One for each SLO that is read from [metrics], in file order."""
    context = ProbeContext.open(config.metrics, environ)
    try:
        source = context.range_source
        if source is None or context.metrics is None:
            return []
        open_ledgers(config, source, _no_samples)  # announces what a scraper has to look for
        await context.metrics.prime()
        out = []
        for spec in config.slos:
            selectors = selectors_of(spec.sli)
            if selectors:
                try:
                    found = await unmatched(source, selectors, await source.now_ms() + 1)
                    out.append(Matched(spec.id, len(selectors), found))
                except Blind as blind:
                    out.append(Matched(spec.id, len(selectors), problem=blind.detail))
        return out
    finally:
        await context.aclose()


async def _no_samples(*_: object) -> None:
    return None
