"""Operations on data: the schema, backups, regions, and the training with its checkpoints."""

from __future__ import annotations

import math

from artisan_tui.drill import faults
from artisan_tui.drill.model.afflictions import DATA_CORRUPTED
from artisan_tui.drill.model.circumstances import Present, component_ok
from artisan_tui.drill.model.database import REVISIONS
from artisan_tui.drill.model.outcome import Outcome, refused
from artisan_tui.drill.model.recovery import HOME_REGION, REGIONS, REPLICA_LAG, SWITCH_SECONDS


class DataOperations:
    """The schema, backups, regions, and training."""

    def __init__(self, world: Present) -> None:
        self._world = world

    # -- data

    def migrate(self, revision: str) -> Outcome:
        """Move the schema to a revision: ``head``, ``base``, an id, ``-1`` or ``+1``."""
        if not component_ok(self._world, "database"):
            return refused("the database refuses connections")
        database = self._world.database
        target = database.target(revision)
        if target is None:
            return refused(f'cannot find the revision "{revision}"; known: {", ".join(REVISIONS)}')
        before, steps = database.revision, target - database.applied
        database.applied = target
        return Outcome(
            True,
            f"{before} -> {database.revision}",
            {"revision": database.revision, "before": before, "steps": steps, "head": target == len(REVISIONS)},
        )

    def backup(self) -> Outcome:
        """Take a backup of the database."""
        if not component_ok(self._world, "database"):
            return refused("the database refuses connections")
        made = self._world.recovery.take(self._world.tick, self._world.database.applied)
        return Outcome(True, f"{made.id} written", {"backup": made.id, "tick": made.tick})

    def restore(self, backup_id: str) -> Outcome:
        """Put the database back to a backup. What came since is lost."""
        world = self._world
        found = next((each for each in world.recovery.backups if each.id == backup_id), None)
        if found is None:
            return refused(f'no backup "{backup_id}"; known: {", ".join(each.id for each in world.recovery.backups)}')
        lost = world.tick - found.tick
        world.recovery.restored, world.recovery.lost_seconds = found.id, lost
        world.database.applied = found.applied
        if faults.DATABASE_REFUSING in world.afflictions:
            world.mend_fault(faults.DATABASE_REFUSING)
        # What was damaged when the backup was taken is damaged again.
        world.mend_fault(DATA_CORRUPTED)
        if found.corrupted > 0.0:
            world.afflictions.begin(DATA_CORRUPTED, world.tick, 0, found.corrupted)
        world.recovery.corrupted = found.corrupted
        world.cache.flush()
        return Outcome(True, f"{found.id} restored; {lost} s of data are lost", {"backup": found.id, "lost": lost})

    def declare_disaster(self) -> Outcome:
        """Start the clock of the recovery time."""
        recovery = self._world.recovery
        if recovery.declared is None or recovery.recovered is not None:
            recovery.declared, recovery.recovered = self._world.tick, None
        return Outcome(
            True, "disaster declared", {"declared": recovery.declared, "rpo": recovery.rpo(self._world.tick)}
        )

    def switch_region(self, region: str) -> Outcome:
        """Let another region serve, after half a minute. Going away from home declares a disaster."""
        recovery = self._world.recovery
        if region not in REGIONS:
            return refused(f'no region "{region}"; known: {", ".join(REGIONS)}')
        before = recovery.region
        if region == before:
            return Outcome(True, f"{region} serves", {"region": region, "before": before, "seconds": 0})
        if region != HOME_REGION:
            if recovery.declared is None:
                recovery.declared, recovery.recovered = self._world.tick, None
            recovery.lost_seconds = REPLICA_LAG
        recovery.region, recovery.switching = region, self._world.tick + SWITCH_SECONDS
        return Outcome(True, f"{region} takes over", {"region": region, "before": before, "seconds": SWITCH_SECONDS})

    # -- training

    def trainer_stop(self) -> Outcome:
        """Stop the training."""
        trainer = self._world.trainer
        before, trainer.running = trainer.running, False
        return Outcome(True, "training stopped", {"training": False, "step": int(trainer.step), "before": before})

    def trainer_load(self, checkpoint: int) -> Outcome:
        """Load a checkpoint. A stable one ends a runaway. Refused while training runs."""
        trainer = self._world.trainer
        if trainer.running:
            return refused("stop the training before loading a checkpoint")
        before, found = int(trainer.step), trainer.load(checkpoint)
        if found is None:
            known = ", ".join(str(each.step) for each in trainer.checkpoints)
            return refused(f"no checkpoint {checkpoint}; known: {known}")
        if found.stable:
            self._world.mend_fault(faults.REWARD_RUNAWAY)
        return Outcome(True, f"checkpoint {checkpoint} loaded", {"step": checkpoint, "before": before})

    def trainer_start(self, learning_rate: float | None = None) -> Outcome:
        """Train with that learning rate, or with the last one."""
        trainer = self._world.trainer
        if learning_rate is not None and not (math.isfinite(learning_rate) and 0.0 < learning_rate <= 1.0):
            return refused("the learning rate must be above 0 and at most 1")
        before, trainer.running = trainer.running, True
        trainer.learning_rate = trainer.learning_rate if learning_rate is None else learning_rate
        return Outcome(
            True,
            "training runs",
            {"training": True, "step": int(trainer.step), "learning_rate": trainer.learning_rate, "before": before},
        )
