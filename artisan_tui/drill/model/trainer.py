"""RL training: steps, the reward and its spread, the KL divergence, and the checkpoints that were written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from artisan_tui.drill.model.draws import DrawStreams
from artisan_tui.drill.model.machine import approach

CHECKPOINT_STEPS: Final = 500
STEPS_PER_SECOND: Final = 500 / 1800  # 500 steps take half an hour
KL_LIMIT: Final = 0.03
REWARD_RANGE: Final = (10.0, 20.0)
_KEEP: Final = 20


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A saved policy. It is stable if its reward and its KL divergence are where they belong."""

    step: int
    reward: float
    kl: float

    @property
    def stable(self) -> bool:
        """Whether it can be loaded without bringing a runaway along."""
        return self.kl < KL_LIMIT and REWARD_RANGE[0] <= self.reward <= REWARD_RANGE[1]


def _first_checkpoints() -> list[Checkpoint]:
    return [Checkpoint(step, 14.2, 0.011) for step in (3500, 4000, 4500)]


@dataclass(slots=True)
class Trainer:
    """The training. Stopped, it keeps its last values. ``loaded`` is the checkpoint it was put back to, if any."""

    running: bool = True
    step: float = 5000.0
    learning_rate: float = 3e-4
    reward: float = 15.0
    reinforce_reward: float = 13.5  # of the second algorithm, which never runs away
    reward_std: float = 4.0
    kl: float = 0.012
    checkpoints: list[Checkpoint] = field(default_factory=_first_checkpoints)
    loaded: int | None = None

    @property
    def stable_checkpoint(self) -> int:
        """The step of the newest stable checkpoint, 0 without one."""
        return max((each.step for each in self.checkpoints if each.stable), default=0)

    def tick(self, tick: int, runaway: bool, draws: DrawStreams) -> None:
        """Train for a second."""
        if not self.running:
            return
        written = int(self.step) // CHECKPOINT_STEPS
        self.step += STEPS_PER_SECOND
        a, b, c, d = draws["training"].uniforms(tick, 4)
        tau = 10.0 if runaway else 6.0
        reward, spread, kl = (180.0, 70.0, 0.16) if runaway else (15.0, 4.0, 0.012)
        self.reward = approach(self.reward, reward + (a - 0.5) * 3.4, tau)
        self.reinforce_reward = approach(self.reinforce_reward, 13.5 + (b - 0.5) * 1.7, 6.0)
        self.reward_std = max(0.1, approach(self.reward_std, spread + (c - 0.5), tau))
        self.kl = max(0.0005, approach(self.kl, kl + (d - 0.5) * 0.0034, tau))
        if int(self.step) // CHECKPOINT_STEPS > written:
            step = int(self.step) // CHECKPOINT_STEPS * CHECKPOINT_STEPS
            self.checkpoints.append(Checkpoint(step, round(self.reward, 3), round(self.kl, 5)))
            del self.checkpoints[:-_KEEP]

    def load(self, step: int) -> Checkpoint | None:
        """Load the checkpoint of a step: what was learned since is gone. None if there is none."""
        found = next((each for each in self.checkpoints if each.step == step), None)
        if found is not None:
            self.step, self.loaded = float(step), step
            self.reward, self.reward_std, self.kl = found.reward, 4.1 if found.stable else 70.0, found.kl
            self.checkpoints = [each for each in self.checkpoints if each.step <= step]
        return found
