"""What a run came to that the database lost: a standby without its last events was promoted, or the store was replaced."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.session.events import RunRecordLost

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.run import Run


def lost_run(run: str, known: Run | None, state: Path) -> RunRecordLost:
    """``known`` is the run as this session saw it last."""
    current = None if known is None else known.current
    return RunRecordLost(
        runbook="?" if known is None else known.runbook,
        step="" if current is None else current.step,
        folder=str(state / "runs" / run),
        host=socket.gethostname(),
    )
