"""Every version of the schedule that there was, from the journal: what a calendar file says depends on nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import RotationsSeen
from artisan_tui.domain.oncall.rotation_text import read_rotations, rotations_text
from artisan_tui.domain.oncall.schedule import Schedule

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.calendar_slots import Version
    from artisan_tui.store.store import Store


def versions(store: Store, config: Config, now: datetime, actor: str) -> list[Version]:
    """Oldest first. Rotations that the journal does not know yet are written into it, so that the next file counts on.

    A read-only store is left as it is: then the configuration holds since its file was written. Raises StoreError.
    """
    base = config.schedule()
    text = rotations_text(base)
    events = _read(store)
    known = [read for each in events if (read := _rotations(each)) is not None]
    if not known or rotations_text(known[-1]) != text:
        if store.read_only:
            return _folded(events, base, _written(config, events))
        entry = RotationsSeen(rotations=text).entry(now, actor, "rotations")
        events += store.append([entry], at=now)
    return _folded(events, base, None)


def _read(store: Store) -> list[Event]:
    kinds = (*OnCallChanges.KINDS, RotationsSeen.KIND)
    return list(store.journal.replay(store.reading, kinds, store.journal.count()))


def _folded(events: list[Event], base: Schedule, unknown_since: datetime | None) -> list[Version]:
    """``unknown_since``: then ``base`` holds since that moment, and the journal does not know of it."""
    changes = OnCallChanges()
    rotations = next((read for each in events if (read := _rotations(each)) is not None), base)
    changes.configure(rotations)
    found: list[Version] = []
    for event in events:
        read = _rotations(event)
        if read is not None:
            changes.configure(read)
        elif not changes.apply([event]):
            continue
        if not found and read is None:
            # The rotations were there before the first change of them, however late they were written down.
            found.append((event.recorded_at, rotations))
        found.append((event.recorded_at, changes.schedule))
    if unknown_since is not None:
        changes.configure(base)
        found.append((unknown_since, changes.schedule))
    return found


def _rotations(event: Event) -> Schedule | None:
    try:
        body = read_body(event)
        return read_rotations(body.rotations) if isinstance(body, RotationsSeen) else None
    except (BodyError, ValueError):
        return None


def _written(config: Config, events: list[Event]) -> datetime:
    """When the file was written, in whole seconds; never before the last change that is known."""
    try:
        at = datetime.fromtimestamp(int(config.path.stat().st_mtime), UTC)
    except OSError:
        at = datetime.fromtimestamp(0, UTC)
    return max([at, *(each.recorded_at for each in events[-1:])])
