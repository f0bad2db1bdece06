"""Which model serves a mode, given the downshifts and circuit breakers; and the breakers themselves."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

MODELS: Final = ("qwen", "mistral", "llama")
MODES: Final = ("fast", "balanced", "creative")  # from the lowest to the highest quality
HOME: Final = {"fast": "llama", "balanced": "mistral", "creative": "qwen"}
#: The breaker of the connectors to the customers' systems.
CONNECTOR: Final = "mcp"
# The models to try in order; those with an open breaker are skipped.
_FALLBACKS: Final = {
    "qwen": ("qwen", "mistral", "llama"),
    "mistral": ("mistral", "llama"),
    "llama": ("llama", "mistral"),
}


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When a breaker opens: ``share`` of at least ``minimum`` calls in ``window`` s failed. Then it lets nothing
    through for ``pause`` s, and closes after ``probes`` good calls in a row, one a second.
    """

    window: int = 10
    minimum: int = 20
    share: float = 0.5
    pause: int = 30
    probes: int = 3


@dataclass(slots=True)
class Breaker:
    """One circuit breaker. ``state`` is closed, open or half-open; one that was ``forced`` open stays so."""

    rules: BreakerRules
    state: str = "closed"
    forced: bool = False
    until: int = 0
    good_probes: int = 0
    _calls: deque[tuple[int, int, int]] = field(default_factory=deque)  # (tick, calls, failed)
    _sum: list[int] = field(default_factory=lambda: [0, 0])

    def force(self, opened: bool) -> None:
        """Open or close it by hand."""
        self.state, self.forced, self.good_probes = "open" if opened else "closed", opened, 0
        self._forget()

    def _forget(self) -> None:
        self._calls.clear()
        self._sum = [0, 0]

    def tick(self, tick: int) -> None:
        """An opened breaker tries again after its pause."""
        if self.state == "open" and not self.forced and tick >= self.until:
            self.state, self.good_probes = "half-open", 0

    def record(self, tick: int, calls: int, failed: int) -> None:
        """Count the calls of a second, and open or close."""
        if self.state == "half-open":
            if failed:
                self._open(tick)
            elif calls:
                self.good_probes += 1
                if self.good_probes >= self.rules.probes:
                    self.state = "closed"
            return
        if self.state == "open":
            return
        if calls:
            self._calls.append((tick, calls, failed))
            self._sum[0] += calls
            self._sum[1] += failed
        while self._calls and self._calls[0][0] <= tick - self.rules.window:
            _, old, bad = self._calls.popleft()
            self._sum[0] -= old
            self._sum[1] -= bad
        if self._sum[0] >= self.rules.minimum and self._sum[1] >= self.rules.share * self._sum[0]:
            self._open(tick)

    def _open(self, tick: int) -> None:
        self.state, self.until = "open", tick + self.rules.pause
        self._forget()


@dataclass(frozen=True, slots=True)
class Route:
    """``model`` serves ``mode`` like ``served_as``. It is None if all candidates' breakers are open."""

    mode: str
    served_as: str
    model: str | None
    rejected: tuple[str, ...]


class Routing:
    """The breakers and the downshifts."""

    def __init__(self, rules: BreakerRules) -> None:
        self.breakers = {name: Breaker(rules) for name in (*MODELS, CONNECTOR)}
        self.downshifts: dict[str, str] = {}

    @property
    def open_breakers(self) -> set[str]:
        """Whose breakers let no ordinary call through."""
        return {name for name, each in self.breakers.items() if each.state != "closed"}

    def served_as(self, mode: str) -> str:
        """The mode as which a mode is served."""
        while mode in self.downshifts:  # ends, because a downshift always leads to a lower mode
            mode = self.downshifts[mode]
        return mode

    def route(self, mode: str) -> Route:
        """How a request of ``mode`` is served now."""
        served_as = self.served_as(mode)
        rejected: list[str] = []
        for model in _FALLBACKS[HOME[served_as]]:
            if self.breakers[model].state == "closed":
                return Route(mode, served_as, model, tuple(rejected))
            rejected.append(model)
        return Route(mode, served_as, None, tuple(rejected))

    def probed(self, mode: str) -> str | None:
        """The model that a call of ``mode`` tries once a second, because its breaker is half open."""
        model = HOME[self.served_as(mode)]
        return model if self.breakers[model].state == "half-open" else None

    def state(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "breakers": {name: [each.state, each.forced] for name, each in self.breakers.items()},
            "downshifts": dict(sorted(self.downshifts.items())),
        }
