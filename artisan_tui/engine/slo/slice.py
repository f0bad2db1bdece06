"""What a snapshot says about SLOs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from artisan_tui.domain.slo.gate import Gate
    from artisan_tui.domain.slo.status import SloStatus


class SloSlice(NamedTuple):
    """Where the SLOs stand: ``slo_statuses`` in file order, and whether deployments may go out.

    ``reading``: the ledgers are still being read, so that nothing is known yet and nothing is wrong either.
    """

    slo_statuses: tuple[SloStatus, ...] = ()
    gate: Gate | None = None
    reading: bool = False
