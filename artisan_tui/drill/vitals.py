"""The slowly changing quantities: queue, disk, memory, CPU, cache warmth and RL training.

Each approaches a target exponentially, computed exactly for any step, so that recovery takes seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import Final

QUEUE_LIMIT: Final = 5000.0  # jobs; the broker drops more
JOBS_PER_SECOND: Final = 6.0
JOBS_PER_WORKER: Final = 8.0
CHECKPOINT_STEPS: Final = 500
STEPS_PER_SECOND: Final = 500 / 1800  # 500 steps take half an hour
HIT_RATIO: Final = 0.92  # of a warm cache


def relax(value: float, target: float, tau: float, seconds: float) -> float:
    """``value`` after ``seconds`` of exponential approach to ``target`` with time constant ``tau`` (s)."""
    return target + (value - target) * math.exp(-seconds / tau)


@dataclass(frozen=True, slots=True)
class Targets:
    """The current targets. ``arrivals`` and ``drain`` are jobs/s, ratios are 0 to 1."""

    arrivals: float
    drain: float
    disk: float
    memory: float
    cpu: float
    warmth: float
    runaway: bool


@dataclass(slots=True)
class Training:
    """The metrics of RL training. Stopped training keeps its last values."""

    running: bool = True
    step: float = 5000.0
    learning_rate: float = 3e-4
    reward: float = 15.0
    reinforce_reward: float = 13.5  # of the second algorithm, which never runs away
    reward_std: float = 4.0
    kl: float = 0.012
    stable_checkpoint: int = 4500

    def advance(self, seconds: float, runaway: bool, rng: Random) -> None:
        """Train for ``seconds``."""
        if not self.running:
            return
        self.step += seconds * STEPS_PER_SECOND
        tau = 10.0 if runaway else 6.0
        target = (180.0, 70.0, 0.16) if runaway else (15.0, 4.0, 0.012)
        self.reward = relax(self.reward, target[0] + rng.gauss(0, 1.0), tau, seconds)
        self.reinforce_reward = relax(self.reinforce_reward, 13.5 + rng.gauss(0, 0.5), 6.0, seconds)
        self.reward_std = max(0.1, relax(self.reward_std, target[1] + rng.gauss(0, 0.3), tau, seconds))
        self.kl = max(0.0005, relax(self.kl, target[2] + rng.gauss(0, 0.001), tau, seconds))
        if not runaway:
            # The newest checkpoint is not proven yet, so the one before is the stable one.
            self.stable_checkpoint = max(0, (int(self.step) // CHECKPOINT_STEPS - 1) * CHECKPOINT_STEPS)

    def load_checkpoint(self) -> int:
        """Load the last stable checkpoint. Returns its step."""
        self.step = float(self.stable_checkpoint)
        self.reward, self.reward_std, self.kl = 14.2, 4.1, 0.011
        return self.stable_checkpoint


@dataclass(slots=True)
class Vitals:
    """The state of the slowly changing quantities."""

    queue: float = 3.0
    disk: float = 0.61
    memory: float = 0.58
    cpu: float = 0.34
    warmth: float = 1.0  # of the cache, 0 to 1
    warming: bool = False  # set by the lever: faster than by traffic alone
    training: Training = field(default_factory=Training)

    @property
    def hit_ratio(self) -> float:
        """The share of cache lookups that hit, 0 to 1."""
        return HIT_RATIO * self.warmth

    def advance(self, seconds: float, targets: Targets, rng: Random) -> None:
        """Approach the targets for ``seconds``."""
        grown = self.queue + (targets.arrivals - targets.drain) * seconds
        # A healthy queue is not empty: a few jobs are always in it.
        self.queue = min(QUEUE_LIMIT, max(grown, rng.uniform(0, 5) if targets.arrivals > 0 else 0.0))
        self.disk = relax(self.disk, targets.disk, 8.0, seconds)
        self.memory = relax(self.memory, targets.memory, 5.0, seconds)
        self.cpu = min(1.0, max(0.01, relax(self.cpu, targets.cpu + rng.gauss(0, 0.01), 3.0, seconds)))
        cooling = targets.warmth < self.warmth
        self.warmth = relax(self.warmth, targets.warmth, 2.0 if cooling or self.warming else 15.0, seconds)
        if self.warmth > 0.98:
            self.warming = False
        self.training.advance(seconds, targets.runaway, rng)
