"""The estate of acts: the model's world, its operations and the reads that steps need."""

from __future__ import annotations

from typing import Any, Final

from artisan_tui.drill.actions.ledger import ActLedger
from artisan_tui.drill.actions.protocol import EstateRelease
from artisan_tui.drill.model.database import REVISIONS
from artisan_tui.drill.model.outcome import Outcome
from artisan_tui.drill.stack import MAX_CONNECTIONS, SimulatedStack

_MODELS: Final = ("qwen", "mistral", "llama")
#: What only grows, what time and traffic alone change, and what is broken: nothing that an operator set.
_KEPT: Final = ("seed", "faults", "restarting", "restored", "traffic")


class StackEstate:
    """See `protocol.Estate`. The caller has advanced the stack."""

    def __init__(self, stack: SimulatedStack, ledger: ActLedger) -> None:
        self._stack, self._ledger = stack, ledger
        self._world, self._operate = stack.world, stack.world.operate

    # -- reads

    def replicas(self, component: str) -> tuple[int, int]:
        fleet = self._world.fleet
        if component in fleet.wanted:
            return fleet.wanted[component], fleet.ready(component)
        return 1, int(fleet.running(component))

    def works(self, component: str) -> bool:
        if component in _MODELS:
            return self._stack.model_problem(component) is None
        return self._stack.component_ok(component)

    def releases(self, component: str) -> tuple[EstateRelease, ...]:
        releases = self._world.releases
        known = releases.history if component == "app" else releases.others.get(component, [])
        return tuple(
            EstateRelease(each.number, f"v{each.version}", "deployed" if each is known[-1] else "superseded")
            for each in known
        )

    def autoscaled(self, component: str) -> tuple[int, int] | None:
        found = self._world.autoscalers.get(component)
        return None if found is None else (found.minimum, found.maximum)

    def schema(self) -> str:
        return self._world.database.revision

    def schema_is_head(self) -> bool:
        return self._world.database.applied == len(REVISIONS)

    def backups(self) -> tuple[str, ...]:
        return tuple(each.id for each in self._world.recovery.backups)

    def region(self) -> str:
        return self._world.recovery.region

    def in_maintenance(self) -> bool:
        return self._world.maintenance

    def connections(self) -> tuple[int, int]:
        return self._stack.database_connections, MAX_CONNECTIONS

    def queue(self) -> int:
        return self._stack.queue_length

    def hears(self, text: str) -> None:
        self._ledger.send(text)

    def state(self) -> dict[str, Any]:
        """Everything that an operator sets, as plain values in a fixed order; the rest is under ``kept``."""
        found: dict[str, Any] = dict(self._world.state())
        kept = {name: found.pop(name) for name in _KEPT}
        kept["loaded"] = found["trainer"].pop("loaded")
        return {**found, "kept": {**kept, "sent": len(self._ledger.sent)}}

    # -- operations

    def scale(self, component: str, replicas: int) -> Outcome:
        return self._operate.scale(component, replicas)

    def restart(self, component: str) -> Outcome:
        return self._operate.restart(component)

    def stop(self, component: str) -> Outcome:
        return self._operate.stop(component)

    def start(self, component: str) -> Outcome:
        return self._operate.start(component)

    def deploy(self, component: str, version: str, share: float = 1.0) -> Outcome:
        return self._operate.deploy(component, version, share)

    def promote(self, component: str) -> Outcome:
        return self._operate.promote(component)

    def rollback(self, component: str, revision: int | None = None) -> Outcome:
        return self._operate.rollback(component, revision)

    def migrate(self, revision: str) -> Outcome:
        return self._operate.migrate(revision)

    def backup(self) -> Outcome:
        return self._operate.backup()

    def restore(self, backup_id: str) -> Outcome:
        return self._operate.restore(backup_id)

    def switch_region(self, region: str) -> Outcome:
        return self._operate.switch_region(region)

    def maintenance_page(self, on: bool) -> Outcome:
        return self._operate.maintenance_page(on)
