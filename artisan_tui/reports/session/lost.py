"""What the database lost, in words: in the journal, and on every screen until a person has acknowledged it."""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _


def lost_run_text(run: str, runbook: str, step: str, host: str, folder: str) -> str:
    """``step`` was under way, "" for none; ``folder`` on ``host`` has what it printed."""
    said = _("the database lost the run {run} of {runbook}, and nothing of it starts any more").format(
        run=printable(run, 60), runbook=printable(runbook, 60)
    )
    where = printable(f"{host}:{folder}" if host else folder, 300)
    if step:
        return _("{said}; what was under way at {step} goes on by itself, see {folder}").format(
            said=said, step=printable(step, 60), folder=where
        )
    return _("{said}; nothing was under way, and what its steps printed is in {folder}").format(said=said, folder=where)
