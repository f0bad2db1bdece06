"""What a run came to that the database lost: a standby without its last events was promoted, or the store was replaced.

Whoever carried it out writes that down, once, because no fold of the run can say it. It is shown until a person has
acknowledged it: nothing of the run starts any more, and what it had done is nowhere else.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.session.events import NoticeAcknowledged, RunRecordLost
from artisan_tui.engine.runbooks.slice import LostRun

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


class LostRuns:
    """The runs that were lost and that nobody has acknowledged yet: a journal state."""

    KINDS: ClassVar[tuple[str, ...]] = (RunRecordLost.KIND, NoticeAcknowledged.KIND)

    def __init__(self) -> None:
        self._open: dict[str, LostRun] = {}

    @property
    def open(self) -> tuple[LostRun, ...]:
        """In the order in which it was found out."""
        return tuple(self._open.values())

    def forget(self) -> None:
        self._open.clear()

    def apply(self, entries: Iterable[Entry]) -> bool:
        before = dict(self._open)
        for entry in entries:
            try:
                if entry.kind == RunRecordLost.KIND:
                    body = RunRecordLost.read(entry)
                    self._open[entry.subject] = LostRun(entry.subject, body.runbook, body.step, body.host, body.folder)
                else:
                    for run in NoticeAcknowledged.read(entry).runs:
                        self._open.pop(run, None)
            except BodyError:
                continue  # written by another version, or by another hand
        return self._open != before


def acknowledged(lost: Iterable[LostRun], notice: str, at: datetime, actor: str) -> Entry:
    """What a person confirms to have read: these runs, and a ``notice`` of the store, "" for none."""
    runs = tuple(each.run for each in lost)
    said = "; ".join((*((notice,) if notice else ()), *(f"the database lost {run}" for run in runs)))
    return NoticeAcknowledged(notice=said, runs=runs).entry(at, actor)
