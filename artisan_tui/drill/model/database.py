"""The database: the pool that answers what the cache does not, connections in use, and the schema's revisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from artisan_tui.drill.model.waiting import Station

POOL: Final = 10
QUERY_SECONDS: Final = 0.5
MAX_CONNECTIONS: Final = 100
#: What waits at the pool at most; more is refused.
POOL_LIMIT: Final = 1000
_PER_REPLICA: Final = 6
_BUSY: Final = 60.0  # connections of a pool without an idle one
_OVERFLOW: Final = 22
#: Of the schema, the oldest first; the second one is in force at the start.
REVISIONS: Final = ("1f2e3d4c5b6a", "4c5b6a798081", "7d8e9fa0b1c2")
APPLIED: Final = 2


@dataclass(slots=True)
class Database:
    """The state of the pool and of the schema. ``applied`` revisions are in force, oldest first."""

    pool: Station = field(default_factory=Station)
    applied: int = APPLIED

    @property
    def revision(self) -> str:
        """The newest revision in force, or ``base``."""
        return REVISIONS[self.applied - 1] if self.applied else "base"

    def connections(self, misses: float, slow: float, replicas: int) -> int:
        """Connections in use at ``misses`` queries a second that take ``slow`` times as long as usual."""
        busy = min(1.0, misses * QUERY_SECONDS * slow / POOL)
        used = _PER_REPLICA * replicas + _BUSY * busy + min(_OVERFLOW, self.pool.waiting / 4)
        return max(1, min(MAX_CONNECTIONS, round(used)))

    def target(self, revision: str) -> int | None:
        """How many revisions are in force after a migration to ``head``, ``base``, ``-1``, ``+1`` or an id."""
        if revision == "head":
            return len(REVISIONS)
        if revision == "base":
            return 0
        if revision in REVISIONS:
            return REVISIONS.index(revision) + 1
        if revision[:1] in "+-" and revision[1:].isascii() and revision[1:].isdigit():
            found = self.applied + int(revision)
            return found if 0 <= found <= len(REVISIONS) else None
        return None
