"""The components: replicas, restarts and start times."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

RESTART_SECONDS: Final = {
    "app": 1.5,
    "worker-llm": 2.0,
    "worker-rl": 2.0,
    "qwen": 3.0,
    "mistral": 2.0,
    "llama": 2.0,
    "redis": 2.0,
    "database": 3.0,
}
DEFAULT_REPLICAS: Final = {"app": 3, "worker-llm": 2, "worker-rl": 1}
MAX_REPLICAS: Final = 50


@dataclass(slots=True)
class Fleet:
    """Times are seconds of the stack. New replicas become ready at one per second; removed ones stop at once."""

    started: float
    wanted: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_REPLICAS))
    _ready: dict[str, float] = field(default_factory=lambda: {k: float(v) for k, v in DEFAULT_REPLICAS.items()})
    restarting: dict[str, float] = field(default_factory=dict)  # component -> time at which it is back
    up_since: dict[str, float] = field(default_factory=dict)

    def ready(self, component: str) -> int:
        """Replicas that accept work: 0 during a restart."""
        return 0 if component in self.restarting else math.floor(self._ready[component] + 1e-9)

    def running(self, component: str) -> bool:
        """Whether the component runs. Faults are not considered."""
        return component not in self.restarting and (component not in self.wanted or self.ready(component) > 0)

    def since(self, component: str) -> float:
        """The time of its last start."""
        return self.up_since.get(component, self.started)

    def scale(self, component: str, replicas: int) -> None:
        """Set the wanted number of replicas."""
        self.wanted[component] = replicas
        self._ready[component] = min(self._ready[component], float(replicas))

    def restart(self, component: str, now: float) -> float:
        """Start a restart, unless one is running. Returns the seconds until it ends."""
        return self.restarting.setdefault(component, now + RESTART_SECONDS[component]) - now

    def next_return(self) -> float:
        """The time at which the next restart ends; infinity if there is none."""
        return min(self.restarting.values(), default=math.inf)

    def returned(self, now: float) -> list[str]:
        """Finish the restarts that are due, and return their components."""
        back = sorted(name for name, until in self.restarting.items() if until <= now)
        for name in back:
            self.up_since[name] = self.restarting.pop(name)
        return back

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        for component, wanted in self.wanted.items():
            self._ready[component] = min(float(wanted), self._ready[component] + seconds)
