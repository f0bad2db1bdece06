"""When a person last changed what a check watches, as the journal says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded

_EVERYTHING = ""


class Interventions:
    """A fold of the journal: faults injected or cleared in the simulated stack, and maintenance begun or ended."""

    KINDS: ClassVar[tuple[str, ...]] = ("drill.", MaintenanceDeclared.KIND, MaintenanceEnded.KIND)

    def __init__(self) -> None:
        self._latest: dict[str, datetime] = {}
        self._covers: dict[str, tuple[str, ...]] = {}

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self._latest, self._covers = {}, {}

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any is a new intervention."""
        before = dict(self._latest)
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            covers: tuple[str, ...] = ()
            if isinstance(body, MaintenanceDeclared):
                covers = self._covers[entry.subject] = body.covers
            elif isinstance(body, MaintenanceEnded):
                covers = self._covers.get(entry.subject, ())
            for covered in covers or (_EVERYTHING,):
                known = self._latest.get(covered)
                self._latest[covered] = entry.occurred_at if known is None else max(known, entry.occurred_at)
        return self._latest != before

    def latest(self, check_id: str) -> datetime | None:
        """The last one that concerns this check."""
        service = check_id.partition(".")[0]
        found = [at for covered in (_EVERYTHING, service, check_id) if (at := self._latest.get(covered)) is not None]
        return max(found, default=None)
