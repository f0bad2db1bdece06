"""Means over seeds of the stack's model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from artisan_tui.drill.model.afflictions import TRAFFIC_SURGE
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.world import World

T = TypeVar("T")
SEEDS = range(50)


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def surge(seed: int, level: float, settings: WorldSettings | None = None) -> World:
    world = World(seed, settings=settings)
    world.break_fault(TRAFFIC_SURGE, level=level)
    return world


def until(world: World, holds: Callable[[], bool], within: int = 600) -> int:
    """Run until it holds. Returns how many seconds that took."""
    start = world.tick
    while not holds():
        assert world.tick - start < within
        world.advance_to(world.tick + 1)
    return world.tick - start


def over_time(world: World, seconds: int, value: Callable[[], T]) -> list[T]:
    found = []
    for _ in range(seconds):
        world.advance_to(world.tick + 1)
        found.append(value())
    return found
