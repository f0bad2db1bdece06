"""The whole state of the world as plain JSON values in a fixed order: what a rollback is compared with."""

from __future__ import annotations

from artisan_tui.drill.model.circumstances import Present


def state_of(world: Present) -> dict[str, object]:
    """Settings, faults and versions. What traffic, training and time alone change is under ``traffic``.

    The histories of releases, backups and restarts only grow, whatever a rollback does, and are there too.
    """
    releases, recovery, trainer = world.releases, world.recovery, world.trainer
    return {
        "seed": world.seed,
        "faults": world.afflictions.state(),
        **world.fleet.state(),
        **world.routing.state(),
        "autoscalers": {
            name: [each.minimum, each.maximum, each.target] for name, each in sorted(world.autoscalers.items())
        },
        "cache": {"bypass": world.cache_bypassed},
        "retries": {"most": world.retries.most, "budget": world.retries.budget},
        "traffic_limit": world.traffic_limit,
        "maintenance_page": world.maintenance,
        "release": {"version": releases.stable, "canary": releases.canary, "share": releases.share},
        "versions": {name: history[-1].version for name, history in sorted(releases.others.items())},
        "schema": world.database.revision,
        "region": {"serves": recovery.region, "switching": recovery.switching is not None},
        "restored": recovery.restored,
        "trainer": {"running": trainer.running, "learning_rate": trainer.learning_rate, "loaded": trainer.loaded},
        "traffic": {
            "tick": world.tick,
            "counters": world.counters.state(),
            "waiting": world.line.waiting,
            "wait": world.line.station.wait,
            "retries": [[lot.kind, lot.attempt, lot.n] for lot in world.retries.pending],
            "cache": {
                "hit_ratio": world.cache.hit_ratio,
                "warmed": world.cache.warmed,
                "hits": world.cache.hits_total,
                "lookups": world.cache.lookups_total,
            },
            "pool": [world.database.pool.waiting, world.database.pool.wait],
            "queue": [world.jobs.backlog, world.jobs.in_hand, world.jobs.dropped],
            "training": [trainer.step, trainer.reward, trainer.reward_std, trainer.kl],
            "checkpoints": [[each.step, each.reward, each.kl, each.stable] for each in trainer.checkpoints],
            "machine": [world.machine.disk, world.machine.memory, world.machine.demand],
            "started": dict(sorted(world.fleet.up_since.items())),
            "revisions": [[each.number, each.version] for each in releases.history],
            "backups": [[each.id, each.tick] for each in recovery.backups],
            "disaster": [recovery.declared, recovery.recovered, recovery.lost_seconds],
        },
    }
