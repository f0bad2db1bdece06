"""What the engine publishes: one immutable picture per change, made of slices.

A slice is a frozen value of a type of its own, such as `engine.slo.slice.SloSlice`: ``snapshot[SloSlice]``. A slice that
did not change is the same object as in the snapshot before, so a reader compares by identity and repaints what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    # Names of types only: their modules are not needed before the first frame.
    from artisan_tui.domain.event import Event

T = TypeVar("T")

#: Events the board's journal pane holds; older ones are read from the store.
JOURNAL = 200


class SessionStatus(NamedTuple):
    """Where this is, and how the engine itself does.

    ``config_problems``: the file on disk is broken and the configuration of ``loaded_at`` still runs.
    ``store_problem``: why nothing can be written to the store, "" when it can. ``keys`` are (binding id, key) pairs that
    replace the defaults. ``leader`` names the session that probes, "" when this one does. ``watch_notice``, ``store_notice``,
    ``heads_problem``, ``heartbeat_notice`` and ``shared_store_notice`` are sentences that stay until they are no longer true.
    """

    name: str = ""
    environment: str = ""
    zone: str = "UTC"
    language: str = "en"
    config_path: str = ""
    loaded_at: datetime | None = None
    config_problems: tuple[str, ...] = ()
    store_problem: str = ""
    read_only: bool = False
    actor: str = ""
    demo: bool = False
    theme: str = "auto"
    glyphs: str = "auto"
    mouse: str = "auto"
    keys: tuple[tuple[str, str], ...] = ()
    leader: str = ""
    watch_notice: str = ""
    store_notice: str = ""
    heads_problem: str = ""
    heartbeat_notice: str = ""
    shared_store_notice: str = ""


class JournalSlice(NamedTuple):
    """The newest events, newest first; first of all those that could not be written yet, whose ``seq`` is 0.

    ``losses``: how often the store lost events that this session had read. What was read before the last is not true.
    """

    events: tuple[Event, ...] = ()
    losses: int = 0


@dataclass(frozen=True)
class Snapshot:
    """Everything that is shown, ``at`` one moment."""

    at: datetime
    slices: Mapping[type, object] = field(default_factory=dict)

    def __getitem__(self, kind: type[T]) -> T:
        """The slice of that type; an empty one when nothing was published yet."""
        found = self.slices.get(kind)
        if found is None:
            found = _EMPTY.get(kind)
            if found is None:
                found = _EMPTY[kind] = kind()
        assert isinstance(found, kind)
        return found


#: One empty slice per type, so that two snapshots without it agree by identity.
_EMPTY: dict[type, object] = {}
