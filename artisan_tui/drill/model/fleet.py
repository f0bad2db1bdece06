"""The components: replicas, restarts, stops and start times. Times are ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

RESTART_SECONDS: Final = {
    "app": 2,
    "worker-llm": 2,
    "worker-rl": 2,
    "qwen": 3,
    "mistral": 2,
    "llama": 2,
    "redis": 2,
    "database": 3,
    "proxy": 1,
}
DEFAULT_REPLICAS: Final = {"app": 3, "worker-llm": 2, "worker-rl": 1}
MAX_REPLICAS: Final = 50
#: How many replicas become ready in a second.
STARTS_PER_SECOND: Final = {"app": 2.0, "worker-llm": 1.0, "worker-rl": 1.0}
#: What the documents call the components.
ALIASES: Final = {
    "api": "app",
    "artisan-api": "app",
    "postgres": "database",
    "postgresql": "database",
    "qwen-llm": "qwen",
    "mistral-llm": "mistral",
    "llama-llm": "llama",
    "nginx": "proxy",
    "worker": "worker-llm",
}


def component_named(name: str) -> str:
    """The component of that name or alias."""
    return ALIASES.get(name, name)


@dataclass(slots=True)
class Fleet:
    """New replicas become ready one after the other; removed ones stop at once."""

    wanted: dict[str, int] = field(default_factory=lambda: dict(DEFAULT_REPLICAS))
    restarting: dict[str, int] = field(default_factory=dict)  # component -> tick at which it is back
    stopped: set[str] = field(default_factory=set)
    up_since: dict[str, int] = field(default_factory=dict)
    _ready: dict[str, float] = field(default_factory=lambda: {k: float(v) for k, v in DEFAULT_REPLICAS.items()})

    def ready(self, component: str) -> int:
        """Replicas that accept work: 0 while it is stopped or restarts."""
        if component in self.restarting or component in self.stopped:
            return 0
        return math.floor(self._ready[component] + 1e-9)

    def running(self, component: str) -> bool:
        """Whether the component runs. Faults are not considered."""
        if component in self.restarting or component in self.stopped:
            return False
        return component not in self.wanted or self.ready(component) > 0

    def since(self, component: str) -> int:
        """The tick of its last start."""
        return self.up_since.get(component, 0)

    def scale(self, component: str, replicas: int) -> None:
        """Set the wanted number of replicas."""
        self.wanted[component] = replicas
        self._ready[component] = min(self._ready[component], float(replicas))

    def restart(self, component: str, tick: int) -> int:
        """Start a restart, unless one is running. Returns the seconds until it ends."""
        self.stopped.discard(component)
        return self.restarting.setdefault(component, tick + RESTART_SECONDS[component]) - tick

    def stop(self, component: str) -> None:
        """Stop a component until it is started."""
        self.restarting.pop(component, None)
        self.stopped.add(component)

    def tick(self, tick: int) -> list[str]:
        """Start replicas, and finish the restarts that are due. Returns the components that are back."""
        for component, wanted in self.wanted.items():
            ready = self._ready[component]
            if ready < wanted:
                self._ready[component] = min(float(wanted), ready + STARTS_PER_SECOND[component])
        if not self.restarting:
            return []
        back = sorted(name for name, until in self.restarting.items() if until <= tick)
        for name in back:
            self.up_since[name] = self.restarting.pop(name)
        return back

    def state(self) -> dict[str, object]:
        """What operators set, as JSON values."""
        return {
            "replicas": {name: [wanted, self.ready(name)] for name, wanted in sorted(self.wanted.items())},
            "restarting": sorted(self.restarting),
            "stopped": sorted(self.stopped),
        }
