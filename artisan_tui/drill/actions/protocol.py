"""What acts of a drill work on: the operations of the model and a few reads, as protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from artisan_tui.drill.model.outcome import Outcome


class ActRefused(Exception):
    """The act is not done; ``known`` are the accepted names."""

    def __init__(self, message: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message, self.known = message, known


@dataclass(frozen=True, slots=True)
class EstateRelease:
    """One revision of a component, numbered from 1."""

    revision: int
    version: str
    #: As helm calls it: deployed or superseded.
    status: str


@dataclass(frozen=True, slots=True)
class ActAnswer:
    """``values`` are what conditions and captures of a step are about: body, value, rows, or what was captured."""

    ok: bool = True
    exit_code: int = 0
    output: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "exit_code": self.exit_code, "output": self.output, "values": dict(self.values)}


class EstateOperations(Protocol):
    """What an operator can do. Components are app, worker-llm, worker-rl, qwen, mistral, llama, redis, database, proxy."""

    def scale(self, component: str, replicas: int) -> Outcome: ...
    def restart(self, component: str) -> Outcome: ...
    def stop(self, component: str) -> Outcome: ...
    def start(self, component: str) -> Outcome: ...
    def deploy(self, component: str, version: str, share: float = 1.0) -> Outcome: ...
    def promote(self, component: str) -> Outcome: ...
    def rollback(self, component: str, revision: int | None = None) -> Outcome: ...
    def migrate(self, revision: str) -> Outcome: ...
    def backup(self) -> Outcome: ...
    def restore(self, backup_id: str) -> Outcome: ...
    def switch_region(self, region: str) -> Outcome: ...
    def maintenance_page(self, on: bool) -> Outcome: ...


class Estate(EstateOperations, Protocol):
    """Operations, and the reads that steps need."""

    def replicas(self, component: str) -> tuple[int, int]:
        """(wanted, ready); 1 and 0 or 1 for a component that has no replicas."""
        ...

    def works(self, component: str) -> bool:
        """Whether it runs and no fault stops it."""
        ...

    def releases(self, component: str) -> tuple[EstateRelease, ...]:
        """The oldest first; the last one is current."""
        ...

    def autoscaled(self, component: str) -> tuple[int, int] | None:
        """The bounds of its autoscaler, None without one."""
        ...

    def schema(self) -> str:
        """The revision of the database's schema."""
        ...

    def schema_is_head(self) -> bool:
        """Whether there is no newer revision."""
        ...

    def backups(self) -> tuple[str, ...]:
        """Ids of the backups, the newest last."""
        ...

    def region(self) -> str: ...

    def in_maintenance(self) -> bool:
        """Whether the maintenance page is shown."""
        ...

    def connections(self) -> tuple[int, int]:
        """(used, allowed) connections of the database."""
        ...

    def queue(self) -> int:
        """Jobs that wait."""
        ...

    def hears(self, text: str) -> None:
        """A message that would have left."""
        ...


class KindActions(Protocol):
    """How one kind of step is carried out."""

    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is there before a change, in the words of the step's kind."""
        ...

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer: ...

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer: ...
