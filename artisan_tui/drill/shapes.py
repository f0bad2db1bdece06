"""The shapes in which the stack answers: those of the servers that really run, and that of the operations guide.

A shape decides which pages there are, what their bodies look like and which series the metrics have. What happens in
the stack is the same in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shape:
    """One server's answers.

    - ``pages``: the health pages there are; any other is a 404.
    - ``garbled``: the page that the fault `garbage` damages.
    - ``brief_bounds``: upper bounds of the buckets of a brief's latency, in seconds.
    - ``algorithms``: the values of the label ``algorithm`` of the training metrics; empty for metrics without it.
    - ``lookups``: the cache counts its lookups. Otherwise it counts misses, and has a label.
    - ``spread``: there is a standard deviation of the reward.
    """

    id: str
    pages: frozenset[str]
    garbled: str
    brief_bounds: tuple[float, ...] = (0.5, 1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)
    algorithms: tuple[str, ...] = ("PPO", "REINFORCE")
    lookups: bool = False
    spread: bool = False


_MODELS: Final = ("/health/llm", "/health/llm/all", "/health/ready", "/health/live")

APP: Final = Shape("app", frozenset({"/health", *_MODELS}), "/health/ready")
SMALL: Final = Shape("small", frozenset({"/health"}), "/health")
KRA: Final = Shape("kra", frozenset({"/health", "/health/detailed"}), "/health/detailed")
SEEDS: Final = Shape(
    "seeds",
    frozenset({"/health", "/health/detailed", "/version", *_MODELS}),
    "/version",
    brief_bounds=(0.5, 1.0, 1.5, 2.0, 2.5, 3.2, 4.0, 4.5, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0),
    algorithms=(),
    lookups=True,
    spread=True,
)

SHAPES: Final = {shape.id: shape for shape in (APP, SMALL, KRA, SEEDS)}
