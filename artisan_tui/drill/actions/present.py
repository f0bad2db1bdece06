"""The estate of acts on the stack as it is: replicas, restarts, breakers and modes are the stack's own.

Releases, the schema, backups, regions and the maintenance page are only remembered here: they have no effect on traffic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from artisan_tui.drill import faults
from artisan_tui.drill.actions.ledger import ActLedger
from artisan_tui.drill.actions.protocol import OperationValue, Release
from artisan_tui.drill.fleet import MAX_REPLICAS, RESTART_SECONDS
from artisan_tui.drill.stack import MAX_CONNECTIONS, SimulatedStack

#: Revisions of the schema, the oldest first; the second one is in force at the start.
SCHEMAS: Final = ("1f2e3d4c5b6a", "4c5b6a798081", "7d8e9fa0b1c2")
REGIONS: Final = ("primary", "standby")


@dataclass(frozen=True, slots=True)
class OperationOutcome:
    ok: bool
    output: str
    values: Mapping[str, OperationValue] = field(default_factory=dict)


def _done(output: str, **values: OperationValue) -> OperationOutcome:
    return OperationOutcome(True, output, values)


def _refused(output: str) -> OperationOutcome:
    return OperationOutcome(False, output)


class StackEstate:
    """See `protocol.Estate`. The caller has advanced the stack."""

    def __init__(self, stack: SimulatedStack, ledger: ActLedger) -> None:
        self._stack, self._ledger = stack, ledger
        first = (Release(1, "v0.1.0", "superseded"), Release(2, "v0.2.0", "deployed"))
        self._releases: dict[str, tuple[Release, ...]] = {"app": first, "qwen": first}
        self._shares: dict[str, float] = {}
        self._stopped: dict[str, int] = {}  # component -> replicas that it had
        self._schema = SCHEMAS[1]
        self._backups: dict[str, str] = {"backup-0001": SCHEMAS[1]}
        self._region, self._maintenance = REGIONS[0], False

    # -- reads

    def replicas(self, component: str) -> tuple[int, int]:
        fleet = self._stack.fleet
        if component in fleet.wanted:
            return fleet.wanted[component], fleet.ready(component)
        there = 0 if component in self._stopped else 1
        return there, int(there and fleet.running(component))

    def works(self, component: str) -> bool:
        if component in self._stopped:
            return False
        if component in ("qwen", "mistral", "llama"):
            return self._stack.model_problem(component) in (None, "breaker")
        return component == "proxy" or self._stack.component_ok(component)

    def releases(self, component: str) -> tuple[Release, ...]:
        return self._releases.get(component, ())

    def autoscaled(self, component: str) -> tuple[int, int] | None:
        return None

    def schema(self) -> str:
        return self._schema

    def schema_is_head(self) -> bool:
        return self._schema == SCHEMAS[-1]

    def backups(self) -> tuple[str, ...]:
        return tuple(self._backups)

    def region(self) -> str:
        return self._region

    def in_maintenance(self) -> bool:
        return self._maintenance

    def connections(self) -> tuple[int, int]:
        return self._stack.database_connections, MAX_CONNECTIONS

    def queue(self) -> int:
        return round(self._stack.vitals.queue)

    def hears(self, text: str) -> None:
        self._ledger.send(text)

    def state(self) -> dict[str, Any]:
        """Everything that an operator sets, as plain values in a fixed order. What only grows is under ``kept``."""
        stack = self._stack
        training = stack.vitals.training
        return {
            "replicas": dict(sorted(stack.fleet.wanted.items())),
            "stopped": sorted(self._stopped),
            "breakers": sorted(stack.routing.open_breakers),
            "downshifts": dict(sorted(stack.routing.downshifts.items())),
            "cache": {"bypass": stack.cache_bypassed},
            "training": {"running": training.running, "learning_rate": training.learning_rate},
            "versions": {name: found[-1].version for name, found in sorted(self._releases.items())},
            "shares": dict(sorted(self._shares.items())),
            "schema": self._schema,
            "region": self._region,
            "maintenance": self._maintenance,
            "kept": {"backups": list(self._backups), "sent": len(self._ledger.sent)},
        }

    # -- operations

    def scale(self, component: str, replicas: int) -> OperationOutcome:
        if component not in self._stack.fleet.wanted or not 0 <= replicas <= MAX_REPLICAS:
            return _refused(f"{component} cannot have {replicas} replicas")
        before = self._stack.fleet.wanted[component]
        self._stack.fleet.scale(component, replicas)
        return _done(f"{component}: {replicas} instead of {before}", replicas=replicas, before=before)

    def restart(self, component: str) -> OperationOutcome:
        if component in RESTART_SECONDS:
            self._stack.fleet.restart(component, self._stack.now)
        return _done(f"{component} restarts")

    def stop(self, component: str) -> OperationOutcome:
        if component not in self._stopped:
            self._stopped[component] = self._stack.fleet.wanted.get(component, 1)
            if component in self._stack.fleet.wanted:
                self._stack.fleet.scale(component, 0)
        return _done(f"{component} is stopped")

    def start(self, component: str) -> OperationOutcome:
        replicas = self._stopped.pop(component, None)
        if replicas is not None and component in self._stack.fleet.wanted:
            self._stack.fleet.scale(component, replicas)
        return _done(f"{component} runs")

    def deploy(self, component: str, version: str, share: float = 1.0) -> OperationOutcome:
        found = self._releases.get(component)
        if not found or not version or not 0 < share <= 1:
            return _refused(f"{component} cannot be deployed as {version!r}")
        latest = found[-1]
        new = Release(latest.revision + 1, version, "deployed")
        self._releases[component] = (*found[:-1], replace(latest, status="superseded"), new)
        self._share(component, share)
        if version != "v0.2.0":
            self._stack.broken.pop(faults.ERRORS_5XX, None)
        return _done(f"{component} is {version} for {share:.0%} of the traffic", revision=new.revision)

    def promote(self, component: str) -> OperationOutcome:
        self._share(component, 1.0)
        return _done(f"all traffic of {component} goes to {self._releases[component][-1].version}")

    def rollback(self, component: str, revision: int | None = None) -> OperationOutcome:
        found = self._releases.get(component, ())
        wanted = [each for each in found if each.revision == revision] if revision else found[:-1]
        if not wanted:
            return _refused(f"{component} has no revision {revision or 'before this'}")
        return self.deploy(component, wanted[-1].version)

    def migrate(self, revision: str) -> OperationOutcome:
        wanted = SCHEMAS[-1] if revision == "head" else revision
        if wanted not in SCHEMAS:
            return _refused(f"Can't locate revision identified by '{revision}'")
        before, self._schema = self._schema, wanted
        return _done(f"{before} -> {wanted}", before=before, revision=wanted)

    def backup(self) -> OperationOutcome:
        name = f"backup-{len(self._backups) + 1:04}"
        self._backups[name] = self._schema
        return _done(name, backup=name)

    def restore(self, backup_id: str) -> OperationOutcome:
        if backup_id not in self._backups:
            return _refused(f"there is no backup {backup_id}")
        self._schema = self._backups[backup_id]
        self._stack.broken.pop(faults.DATABASE_REFUSING, None)
        return _done(f"restored {backup_id}", backup=backup_id)

    def switch_region(self, region: str) -> OperationOutcome:
        if region not in REGIONS:
            return _refused(f"there is no region {region}: there are {', '.join(REGIONS)}")
        before, self._region = self._region, region
        return _done(f"traffic goes to {region}", before=before)

    def maintenance_page(self, on: bool) -> OperationOutcome:
        before, self._maintenance = self._maintenance, on
        return _done(f"the maintenance page is {'on' if on else 'off'}", before=before)

    def _share(self, component: str, share: float) -> None:
        if share < 1:
            self._shares[component] = share
        else:
            self._shares.pop(component, None)
